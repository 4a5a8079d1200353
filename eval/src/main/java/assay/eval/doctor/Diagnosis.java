package assay.eval.doctor;

import java.util.List;
import java.util.Optional;

/**
 * What there is to say of one file.
 *
 * @param findings one for each fault that some row has
 * @param lengths empty if the file has no pair
 */
public record Diagnosis(String file, List<Finding> findings, Optional<Lengths> lengths) {
  /** How many pairs could be read. */
  public long pairs() {
    return lengths.map(Lengths::pairs).orElse(0L);
  }
}
