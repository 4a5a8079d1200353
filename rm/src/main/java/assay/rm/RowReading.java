package assay.rm;

import assay.rm.data.Judgement;
import java.util.List;
import java.util.Optional;

/**
 * What is read for a row that is to be judged, and what becomes of the scores.
 *
 * @param sequences neighbours should begin alike: what they share is computed once
 */
public record RowReading(List<Sequence> sequences, Judge judge) {
  /**
   * Tokens that are read together; the score is read at the last.
   *
   * @param text that they stand for; empty if they were given
   */
  @SuppressWarnings("ArrayRecordComponent") // handed through once, never a key
  public record Sequence(Optional<String> text, int[] ids) {}

  /** Nothing is read, and this is why. */
  static RowReading refusal(String reason) {
    return new RowReading(List.of(), scores -> new Judgement.Refusal(reason));
  }

  /** Makes a judgement of the sequences' scores. */
  public interface Judge {
    /**
     * @param scores a row {@code [K]} for each sequence, see {@link RewardNetwork#scores}
     */
    Judgement judge(double[][] scores);
  }
}
