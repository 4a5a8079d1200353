package assay.eval;

import java.util.Collection;
import java.util.List;
import java.util.Objects;

/** Means of scores of which some may not have been measured and are null. */
final class Means {
  private Means() {}

  /** The mean of those that are there; null if there are none. */
  static Double ofPresent(List<Double> scores) {
    List<Double> present = scores.stream().filter(Objects::nonNull).toList();
    return present.isEmpty() ? null : ofAll(present);
  }

  /** The mean; null if one is. */
  static Double ofAll(Collection<Double> scores) {
    double sum = 0;
    for (Double score : scores) {
      if (score == null) {
        return null;
      }
      sum += score;
    }
    return sum / scores.size();
  }
}
