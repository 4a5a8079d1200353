package assay.rm.data;

import it.unimi.dsi.fastutil.longs.LongSet;
import java.util.ArrayList;
import java.util.List;

/**
 * Labels for pairs that have none (He et al. 2024, Semi-Supervised Reward Modeling via Iterative
 * Self-Training, figure 1): a trained reward model says which answer is better, and where it is
 * confident, it is believed. Steps (i) and (ii) of theirs; step (iii), training on labelled and
 * pseudo-labelled pairs together, is the run itself, and the next round is the next run.
 *
 * <p>As RLHFlow does (pair-pm/SSRM), a pair is kept if max(p, 1 - p) is above the confidence. The
 * label is then a hard one: how confident the model was does not weigh in.
 */
final class PseudoLabels {
  private PseudoLabels() {}

  /**
   * The rows that are kept, each with the answer first that the labeller prefers; the others are
   * counted as dropped.
   *
   * @param confidence in [0.5, 1), so that a tie is never kept
   */
  static List<PairRow.Conversations> label(
      PairLoader.Unlabelled unlabelled,
      List<PairRow.Conversations> rows,
      PairLabeller labeller,
      double confidence) {
    double[] preferences =
        rows.isEmpty()
            ? new double[0]
            : labeller.preferences(rows.stream().map(PseudoLabels::scoreRow).toList());
    List<PairRow.Conversations> kept = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      PairRow.Conversations row = rows.get(i);
      double p = preferences[i];
      if (Double.isNaN(p)) {
        unlabelled.counter(row).drop(DropReason.NOT_JUDGED, row.place().number(), "");
      } else if (Math.max(p, 1 - p) <= confidence) {
        unlabelled.counter(row).drop(DropReason.NOT_CONFIDENT, row.place().number(), "");
      } else {
        kept.add(p > 0.5 ? row : row.answered(row.rejectedAnswer(), row.chosenAnswer(), 1));
      }
    }
    return kept;
  }

  /** The rows whose prompts are not among these; the others are counted as dropped. */
  static List<PairRow.Conversations> without(LongSet prompts, PairLoader.Unlabelled unlabelled) {
    List<PairRow.Conversations> rows = new ArrayList<>();
    for (PairRow.Conversations row : unlabelled.rows()) {
      if (prompts.contains(row.promptHash())) {
        unlabelled.counter(row).drop(DropReason.HELD_OUT_PROMPT, row.place().number(), "");
      } else {
        rows.add(row);
      }
    }
    return rows;
  }

  private static ScoreRow scoreRow(PairRow.Conversations row) {
    return new ScoreRow.Pair(
        row.place(),
        Json.MAPPER.createObjectNode(),
        new ScoreItem.Conversation(row.chosen()),
        new ScoreItem.Conversation(row.rejected()));
  }
}
