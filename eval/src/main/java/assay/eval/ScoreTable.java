package assay.eval;

import assay.eval.statistics.Interval;
import assay.eval.statistics.Stratum;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * An evaluation's scores as people read them: in the benchmark's order, each with its interval and
 * with what the baselines come to.
 */
public record ScoreTable(List<Line> lines) {
  private static final String MEAN_MARGIN = "/mean_margin"; // of a baseline it says nothing

  /**
   * One score.
   *
   * @param isPart of the score above it that is none
   * @param path in {@link BenchmarkResult#scores}
   * @param rows where the score is of one subset alone
   * @param interval Wilson's where the score is a share of rows, else the bootstrap's
   * @param baselines what scores without a model come to, where that means something
   */
  public record Line(
      String label,
      boolean isPart,
      String path,
      OptionalInt rows,
      double score,
      Interval interval,
      Map<Baseline, Double> baselines) {

    /** Whether the score is one from 0 to 1. */
    public boolean isShare() {
      return !path.endsWith(MEAN_MARGIN);
    }
  }

  /** A score's name and place, before its numbers are known. */
  private record Entry(String label, boolean isPart, String path) {}

  /** All scores of an evaluation. */
  public static <R extends ScoredRow> ScoreTable of(Evaluation<R> evaluation) {
    Map<String, Integer> numRows = new HashMap<>();
    for (Stratum stratum : evaluation.benchmark().strata(evaluation.scores().rows())) {
      numRows.put(stratum.name(), stratum.numRows());
    }
    List<Line> lines = new ArrayList<>();
    for (Entry entry : entries(evaluation.result())) {
      lines.add(line(evaluation, entry, numRows));
    }
    return new ScoreTable(List.copyOf(lines));
  }

  private static List<Entry> entries(BenchmarkResult result) {
    List<Entry> entries = new ArrayList<>();
    if (result instanceof RewardBench.Result) {
      for (RewardBench.Section section : RewardBench.SECTIONS) {
        entries.add(new Entry(section.name(), false, "sections/" + section.name()));
        section.subsets().forEach(subset -> entries.add(subset(subset.name())));
      }
      entries.add(new Entry("Prior sets", false, "prior_sets"));
      RewardBench.PRIOR_SETS.forEach(subset -> entries.add(subset(subset)));
      RewardBench.NOT_COUNTED.forEach(subset -> entries.add(subset(subset)));
      entries.add(new Entry("Overall", false, "overall"));
      entries.add(new Entry("Overall with prior sets", false, "overall_with_prior"));
      entries.removeIf(entry -> !result.scores().containsKey(entry.path()));
    } else {
      for (String path : result.scores().keySet()) {
        String label = path.replaceFirst("^(subsets|groups|domains)/", "");
        entries.add(new Entry(label, false, path));
      }
    }
    return entries;
  }

  private static Entry subset(String name) {
    return new Entry(name, true, "subsets/" + name);
  }

  private static Line line(Evaluation<?> evaluation, Entry entry, Map<String, Integer> numRows) {
    String path = entry.path();
    String stratum = stratum(path, numRows);
    EvaluationStatistics statistics = evaluation.statistics();
    boolean isShareOfRows = path.startsWith("subsets/") || path.endsWith("/accuracy");
    Interval interval =
        isShareOfRows && statistics.wilson().containsKey(stratum)
            ? statistics.wilson().get(stratum)
            : statistics.intervals().get(path);
    Map<Baseline, Double> baselines = new EnumMap<>(Baseline.class);
    if (!path.endsWith(MEAN_MARGIN)) {
      evaluation
          .baselines()
          .forEach((baseline, its) -> baselines.put(baseline, its.scores().get(path)));
    }
    return new Line(
        entry.label(),
        entry.isPart(),
        path,
        numRows.containsKey(stratum) ? OptionalInt.of(numRows.get(stratum)) : OptionalInt.empty(),
        evaluation.result().scores().get(path),
        interval,
        baselines);
  }

  /** The stratum that a score is of, empty if it is of several. */
  private static String stratum(String path, Map<String, Integer> numRows) {
    String name = path.substring(path.indexOf('/') + 1);
    if (!numRows.containsKey(name)) {
      name = name.substring(0, Math.max(0, name.lastIndexOf('/')));
    }
    return path.indexOf('/') < 0 || path.startsWith("sections/") ? "" : name;
  }
}
