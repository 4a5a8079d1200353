package assay.bench;

import assay.autograd.Tape;
import assay.rm.PackedRows;
import assay.rm.PairRewards;
import assay.rm.PreferenceNetwork;
import assay.rm.RewardModel;
import assay.rm.RowReading;
import assay.rm.data.Row;
import assay.rm.data.RowFiles;
import assay.rm.data.RowReader;
import assay.rm.data.ScoreRow;
import assay.tensor.InvalidInputException;
import assay.tensor.Segments;
import assay.tensor.TensorArena;
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
 * What a pairwise preference model's both orders cost, in turns in one process: with the shared
 * context computed once; one order after the other; and the same with the logits of every token, as
 * programs have it that ask a language model for its whole output. And how often the two orders
 * disagree.
 *
 * <p>Usage: {@code bench/run assay.bench.BothOrders MODEL PAIRS.jsonl --help}.
 */
@Command(name = "BothOrders", mixinStandardHelpOptions = true)
public final class BothOrders implements Runnable {
  @Parameters(index = "0", paramLabel = "MODEL")
  private Path folder;

  @Parameters(index = "1", paramLabel = "PAIRS.jsonl")
  private Path file;

  @Option(names = "--pairs", description = "The first so many that the model can read.")
  private int numPairs = 40;

  @Option(
      names = "--rounds",
      description = "Measured rounds; one before them is not. 0: only the judgements.")
  private int rounds = 3;

  /** Prints one line for each way, and one for the judgements. */
  public static void main(String... arguments) {
    System.exit(new CommandLine(new BothOrders()).execute(arguments));
  }

  @Override
  public void run() {
    try (RewardModel model = RewardModel.load(folder)) {
      List<ScoreRow> rows = read(model);
      List<List<int[]>> pairs = new ArrayList<>();
      for (ScoreRow row : rows) {
        pairs.add(model.read(row).sequences().stream().map(RowReading.Sequence::ids).toList());
      }
      List<List<int[]>> alone = pairs.stream().flatMap(List::stream).map(List::of).toList();
      System.out.printf(
          Locale.ROOT,
          "%d pairs: %d rows, or %d with the context twice%n",
          pairs.size(),
          PackedRows.groups(pairs).numRows(),
          PackedRows.groups(alone).numRows());
      if (rounds > 0) {
        measure(model, pairs);
      }
      judge(model, pairs);
    }
  }

  private void measure(RewardModel model, List<List<int[]>> pairs) {
    List<int[]> apart = pairs.stream().flatMap(List::stream).toList();
    List<List<int[]>> alone = apart.stream().map(List::of).toList();
    List<Runnable> ways =
        List.of(
            () -> model.scoreGroups(pairs),
            () -> model.scoreGroups(alone),
            () -> apart.forEach(ids -> allLogits((PreferenceNetwork) model.network(), ids)));
    double[][] seconds = new double[ways.size()][rounds];
    for (int round = -1; round < rounds; round++) {
      for (int way = 0; way < ways.size(); way++) {
        long start = System.nanoTime();
        ways.get(way).run();
        if (round >= 0) {
          seconds[way][round] = (System.nanoTime() - start) * 1e-9;
        }
      }
    }
    print("both orders, context once", seconds[0], seconds[0]);
    print("one order after the other", seconds[1], seconds[0]);
    print("the same, all logits", seconds[2], seconds[0]);
  }

  private List<ScoreRow> read(RewardModel model) {
    List<ScoreRow> rows = new ArrayList<>();
    try (RowReader reader = RowFiles.open(file)) {
      for (Optional<Row> row = reader.next();
          row.isPresent() && rows.size() < numPairs;
          row = reader.next()) {
        ScoreRow parsed = ScoreRow.parse(row.get());
        try {
          model.read(parsed);
          rows.add(parsed);
        } catch (InvalidInputException e) {
          System.err.println(e.getMessage());
        }
      }
    }
    return rows;
  }

  private static void allLogits(PreferenceNetwork network, int[] ids) {
    int[] everyRow = new int[ids.length];
    Arrays.setAll(everyRow, i -> i);
    PackedRows rows = new PackedRows(ids, Segments.sequences(ids.length), everyRow);
    try (TensorArena arena = TensorArena.open(network.store().device(), "activations")) {
      network.logits(Tape.inference(arena), rows, false).value().toFloats();
    }
  }

  /** Medians, and their ratio to the first way's. */
  private static void print(String way, double[] seconds, double[] first) {
    System.out.printf(
        Locale.ROOT,
        "%-26s %7.2f s  %.2f times%n",
        way,
        median(seconds),
        median(seconds) / median(first));
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  private static void judge(RewardModel model, List<List<int[]>> pairs) {
    int consistent = 0;
    int right = 0;
    for (double[] orders : model.scoreGroups(pairs)) {
      consistent += orders[0] > 0 != orders[1] > 0 ? 1 : 0;
      PairRewards rewards = model.method().rewards(orders[0], orders[1]);
      right += rewards.chosen() > rewards.rejected() ? 1 : 0;
    }
    System.out.printf(
        Locale.ROOT,
        "%d pairs: both orders name the same answer %.3f, the chosen one is preferred %.3f%n",
        pairs.size(),
        consistent / (double) pairs.size(),
        right / (double) pairs.size());
  }
}
