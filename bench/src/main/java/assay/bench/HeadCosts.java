package assay.bench;

import assay.nn.ParameterStore;
import assay.nn.checkpoint.ModelConfig;
import assay.rm.ArmoRm;
import assay.rm.ArmoRmConfig;
import assay.rm.BradleyTerry;
import assay.rm.GatePattern;
import assay.rm.PackedRows;
import assay.rm.RewardMethod;
import assay.rm.RewardNetwork;
import assay.rm.RowReading;
import assay.rm.data.Row;
import assay.rm.data.RowFiles;
import assay.rm.data.RowReader;
import assay.rm.data.ScoreRow;
import assay.rm.text.TextEncoder;
import assay.tensor.DType;
import assay.tensor.Device;
import assay.tensor.InvalidInputException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * What judging the same pairs costs with each kind of reward model on the same trunk, in turns in
 * one process. Weights are random, since time does not depend on them; ArmoRM has the published
 * sizes, 19 objectives and a gate of three layers of 1024.
 *
 * <p>Usage: {@code bench/run assay.bench.HeadCosts MODEL PAIRS.jsonl --help}.
 */
@Command(name = "HeadCosts", mixinStandardHelpOptions = true)
public final class HeadCosts implements Runnable {
  @Parameters(index = "0", paramLabel = "MODEL", description = "A chat model's folder.")
  private Path folder;

  @Parameters(index = "1", paramLabel = "PAIRS.jsonl")
  private Path file;

  @Option(names = "--pairs", description = "The first so many that all kinds can read.")
  private int numPairs = 24;

  @Option(names = "--rounds", description = "Measured rounds; one before them is not.")
  private int rounds = 5;

  @Option(names = "--batch-tokens", description = "Rows computed at once.")
  private int batchTokens = 4096;

  /** One kind, and what it reads for the pairs. */
  private record Kind(RewardMethod method, RewardNetwork network, List<PackedRows> batches) {
    int numRows() {
      return batches.stream().mapToInt(PackedRows::numRows).sum();
    }
  }

  /** Prints one line for each kind. */
  public static void main(String... arguments) {
    System.exit(new CommandLine(new HeadCosts()).execute(arguments));
  }

  @Override
  public void run() {
    ModelConfig config = ModelConfig.read(folder);
    try (Device device = Device.cpu();
        TextEncoder encoder = TextEncoder.load(folder, Optional.empty()).orElseThrow()) {
      List<RewardMethod> methods = methods(config, encoder);
      List<ScoreRow> rows = read(methods, config.transformer().maxPositionEmbeddings());
      List<Kind> kinds = new ArrayList<>();
      for (RewardMethod method : methods) {
        RewardNetwork network =
            method.newNetwork(config.transformer(), new ParameterStore(device, DType.F32, false));
        network.drawAll(1);
        kinds.add(new Kind(method, network, batches(method, rows)));
      }
      System.out.println(device.description() + ", " + rows.size() + " pairs");
      print(kinds, measure(kinds));
      kinds.forEach(kind -> kind.network().close());
    }
  }

  private static List<RewardMethod> methods(ModelConfig config, TextEncoder encoder) {
    Optional<TextEncoder> text = Optional.of(encoder);
    ArmoRmConfig published =
        new ArmoRmConfig(
            ArmoRmConfig.PUBLISHED_OBJECTIVES.size(), 10, 1024, 3, GatePattern.derive(encoder));
    return List.of(
        new BradleyTerry(text),
        new ArmoRm(text, published, ArmoRmConfig.PUBLISHED_OBJECTIVES),
        RewardMethod.of(Optional.empty(), Optional.empty(), config, text));
  }

  private List<ScoreRow> read(List<RewardMethod> methods, int limit) {
    List<ScoreRow> rows = new ArrayList<>();
    try (RowReader reader = RowFiles.open(file)) {
      for (Optional<Row> row = reader.next();
          row.isPresent() && rows.size() < numPairs;
          row = reader.next()) {
        ScoreRow parsed = ScoreRow.parse(row.get());
        if (methods.stream().allMatch(method -> fits(method, parsed, limit))) {
          rows.add(parsed);
        }
      }
    }
    return rows;
  }

  private static boolean fits(RewardMethod method, ScoreRow row, int limit) {
    try {
      return method.read(row).sequences().stream().allMatch(s -> s.ids().length <= limit);
    } catch (InvalidInputException e) {
      System.err.println(e.getMessage());
      return false;
    }
  }

  private List<PackedRows> batches(RewardMethod method, List<ScoreRow> rows) {
    List<PackedRows> batches = new ArrayList<>();
    List<List<int[]>> batch = new ArrayList<>();
    for (ScoreRow row : rows) {
      List<int[]> ids =
          method.read(row).sequences().stream().map(RowReading.Sequence::ids).toList();
      batch.add(ids);
      if (batch.size() > 1 && PackedRows.groups(batch).numRows() > batchTokens) {
        batches.add(PackedRows.groups(batch.subList(0, batch.size() - 1)));
        batch = new ArrayList<>(List.of(ids));
      }
    }
    batches.add(PackedRows.groups(batch));
    return batches;
  }

  private double[][] measure(List<Kind> kinds) {
    double[][] seconds = new double[kinds.size()][rounds];
    for (int round = -1; round < rounds; round++) {
      for (int kind = 0; kind < kinds.size(); kind++) {
        long start = System.nanoTime();
        for (PackedRows batch : kinds.get(kind).batches()) {
          kinds.get(kind).network().outputs(batch);
        }
        if (round >= 0) {
          seconds[kind][round] = (System.nanoTime() - start) * 1e-9;
        }
      }
    }
    return seconds;
  }

  /** Times are the best of all rounds: what disturbs a round only adds to it. */
  private static void print(List<Kind> kinds, double[][] seconds) {
    double first = best(seconds[0]);
    for (int kind = 0; kind < kinds.size(); kind++) {
      System.out.printf(
          Locale.ROOT,
          "%-20s %7d rows %8.3f s  %.3f of the first's%n",
          kinds.get(kind).method().name(),
          kinds.get(kind).numRows(),
          best(seconds[kind]),
          best(seconds[kind]) / first);
    }
  }

  private static double best(double[] values) {
    return Arrays.stream(values).min().orElseThrow();
  }
}
