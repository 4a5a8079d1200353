package assay.rm.judge;

import java.util.List;
import java.util.Optional;

/**
 * A judge's answer to one question.
 *
 * @param text as it was written; empty where verdicts are read and not written
 * @param probabilities of each label of the question's form, where they are known; they sum to 1
 * @param verdictMass how probable it was that one of the labels would be written at all, where that
 *     is known: a low one says that the model was not about to give a verdict
 */
public record Reply(
    Verdict verdict, String text, Optional<List<Double>> probabilities, double verdictMass) {
  /** A reply that was written. */
  static Reply written(Verdict verdict, String text) {
    return new Reply(verdict, text, Optional.empty(), Double.NaN);
  }

  /** No reply. */
  static Reply failed(String reason) {
    return written(new Verdict.Failed(reason), "");
  }
}
