package assay.eval;

import assay.rm.data.SplitMix64;
import java.util.List;

/**
 * Scores that no model is needed for. A benchmark on which one of these does well measures, in
 * part, what it measures; a reward model should be far above all three.
 *
 * <p>Their scores go where a model's go, so that they have the same sections and intervals, and can
 * be compared with a model's row by row.
 */
public enum Baseline {
  /** The longer answer wins: the score is the number of characters (Unicode code points). */
  LONGER,
  /** The answer with more markdown wins: the score is {@link Markdown#countElements}. */
  MORE_MARKDOWN,
  /**
   * The answer that is shown first wins, with the answers shown in random order: what a judge comes
   * to who always says "A". Data files have the chosen answer first, so their own order says
   * nothing. Its expectation is chance; how far it is off tells how much chance matters here.
   */
  FIRST;

  /**
   * The score of each response to one prompt.
   *
   * @param seed of the random order; the same row has the same order again
   * @param row the prompt's number
   */
  public double[] scores(List<String> responses, long seed, long row) {
    return switch (this) {
      case LONGER ->
          responses.stream().mapToDouble(text -> text.codePointCount(0, text.length())).toArray();
      case MORE_MARKDOWN -> responses.stream().mapToDouble(Markdown::countElements).toArray();
      case FIRST -> {
        // Whoever draws the highest of these numbers is shown first.
        SplitMix64 random = new SplitMix64(SplitMix64.mix(SplitMix64.mix(seed) + row));
        yield responses.stream().mapToDouble(_ -> random.nextLong() * 0x1p-63).toArray();
      }
    };
  }
}
