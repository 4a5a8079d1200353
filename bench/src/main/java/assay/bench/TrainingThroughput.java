package assay.bench;

import assay.nn.ParameterStore;
import assay.nn.TransformerConfig;
import assay.nn.checkpoint.ModelConfig;
import assay.rm.BradleyTerryNetwork;
import assay.rm.BradleyTerryTask;
import assay.rm.RewardNetwork;
import assay.rm.RewardTask;
import assay.rm.data.PreferencePair;
import assay.tensor.DType;
import assay.tensor.Device;
import assay.train.AdamW;
import assay.train.Schedule;
import assay.train.Trainer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Tokens per second of training a reward model with random weights on random tokens, its share of
 * the GPU's arithmetic (MFU, Chowdhery et al. 2022, appendix B: what checkpointing computes twice
 * counts once), and the memory it takes.
 *
 * <p>Usage: {@code bench/run assay.bench.TrainingThroughput FOLDER --help}, where FOLDER holds a
 * config.json.
 */
@Command(name = "TrainingThroughput", mixinStandardHelpOptions = true)
public final class TrainingThroughput implements Runnable {
  @Parameters(paramLabel = "FOLDER", description = "Holds the model's config.json.")
  private Path folder;

  @Option(names = "--length", description = "Tokens of each side of a pair.")
  private int length = 4096;

  @Option(names = "--pairs", description = "Pairs of one optimizer step.")
  private int numPairs = 4;

  @Option(names = "--micro-batch-tokens", description = "Rows computed at once.")
  private int microBatchTokens = 8192;

  @Option(names = "--steps", description = "Measured steps; one before them is not.")
  private int steps = 3;

  @Option(names = "--no-checkpointing", description = "Keep all activations.")
  private boolean keepActivations;

  @Option(names = "--device")
  private String deviceName = "cuda";

  @Option(names = "--precision", description = "fp32 or bf16.")
  private String precision = "bf16";

  @Option(names = "--peak-tflops", description = "Of the device in that precision, for the MFU.")
  private double peakTeraflops = 989; // H100 and H200, bf16, dense

  /** Prints one line. */
  public static void main(String... arguments) {
    System.exit(new CommandLine(new TrainingThroughput()).execute(arguments));
  }

  @Override
  public void run() {
    TransformerConfig config = ModelConfig.read(folder).transformer();
    DType dtype = precision.equals("bf16") ? DType.BF16 : DType.F32;
    int threads = Runtime.getRuntime().availableProcessors();
    Trainer.Options options =
        new Trainer.Options(
            1e-6,
            new Schedule(Schedule.Kind.CONSTANT, 0, steps + 1),
            new AdamW.Options(0.9, 0.999, 1e-8, 0.001),
            1.0);
    try (Device device = Device.open(deviceName, threads);
        RewardNetwork network =
            new BradleyTerryNetwork(config, new ParameterStore(device, dtype, true))) {
      network.drawAll(1);
      List<PreferencePair> pairs = pairs(config.vocabSize());
      BradleyTerryTask task =
          new BradleyTerryTask(
              network,
              pairs,
              0,
              new RewardTask.Computation(microBatchTokens, false, !keepActivations));
      try (Trainer<int[]> trainer = new Trainer<>(network.store(), task, options)) {
        int[] batch = new int[numPairs];
        java.util.Arrays.setAll(batch, i -> i);
        trainer.step(batch);
        long start = System.nanoTime();
        for (int step = 0; step < steps; step++) {
          trainer.step(batch);
        }
        device.backend().synchronize();
        double seconds = (System.nanoTime() - start) * 1e-9;
        print(device, network, config, (double) steps * task.computedTokens() / seconds);
      }
    }
  }

  private void print(
      Device device, RewardNetwork network, TransformerConfig config, double tokensPerSecond) {
    double teraflops =
        tokensPerSecond * 3 * Operations.forward(network.store().size(), config, length) * 1e-12;
    System.out.printf(
        Locale.ROOT,
        "%s | %s, %.2f G weights, length %d, %s, checkpointing %s | %.0f tokens/s |"
            + " %.1f TFLOP/s, MFU %.1f %% | peak %.2f GiB of tensors%n",
        device.description(),
        folder.getFileName(),
        network.store().size() * 1e-9,
        length,
        precision,
        keepActivations ? "off" : "on",
        tokensPerSecond,
        teraflops,
        100 * teraflops / peakTeraflops,
        device.ledger().peak() / (double) (1L << 30));
  }

  private List<PreferencePair> pairs(int vocabSize) {
    Random random = new Random(1);
    List<PreferencePair> pairs = new ArrayList<>();
    for (int i = 0; i < numPairs; i++) {
      int[] chosen = random.ints(length, 0, vocabSize).toArray();
      int[] rejected = random.ints(length, 0, vocabSize).toArray();
      pairs.add(new PreferencePair(chosen, rejected, 0, "", "", "random", i + 1, i));
    }
    return pairs;
  }
}
