package assay.eval.doctor;

import assay.eval.statistics.Interval;
import assay.eval.statistics.Wilson;
import java.util.Optional;

/**
 * How much the better answers of a file are longer than the worse ones: a model that looks at
 * nothing else gets the share {@code longerWins} right.
 *
 * @param pairs in the file
 * @param ties pairs whose answers have the same number of characters
 * @param longerWins pairs whose better answer is the longer one
 * @param meanChosen characters
 * @param meanRejected characters
 */
public record Lengths(
    long pairs, long ties, long longerWins, double meanChosen, double meanRejected) {

  /** The share of the pairs of different length in which the longer answer is the better one. */
  public double share() {
    return (double) longerWins / (pairs - ties);
  }

  /** Of {@link #share}; empty if no pair has answers of different length. */
  public Optional<Interval> interval() {
    return pairs == ties ? Optional.empty() : Optional.of(Wilson.interval(share(), pairs - ties));
  }
}
