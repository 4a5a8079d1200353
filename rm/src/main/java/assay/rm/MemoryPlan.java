package assay.rm;

import assay.rm.data.BatchSampler;
import assay.rm.recipe.Recipe;
import assay.tensor.Device;
import assay.tensor.comm.Communicator;
import assay.tensor.comm.Ranks;
import assay.train.Trainer;
import assay.train.TrainingTask;
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
 * <p>Of several ranks, rank 0 is planned. No other needs more: all hold equally many rows of
 * weights, gradients and optimizer state, and of the parts that are computed at the same time rank
 * 0 has the largest.
 *
 * @param numRanks that share the run
 * @param zeroStage how they share it
 * @param checkpointing whether layers are computed again in the backward
 * @param peakBytes of tensors, by the ledger's purposes, at the worst moment
 * @param allocatorBytes that lie free between tensors, in pieces, and are held none the less
 * @param runtimeBytes what a GPU needs besides; 0 on a CPU
 * @param numWeights of the network
 * @param largestPart rows of the largest part of a batch
 * @param steps of the run
 * @param notes what the run needs besides, in words
 */
public record MemoryPlan(
    int numRanks,
    int zeroStage,
    boolean checkpointing,
    Map<String, Long> peakBytes,
    long allocatorBytes,
    long runtimeBytes,
    long numWeights,
    int largestPart,
    int steps,
    List<String> notes) {
  /** Batches whose memory is counted: the most rows do not always need the most memory. */
  private static final int BATCHES = 8;

  /** Parts of a batch that each rank computes: all others are smaller, and alike. */
  private static final int PARTS = 3;

  /**
   * What CUDA's context, cuBLAS's workspace, loaded kernels and NCCL's buffers take on a GPU, at a
   * rough guess: it depends on the GPU and on the versions, and no tensor knows of it.
   */
  private static final long GPU_RUNTIME_BYTES = 1L << 30;

  /** Plans the run of a setup on one rank. */
  public static MemoryPlan of(TrainingSetup setup) {
    return of(setup, 1);
  }

  /**
   * Plans the run of a setup on so many ranks: with a GPU each, or as threads of one program if the
   * recipe's device is the CPU. (Processes on CPUs need up to 8 MiB more each.)
   */
  public static MemoryPlan of(TrainingSetup setup, int numRanks) {
    boolean onGpu = !setup.recipe().device().equals("cpu");
    try (Device device = Device.planning();
        Communicator ranks = ranks(numRanks, onGpu, device);
        ParallelPlan plan = setup.plan(ranks);
        RewardTask task = setup.method().newTask(setup, device, plan)) {
      if (setup.recipe().init() == Recipe.Init.RANDOM) {
        setup.initialize(task.network());
      }
      List<String> notes = task.plan();
      List<int[]> batches = largestBatches(setup, task);
      if (task.hasSteps()) {
        Trainer.Options options = setup.trainerOptions(setup.sampler().numSteps());
        TrainingTask<int[]> firstParts = new FirstParts(task, PARTS * numRanks);
        try (Trainer<int[]> trainer = new Trainer<>(task.trained(), firstParts, options, plan)) {
          batches.forEach(trainer::step);
        }
      }
      return new MemoryPlan(
          numRanks,
          setup.recipe().distributed().zeroStage(),
          setup.computation().checkpointing(),
          device.ledger().atPeak(),
          device.peakReservedBytes() - device.ledger().peak(),
          onGpu ? GPU_RUNTIME_BYTES : 0,
          task.network().store().size(),
          largestPart(task, batches.getFirst()),
          task.hasSteps() ? setup.sampler().numSteps() : 0,
          notes);
    }
  }

  /**
   * Plans the run again in other ways that need less memory, by the price they have: ZeRO's stages
   * from the recipe's on, and the same with gradient checkpointing.
   */
  public static List<MemoryPlan> alternatives(TrainingSetup setup, int numRanks) {
    List<MemoryPlan> plans = new ArrayList<>();
    boolean checkpointing = setup.computation().checkpointing();
    int stage = setup.recipe().distributed().zeroStage();
    Recipe.Method method = setup.recipe().method();
    boolean canBeShared = numRanks > 1 && method != Recipe.Method.ARMORM && method.hasSteps();
    for (boolean its : checkpointing ? new boolean[] {true} : new boolean[] {false, true}) {
      for (int other = stage; other <= (canBeShared ? 3 : stage); other++) {
        String[] overrides = {
          "training.gradient_checkpointing=" + its, "distributed.zero_stage=" + other
        };
        plans.add(of(setup.with(overrides), numRanks));
      }
    }
    return plans;
  }

  /** The largest parts of each batch. */
  private record FirstParts(RewardTask task, int most) implements TrainingTask<int[]> {
    @Override
    public List<? extends MicroBatch> microBatches(int[] batch) {
      List<? extends MicroBatch> parts = task.microBatches(batch);
      return parts.subList(0, Math.min(most, parts.size()));
    }

    @Override
    public String describe(int[] batch) {
      return task.describe(batch);
    }
  }

  private static Communicator ranks(int numRanks, boolean onGpu, Device device) {
    return onGpu && numRanks > 1
        ? Ranks.planned(0, numRanks, device)
        : Ranks.plannedLocal(0, numRanks);
  }

  /**
   * Some of the first epoch's batches, those with the largest parts first. The first comes a second
   * time: from the second part on, ZeRO's stage 3 gathers a layer ahead.
   */
  private static List<int[]> largestBatches(TrainingSetup setup, RewardTask task) {
    BatchSampler sampler = setup.sampler();
    List<int[]> batches = new ArrayList<>();
    while (sampler.hasNext() && sampler.state().epoch() == 0) {
      batches.add(sampler.next());
    }
    Comparator<int[]> byRows = Comparator.comparingInt(batch -> largestPart(task, batch));
    batches.sort(byRows.reversed());
    List<int[]> largest = new ArrayList<>(batches.stream().limit(BATCHES).toList());
    if (setup.sampler().numSteps() > 1) {
      largest.add(batches.getFirst());
    }
    return largest;
  }

  private static int largestPart(RewardTask task, int[] batch) {
    return Arrays.stream(task.cut(batch).getFirst()).map(task::computedRows).sum();
  }

  /** The peak of all tensors: what the ledger of the run will say. */
  public long tensorBytes() {
    return peakBytes.values().stream().mapToLong(b -> b).sum();
  }

  /** What the device must have. */
  public long totalBytes() {
    return tensorBytes() + allocatorBytes + runtimeBytes;
  }
}
