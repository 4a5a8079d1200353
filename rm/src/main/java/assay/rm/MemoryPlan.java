package assay.rm;

import assay.rm.data.BatchSampler;
import assay.tensor.Device;
import assay.tensor.comm.Ranks;
import assay.train.Trainer;
import assay.train.parallel.ParallelPlan;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * The memory that a run will need, found by running its largest steps on a device that counts bytes
 * and computes nothing: the same code makes the same allocations.
 *
 * @param peakBytes of tensors, by purpose, at the worst moment
 * @param numWeights of the network
 * @param largestPart rows of the largest part of a batch
 * @param steps of the run
 * @param notes what the run needs besides, in words
 */
public record MemoryPlan(
    Map<String, Long> peakBytes, long numWeights, int largestPart, int steps, List<String> notes) {
  /** Batches whose memory is counted: the most rows do not always need the most memory. */
  private static final int BATCHES = 8;

  /** Plans the run of a setup. */
  public static MemoryPlan of(TrainingSetup setup) {
    BatchSampler sampler = setup.sampler();
    try (Device device = Device.planning();
        ParallelPlan plan = setup.plan(Ranks.alone());
        PreferenceTask task = setup.method().newTask(setup, device, plan)) {
      List<String> notes = task.plan();
      List<int[]> batches = new ArrayList<>();
      while (sampler.hasNext() && sampler.state().epoch() == 0) {
        batches.add(sampler.next());
      }
      Comparator<int[]> byRows = Comparator.comparingInt(batch -> largestPart(task, batch));
      batches.sort(byRows.reversed());
      Trainer.Options options = setup.trainerOptions(sampler.numSteps());
      try (Trainer<int[]> trainer = new Trainer<>(task.trained(), task, options, plan)) {
        batches.stream().limit(BATCHES).forEach(trainer::step);
      }
      return new MemoryPlan(
          device.ledger().atPeak(),
          task.network().store().size(),
          largestPart(task, batches.getFirst()),
          sampler.numSteps(),
          notes);
    }
  }

  private static int largestPart(PreferenceTask task, int[] batch) {
    return Arrays.stream(task.cut(batch).getFirst()).map(task::computedRows).sum();
  }

  /** The peak, all purposes. */
  public long totalBytes() {
    return peakBytes.values().stream().mapToLong(b -> b).sum();
  }
}
