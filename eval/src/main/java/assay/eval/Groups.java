package assay.eval;

import assay.eval.statistics.Stratum;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Cuts rows into strata. */
final class Groups {
  private Groups() {}

  /**
   * The rows of each group: first those of known groups, in their order, then others as they come;
   * no group is empty.
   */
  static <R> Map<String, List<R>> of(
      List<R> rows, List<String> known, Function<R, String> groupOf) {
    Map<String, List<R>> groups = new LinkedHashMap<>();
    known.forEach(group -> groups.put(group, new ArrayList<>()));
    rows.forEach(
        row -> groups.computeIfAbsent(groupOf.apply(row), _ -> new ArrayList<>()).add(row));
    groups.values().removeIf(List::isEmpty);
    return groups;
  }

  /** A stratum for each group. */
  static <R> List<Stratum> strata(
      List<R> rows,
      List<String> known,
      Function<R, String> groupOf,
      Function<R, double[]> numbers) {
    return of(rows, known, groupOf).entrySet().stream()
        .map(group -> Stratum.of(group.getKey(), group.getValue(), numbers))
        .toList();
  }
}
