package assay.rm;

import assay.rm.data.BatchSampler;
import assay.rm.data.PreferencePair;
import assay.tensor.Device;
import assay.train.Trainer;
import java.util.ArrayList;
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
 */
public record MemoryPlan(Map<String, Long> peakBytes, long numWeights, int largestPart, int steps) {
  /** Parts whose memory is counted: the most rows do not always need the most memory. */
  private static final int PARTS = 8;

  /** Plans the run of a setup. */
  public static MemoryPlan of(TrainingSetup setup) {
    BatchSampler sampler = setup.sampler();
    BradleyTerryTask.Computation computation = setup.computation();
    List<PreferencePair> train = setup.data().train();
    List<int[]> parts = new ArrayList<>();
    while (sampler.hasNext() && sampler.state().epoch() == 0) {
      parts.addAll(BradleyTerryTask.cut(train, sampler.next(), computation));
    }
    Comparator<int[]> byRows =
        Comparator.comparingInt(part -> rows(train, part, computation.sharePrompts()));
    parts.sort(byRows.reversed());
    try (Device device = Device.planning();
        RewardNetwork network = setup.newNetwork(device)) {
      BradleyTerryTask task = new BradleyTerryTask(network, train, 0, computation);
      Trainer.Options options = setup.trainerOptions(sampler.numSteps());
      try (Trainer<int[]> trainer = new Trainer<>(network.store(), task, options)) {
        parts.stream().limit(PARTS).forEach(trainer::step);
      }
      return new MemoryPlan(
          device.ledger().atPeak(),
          network.store().size(),
          rows(train, parts.getFirst(), computation.sharePrompts()),
          sampler.numSteps());
    }
  }

  private static int rows(List<PreferencePair> pairs, int[] part, boolean sharePrompts) {
    int rows = 0;
    for (int index : part) {
      rows += pairs.get(index).computedRows(sharePrompts);
    }
    return rows;
  }

  /** The peak, all purposes. */
  public long totalBytes() {
    return peakBytes.values().stream().mapToLong(b -> b).sum();
  }
}
