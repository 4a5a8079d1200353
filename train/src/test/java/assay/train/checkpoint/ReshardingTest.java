package assay.train.checkpoint;

import assay.testing.crash.CrashFileSystem;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterContainer;

class ReshardingTest {
  private static final TestState STATE = new TestState();

  @AfterContainer
  static void close() {
    STATE.close();
  }

  @Property(tries = 200)
  void anyNumberOfRanksLoadsWhatAnyOtherNumberSaved(
      @ForAll @IntRange(min = 1, max = 9) int savers,
      @ForAll @IntRange(min = 1, max = 9) int loaders,
      @ForAll @IntRange(min = 1, max = 20) int eighths) {
    CheckpointFolder folder =
        CheckpointFolder.at(new CrashFileSystem().getPath("/checkpoints"), 8 * eighths);
    STATE.save(folder, 7, savers);
    STATE.set(-1);
    for (int rank = 0; rank < loaders; rank++) {
      try (CheckpointReader checkpoint = folder.newest().orElseThrow()) {
        STATE.rows(rank, loaders).forEach(checkpoint::read);
      }
    }
    STATE.assertIs(7);
  }

  @Property(tries = 100)
  void anyRowsCanBeReadAndNoOthersChange(
      @ForAll @IntRange(min = 1, max = 4) int savers,
      @ForAll @IntRange(max = 7) int first,
      @ForAll @IntRange(max = 7) int second) {
    CheckpointFolder folder =
        CheckpointFolder.at(new CrashFileSystem().getPath("/checkpoints"), TestState.BLOCK_BYTES);
    STATE.save(folder, 7, savers);
    TensorRows matrix = STATE.tensors().getFirst();
    TensorRows rows = TestState.cut(matrix, Math.min(first, second), Math.max(first, second));
    rows.values().device().backend().fill(rows.values(), -1);
    try (CheckpointReader checkpoint = folder.newest().orElseThrow()) {
      checkpoint.read(rows);
    }
    STATE.assertIs(7);
  }
}
