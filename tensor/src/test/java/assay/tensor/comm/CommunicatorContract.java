package assay.tensor.comm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import assay.tensor.DType;
import assay.tensor.Device;
import assay.tensor.Tensor;
import assay.tensor.TensorArena;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every {@link Communicator} promises. */
abstract class CommunicatorContract {
  static final int PART = 5;

  interface RankBody {
    void run(Communicator ranks, Device device, TensorArena arena);
  }

  /** Runs the body on so many ranks at once. */
  abstract void onRanks(int size, RankBody body) throws Exception;

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void ranksKnowTheirNumber(int size) throws Exception {
    boolean[] seen = new boolean[size];
    onRanks(
        size,
        (ranks, device, arena) -> {
          assertEquals(size, ranks.size());
          seen[ranks.rank()] = true;
        });
    for (boolean rank : seen) {
      assertEquals(true, rank);
    }
  }

  /** Element i of rank r: different everywhere, and exact in every sum. */
  private static float[] values(int rank, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = 100 * rank + i;
    }
    return values;
  }

  private static float[] sums(int size, int start, int count) {
    float[] sums = new float[count];
    for (int rank = 0; rank < size; rank++) {
      float[] of = values(rank, start + count);
      for (int i = 0; i < count; i++) {
        sums[i] += of[start + i];
      }
    }
    return sums;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void allReduceAddsUp(int size) throws Exception {
    onRanks(
        size,
        (ranks, device, arena) -> {
          Tensor x = arena.empty(DType.F32, PART).copyFrom(values(ranks.rank(), PART));
          ranks.allReduce(x).await();
          assertArrayEquals(sums(size, 0, PART), x.toFloats());
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void reduceScatterAddsEachRanksShareOfTheSum(int size) throws Exception {
    onRanks(
        size,
        (ranks, device, arena) -> {
          Tensor whole =
              arena.empty(DType.F32, size * PART).copyFrom(values(ranks.rank(), size * PART));
          Tensor part = arena.zeros(DType.F32, PART);
          ranks.reduceScatter(whole, part).await();
          assertArrayEquals(sums(size, ranks.rank() * PART, PART), part.toFloats());
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void allGatherPutsThePartsInTheRanksOrder(int size) throws Exception {
    onRanks(
        size,
        (ranks, device, arena) -> {
          Tensor part = arena.empty(DType.F32, PART).copyFrom(values(ranks.rank(), PART));
          Tensor whole = arena.empty(DType.F32, size, PART);
          ranks.allGather(part, whole).await();
          for (int rank = 0; rank < size; rank++) {
            assertArrayEquals(values(rank, PART), whole.rows(rank, rank + 1).toFloats());
          }
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void broadcastGivesAllTheRootsTensor(int size) throws Exception {
    onRanks(
        size,
        (ranks, device, arena) -> {
          Tensor x = arena.empty(DType.F32, PART).copyFrom(values(ranks.rank(), PART));
          ranks.broadcast(x, size - 1).await();
          ranks.barrier();
          assertArrayEquals(values(size - 1, PART), x.toFloats());
        });
  }

  @Test
  void partsThatDoNotMakeTheWholeAreRefused() throws Exception {
    onRanks(
        1,
        (ranks, device, arena) ->
            assertThrows(
                IllegalArgumentException.class,
                () ->
                    ranks.allGather(
                        arena.zeros(DType.F32, PART), arena.zeros(DType.F32, PART + 1))));
  }
}
