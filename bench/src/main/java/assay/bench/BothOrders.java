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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * What a pairwise preference model's both orders cost, in turns in one process: together, with what
 * begins alike computed once; one order after the other, each so; with nothing shared; and that
 * with the logits of every token, as programs have it that ask a language model for its whole
 * output. And how often the two orders disagree.
 *
 * <p>Usage: {@code bench/run assay.bench.BothOrders MODEL PAIRS.jsonl --help}.
 */
@Command(name = "BothOrders", mixinStandardHelpOptions = true)
public final class BothOrders implements Runnable {
  private static final int ROWS_AT_ONCE = 4096;

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

  /** Prints the best time of each way, and one line for the judgements. */
  public static void main(String... arguments) {
    System.exit(new CommandLine(new BothOrders()).execute(arguments));
  }

  @Override
  public void run() {
    try (RewardModel model = RewardModel.load(folder)) {
      List<int[]> first = new ArrayList<>();
      List<int[]> second = new ArrayList<>();
      for (ScoreRow row : read(model)) {
        List<RowReading.Sequence> orders = model.read(row).sequences();
        first.add(orders.get(0).ids());
        second.add(orders.get(1).ids());
      }
      if (rounds > 0) {
        measure(model, first, second);
      }
      judge(model, first, second);
    }
  }

  private void measure(RewardModel model, List<int[]> first, List<int[]> second) {
    List<int[]> both = new ArrayList<>(first);
    both.addAll(second);
    System.out.printf("%d questions%n", both.size());
    Map<String, Runnable> ways = new LinkedHashMap<>();
    ways.put("both orders", () -> model.scoreIds(both));
    ways.put(
        "one order after the other",
        () -> {
          model.scoreIds(first);
          model.scoreIds(second);
        });
    ways.put("nothing shared", () -> unshared(model, both));
    ways.put(
        "nothing shared, all logits",
        () -> both.forEach(ids -> allLogits((PreferenceNetwork) model.network(), ids)));
    double[] best = new double[ways.size()];
    Arrays.fill(best, Double.POSITIVE_INFINITY);
    for (int round = -1; round < rounds; round++) {
      int way = 0;
      for (Runnable run : ways.values()) {
        long start = System.nanoTime();
        run.run();
        double seconds = (System.nanoTime() - start) * 1e-9;
        best[way] = round < 0 ? best[way] : Math.min(best[way], seconds);
        way++;
      }
    }
    int way = 0;
    for (String name : ways.keySet()) {
      System.out.printf(
          Locale.ROOT, "%-28s %7.2f s  %.2f times%n", name, best[way], best[way] / best[0]);
      way++;
    }
  }

  private static void unshared(RewardModel model, List<int[]> sequences) {
    List<int[]> batch = new ArrayList<>();
    for (int[] ids : sequences) {
      batch.add(ids);
      if (batch.stream().mapToInt(s -> s.length).sum() > ROWS_AT_ONCE) {
        model.network().outputs(PackedRows.sequences(batch));
        batch.clear();
      }
    }
    if (!batch.isEmpty()) {
      model.network().outputs(PackedRows.sequences(batch));
    }
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

  private static void judge(RewardModel model, List<int[]> first, List<int[]> second) {
    double[] firstScores = model.scoreIds(first);
    double[] secondScores = model.scoreIds(second);
    int numPairs = firstScores.length;
    int consistent = 0;
    int right = 0;
    int answersA = 0;
    for (int i = 0; i < numPairs; i++) {
      consistent += firstScores[i] > 0 != secondScores[i] > 0 ? 1 : 0;
      answersA += (firstScores[i] > 0 ? 1 : 0) + (secondScores[i] > 0 ? 1 : 0);
      PairRewards rewards =
          model.method().rewards(new double[] {firstScores[i]}, new double[] {secondScores[i]});
      right += rewards.chosen() > rewards.rejected() ? 1 : 0;
    }
    System.out.printf(
        Locale.ROOT,
        "%d pairs: both orders name the same answer %.3f, the chosen one is preferred %.3f, A is"
            + " answered %.3f%n",
        numPairs,
        consistent / (double) numPairs,
        right / (double) numPairs,
        answersA / (2.0 * numPairs));
  }
}
