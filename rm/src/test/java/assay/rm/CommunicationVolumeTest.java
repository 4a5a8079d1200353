package assay.rm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import assay.tensor.Device;
import assay.tensor.comm.CountedRanks;
import assay.tensor.comm.LocalRanks;
import assay.train.Trainer;
import assay.train.parallel.ParallelPlan;
import assay.train.parallel.ParallelPlan.Reduction;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a step moves between ranks, beside what ZeRO's paper says it moves. */
class CommunicationVolumeTest {
  private static final int PAIRS = 8; // four parts
  private static final int PARTS = 4;

  @TempDir private Path folder;

  /**
   * The paper: twice the parameters in stages 0 to 2, three times in stage 3. That is so where each
   * rank computes one part, and where the order of sums is free. The fixed order moves gradients
   * for each round of parts.
   *
   * @param times the parameters, in float32
   */
  @ParameterizedTest
  @CsvSource({
    "4, 0, FIXED, 2",
    "4, 1, FIXED, 2",
    "4, 2, FIXED, 2",
    "4, 3, FIXED, 3",
    "2, 0, FAST, 2",
    "2, 1, FAST, 2",
    "2, 0, FIXED, 3",
    "2, 1, FIXED, 3",
    "2, 2, FIXED, 3",
    "2, 3, FIXED, 6"
  })
  void isAMultipleOfTheParameters(int numRanks, int stage, Reduction order, int times) {
    try (TrainingSetup setup =
        TrainingSetup.of(new TinyRun(folder).recipe("golden/llama", "run"))) {
      LocalRanks.run(
          numRanks,
          uncounted -> {
            CountedRanks ranks = new CountedRanks(uncounted);
            try (Device device = Device.cpu(1);
                ParallelPlan plan = ParallelPlan.of(stage, ranks, order);
                RewardTask task = setup.method().newTask(setup, device, plan)) {
              setup.initialize(task.network());
              int[] batch = IntStream.range(0, PAIRS).toArray();
              assertEquals(PARTS, task.microBatches(batch).size());
              try (Trainer<int[]> trainer =
                  new Trainer<>(task.trained(), task, setup.trainerOptions(1), plan)) {
                long before = ranks.volume();
                trainer.step(batch);
                double parameters = 4.0 * task.trained().size();
                double rows = // for the norm: a double each, twice since all-reduced
                    16.0
                        * task.trained().all().stream()
                            .mapToInt(weight -> weight.shape().dim(0))
                            .sum();
                double moved = (ranks.volume() - before - rows) / parameters;
                assertEquals(times, moved, 0.1 * times);
              }
            }
          });
    }
  }
}
