package assay.eval.doctor;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The comparisons of each prompt as a graph: an edge for each row, from the better answer to the
 * worse one. Whoever prefers consistently leaves a graph without circles.
 */
final class Comparisons {
  /**
   * A row.
   *
   * @param index among all rows
   */
  private record Edge(int index, Ends ends) {
    long better() {
      return ends.better;
    }

    long worse() {
      return ends.worse;
    }
  }

  private record Ends(long better, long worse) {
    Ends reversed() {
      return new Ends(/* better= */ worse, /* worse= */ better);
    }
  }

  private final Map<Long, List<Edge>> byPrompt = new LinkedHashMap<>();

  void add(int index, long prompt, long better, long worse) {
    byPrompt
        .computeIfAbsent(prompt, _ -> new ArrayList<>())
        .add(new Edge(index, new Ends(better, worse)));
  }

  /** Rows that say what an earlier one says, each with the first that does. */
  SortedMap<Integer, Integer> duplicates() {
    SortedMap<Integer, Integer> rows = new TreeMap<>();
    for (List<Edge> edges : byPrompt.values()) {
      Map<Ends, Integer> first = first(edges);
      edges.stream()
          .filter(edge -> first.get(edge.ends) != edge.index)
          .forEach(edge -> rows.put(edge.index, first.get(edge.ends)));
    }
    return rows;
  }

  /** Rows of which another says the opposite, each with the first that does. */
  SortedMap<Integer, Integer> contradictions() {
    SortedMap<Integer, Integer> rows = new TreeMap<>();
    for (List<Edge> edges : byPrompt.values()) {
      Map<Ends, Integer> first = first(edges);
      edges.stream()
          .filter(edge -> edge.better() != edge.worse())
          .filter(edge -> first.containsKey(edge.ends.reversed()))
          .forEach(edge -> rows.put(edge.index, first.get(edge.ends.reversed())));
    }
    return rows;
  }

  /**
   * Rows that lie on a circle of three answers or more, and contradict no other row, each with one
   * that goes on from its worse answer.
   */
  SortedMap<Integer, Integer> cycles() {
    SortedMap<Integer, Integer> rows = new TreeMap<>();
    for (List<Edge> edges : byPrompt.values()) {
      Set<Ends> all = first(edges).keySet();
      List<Edge> consistent =
          withoutLooseEnds(
              edges.stream().filter(edge -> !all.contains(edge.ends.reversed())).toList());
      Map<Long, Set<Long>> worse = new HashMap<>();
      consistent.forEach(
          edge -> worse.computeIfAbsent(edge.better(), _ -> new HashSet<>()).add(edge.worse()));
      for (Edge edge : consistent) {
        consistent.stream()
            .filter(next -> next.better() == edge.worse())
            .filter(next -> reaches(worse, next.worse(), edge.better()))
            .findFirst()
            .ifPresent(next -> rows.put(edge.index, next.index));
      }
    }
    return rows;
  }

  /** Without the answers that are never better, or never worse, until there are none. */
  private static List<Edge> withoutLooseEnds(List<Edge> edges) {
    List<Edge> left = edges;
    int before;
    do {
      before = left.size();
      Set<Long> better = left.stream().map(Edge::better).collect(Collectors.toSet());
      Set<Long> worse = left.stream().map(Edge::worse).collect(Collectors.toSet());
      left =
          left.stream()
              .filter(edge -> worse.contains(edge.better()) && better.contains(edge.worse()))
              .toList();
    } while (left.size() < before);
    return left;
  }

  /** The first row of all that say the same. */
  private static Map<Ends, Integer> first(List<Edge> edges) {
    Map<Ends, Integer> first = new HashMap<>();
    edges.forEach(edge -> first.putIfAbsent(edge.ends, edge.index));
    return first;
  }

  /** Whether there is a way along the edges; none is needed from an answer to itself. */
  private static boolean reaches(Map<Long, Set<Long>> edges, long from, long to) {
    if (from == to) {
      return true;
    }
    Set<Long> seen = new HashSet<>(Set.of(from));
    Deque<Long> open = new ArrayDeque<>(seen);
    while (!open.isEmpty()) {
      for (long next : edges.getOrDefault(open.pop(), Set.of())) {
        if (next == to) {
          return true;
        }
        if (seen.add(next)) {
          open.push(next);
        }
      }
    }
    return false;
  }
}
