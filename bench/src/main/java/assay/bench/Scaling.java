package assay.bench;

import assay.bench.ScalingModel.Machine;
import assay.bench.ScalingModel.Work;
import assay.nn.ParameterStore;
import assay.nn.TransformerConfig;
import assay.nn.checkpoint.ModelConfig;
import assay.rm.BradleyTerryNetwork;
import assay.rm.RewardNetwork;
import assay.tensor.DType;
import assay.tensor.Device;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Prints what {@link ScalingModel} expects of a machine, for a model of which there is a
 * config.json; see docs/performance.md.
 *
 * <p>Usage: {@code bench/run assay.bench.Scaling FOLDER --help}. Without figures of a machine it is
 * three clusters of GPUs, with their makers' figures, of which an assumed share is achieved.
 */
@Command(name = "Scaling", mixinStandardHelpOptions = true)
public final class Scaling implements Runnable {
  private static final double ACHIEVED = 0.4; // of the peak arithmetic

  private static final List<Machine> CLUSTERS =
      List.of(
          // 149.7 TFLOP/s in bf16, PCIe 4.0 x16 at 20 of 32 GB/s, 696 GB/s of memory
          new Machine("4 x A40", 4, 4, ACHIEVED * 149.7e12, 20e9, 0, 0.8 * 696e9, true),
          // 989 TFLOP/s, NVLink at 350 of 450 GB/s, 3.35 TB/s
          new Machine("8 x H100", 8, 8, ACHIEVED * 989e12, 350e9, 0, 0.8 * 3.35e12, true),
          // a network card of 400 Gbit/s for each GPU, at 40 of 50 GB/s
          new Machine("64 x H100", 64, 8, ACHIEVED * 989e12, 350e9, 40e9, 0.8 * 3.35e12, true));

  @Parameters(paramLabel = "FOLDER", description = "Holds the model's config.json.")
  private Path folder;

  @Option(names = "--pairs", description = "Pairs of a step.")
  private int pairs = 128;

  @Option(names = "--pair-tokens", description = "Tokens of both sides of a pair.")
  private double pairTokens = 8192;

  @Option(names = "--parts", description = "Parts that a step is cut into.")
  private int parts = 128;

  @Option(names = "--fp32", description = "Weights are float32, not bf16.")
  private boolean fp32;

  @Option(names = "--no-checkpointing", description = "Keep all activations.")
  private boolean keepActivations;

  @ArgGroup(exclusive = false)
  private Figures figures;

  /** Of a machine, as measured. */
  private static final class Figures {
    @Option(names = "--ranks", required = true, description = "On one host.")
    private int ranks;

    @Option(names = "--flops", required = true, description = "Of a rank while all compute.")
    private double flops;

    @Option(names = "--exchange", required = true, description = "Bytes a second a rank sends.")
    private double exchange;

    @Option(names = "--memory", required = true, description = "Bytes a second of an update.")
    private double memory;

    private Machine machine() {
      return new Machine("this machine", ranks, ranks, flops, exchange, 0, memory, false);
    }
  }

  /** Prints a table. */
  public static void main(String... arguments) {
    System.exit(new CommandLine(new Scaling()).execute(arguments));
  }

  @Override
  public void run() {
    TransformerConfig config = ModelConfig.read(folder).transformer();
    Work work = work(config, countWeights(config));
    System.out.printf(
        Locale.ROOT,
        "%s: %,.0f weights, a step of %d pairs of %.0f tokens in %d parts%n%n",
        folder.getFileName(),
        work.weights(),
        pairs,
        pairTokens,
        parts);
    System.out.println(
        "| ranks | zero_stage | reduction | compute s | exchange s | waiting s | update s | step s"
            + " | tokens/s |");
    System.out.println("|---|--:|---|--:|--:|--:|--:|--:|--:|");
    for (Machine machine : figures == null ? CLUSTERS : List.of(figures.machine())) {
      models(machine, work).forEach(Scaling::print);
    }
  }

  private static List<ScalingModel> models(Machine machine, Work work) {
    List<ScalingModel> models = new ArrayList<>();
    for (int stage = 0; stage <= 3; stage++) {
      models.add(new ScalingModel(machine, work, stage, true));
      if (stage < 2) {
        models.add(new ScalingModel(machine, work, stage, false));
      }
    }
    return models;
  }

  private Work work(TransformerConfig config, long weights) {
    DType dtype = fp32 ? DType.F32 : DType.BF16;
    double tokens = pairs * pairTokens;
    double operations = Operations.forward(weights, config, (int) pairTokens / 2);
    return new Work(
        weights,
        dtype.bytes(),
        tokens * operations / parts,
        parts,
        tokens,
        config.numLayers(),
        !keepActivations);
  }

  private static long countWeights(TransformerConfig config) {
    try (Device device = Device.planning();
        RewardNetwork network =
            new BradleyTerryNetwork(config, new ParameterStore(device, DType.BF16, true))) {
      return network.store().size();
    }
  }

  private static void print(ScalingModel model) {
    System.out.printf(
        Locale.ROOT,
        "| %s | %d | %s | %.2f | %.2f | %.2f | %.3f | %.2f | %,.0f |%n",
        model.machine().name(),
        model.stage(),
        model.fixedOrder() || model.stage() > 1 ? "fixed" : "fast",
        model.computeSeconds(),
        model.exchangeSeconds(),
        model.waitingSeconds(),
        model.updateSeconds(),
        model.stepSeconds(),
        model.tokensPerSecond());
  }
}
