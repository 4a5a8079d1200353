package assay.rm.judge;

import assay.rm.data.ScoreRow;
import assay.rm.judge.RowJudge.JudgedRow;
import assay.rm.judge.RowJudgement.Comparison;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import tools.jackson.databind.JsonNode;

/**
 * What a judge's verdicts on many rows come to. Where a row says which answer is better (a pair's
 * chosen one, or {@code "best": index} beside responses) the judge gets credit for the share of the
 * preference that it gave to that answer: a tie or a reply without verdict is half a point among
 * two, a quarter among four.
 */
public final class JudgeSummary {
  private long rows;
  private long errors;
  private long replies;
  private long unparsable;
  private long ties;
  private long comparisons;
  private long consistent;
  private long agreedPairs;
  private long agreedRight;
  private long known;
  private double credit;
  private long knownComparisons;
  private final double[] creditByOrder = new double[2];
  private double firstPlace; // comparisons' choices of whatever stood first
  private long choices;
  private double mass;
  private long masses;

  /** Counts a row. */
  public void add(JudgedRow judged) {
    rows++;
    if (judged.judgement().isEmpty()) {
      errors++;
      return;
    }
    RowJudgement judgement = judged.judgement().get();
    judgement.replies().forEach(this::count);
    OptionalInt correct = correct(judged.row());
    if (correct.isPresent()) {
      known++;
      credit += judgement.shares()[correct.getAsInt()];
      if (judgement.preferred().isPresent()) {
        agreedPairs++;
        agreedRight += judgement.preferred().getAsInt() == correct.getAsInt() ? 1 : 0;
      }
    }
    if (judgement instanceof Comparison comparison) {
      comparisons++;
      consistent += comparison.isConsistent() ? 1 : 0;
      if (correct.isPresent()) {
        knownComparisons++;
        for (int order = 0; order < creditByOrder.length; order++) {
          creditByOrder[order] += comparison.shares(order)[correct.getAsInt()];
        }
      }
    }
  }

  private void count(Reply reply) {
    replies++;
    unparsable += reply.verdict() instanceof Verdict.Unparsable ? 1 : 0;
    ties += reply.verdict() instanceof Verdict.Tie ? 1 : 0;
    if (reply.verdict() instanceof Verdict.Choice(int position)) {
      choices++;
      firstPlace += position == 0 ? 1 : 0;
    }
    if (reply.probabilities().isPresent()) {
      masses++;
      mass += reply.verdictMass();
    }
  }

  private static OptionalInt correct(ScoreRow row) {
    if (row instanceof ScoreRow.Pair) {
      return OptionalInt.of(0);
    }
    JsonNode best = row.passThrough().path("best");
    boolean given = best.isInt() && best.intValue() >= 0 && best.intValue() < row.items().size();
    return given && row.items().size() > 1 ? OptionalInt.of(best.intValue()) : OptionalInt.empty();
  }

  /** Rows that could not be judged. */
  public long numErrors() {
    return errors;
  }

  /** A line for each thing that is worth knowing. */
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add("%d rows, %d replies, %d rows with an error".formatted(rows, replies, errors));
    if (replies > 0) {
      lines.add(share("without a verdict", (double) unparsable, replies));
      lines.add(share("ties", (double) ties, replies));
    }
    if (comparisons > 0) {
      lines.add(share("the same verdict in both orders", (double) consistent, comparisons));
    }
    if (choices > 0) {
      lines.add(share("verdicts for what stood first", firstPlace, choices));
    }
    if (known > 0) {
      lines.add(share("accuracy (tie or no verdict: an equal share)", credit, known));
    }
    if (knownComparisons > 0) {
      lines.add(share("  with the answers as given", creditByOrder[0], knownComparisons));
      lines.add(share("  with the answers reversed", creditByOrder[1], knownComparisons));
    }
    if (agreedPairs > 0) {
      lines.add(
          share(
              "  where one answer was preferred without contradiction",
              (double) agreedRight,
              agreedPairs));
    }
    if (masses > 0) {
      lines.add(share("probability that a verdict is written at all", mass, masses));
    }
    return lines;
  }

  private static String share(String what, double part, long whole) {
    return String.format(Locale.ROOT, "%s: %.3f of %d", what, part / whole, whole);
  }
}
