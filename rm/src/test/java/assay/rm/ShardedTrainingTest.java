package assay.rm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A run on several ranks is the run on one rank. */
class ShardedTrainingTest {
  private static final String MODEL = "golden/qwen3";
  private static final String[] RUN = {
    "training.micro_batch_tokens=150", "data.eval_fraction=0.2", "training.eval_every=2"
  };

  @TempDir private static Path shared;

  private static TinyRun runs;

  @BeforeAll
  static void trainOnOneRank() {
    runs = new TinyRun(shared);
    TinyRun.train(runs.recipe(MODEL, "one", RUN), 2, () -> false);
  }

  @ParameterizedTest
  @CsvSource({
    "2, 0", "2, 1", "2, 2", "2, 3", "4, 0", "4, 1", "4, 2", "4, 3", "3, 0", "3, 3", "1, 1", "1, 2",
    "1, 3"
  })
  void allNumbersAndFilesAreTheSameToTheLastBit(int numRanks, int stage) throws IOException {
    String output = "ranks-%d-stage-%d".formatted(numRanks, stage);
    train(output, numRanks, "distributed.zero_stage=" + stage);
    assertEquals(TinyRun.numbers(shared.resolve("one")), TinyRun.numbers(shared.resolve(output)));
    for (String file : List.of("model.safetensors", "config.json", "assay.json")) {
      Path model = Path.of("model", file);
      assertArrayEquals(
          Files.readAllBytes(shared.resolve("one").resolve(model)),
          Files.readAllBytes(shared.resolve(output).resolve(model)),
          file);
    }
  }

  /** Without it a layer's weights stay gathered from its forward to its backward. */
  @Test
  void stageThreeNeedsNoGradientCheckpointing() throws IOException {
    train("uncheckpointed", 2, "distributed.zero_stage=3", "training.gradient_checkpointing=false");
    assertEquals(
        TinyRun.numbers(shared.resolve("one")), TinyRun.numbers(shared.resolve("uncheckpointed")));
  }

  @ParameterizedTest
  @CsvSource({"2, 0", "2, 1", "4, 0", "4, 1"})
  void theFastOrderDiffersByRounding(int numRanks, int stage) throws IOException {
    String output = "fast-%d-stage-%d".formatted(numRanks, stage);
    train(output, numRanks, "distributed.reduction=fast", "distributed.zero_stage=" + stage);
    List<List<Double>> expected = TinyRun.numbers(shared.resolve("one"));
    List<List<Double>> actual = TinyRun.numbers(shared.resolve(output));
    for (int i = 0; i < expected.size(); i++) {
      assertEquals(expected.get(i).get(1), actual.get(i).get(1), 1e-5); // loss
    }
  }

  private static void train(String output, int numRanks, String... more) {
    List<String> overrides = new ArrayList<>(List.of(RUN));
    overrides.addAll(List.of(more));
    TinyRun.trainOnRanks(runs.recipe(MODEL, output, overrides.toArray(String[]::new)), numRanks);
  }
}
