package assay.train.profile;

import assay.tensor.Span;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The spans of a stretch of time, thread by thread, each with the span that it lies in. */
public final class Profile {
  /**
   * A span as it was recorded.
   *
   * @param bytes that were moved, or 0
   * @param start in nanoseconds
   * @param end in nanoseconds
   */
  public record Recorded(
      String thread, Span.Kind kind, String name, long bytes, long start, long end) {
    long nanos() {
      return end - start;
    }
  }

  /** A span among the others of its thread. */
  public static final class Node {
    private final Recorded span;
    private final Node parent;
    private long nanosOfChildren;

    private Node(Recorded span, Node parent) {
      this.span = span;
      this.parent = parent;
    }

    public Recorded span() {
      return span;
    }

    /** What is not spent in spans that lie in this one, in nanoseconds. */
    public long selfNanos() {
      return span.nanos() - nanosOfChildren;
    }

    /** The span that this one lies in. */
    public Optional<Node> parent() {
      return Optional.ofNullable(parent);
    }

    /** Whether this span, or one around it, is of a kind. */
    boolean isWithin(Span.Kind kind) {
      return span.kind() == kind || (parent != null && parent.isWithin(kind));
    }
  }

  private final Map<String, List<Node>> threads; // by name; spans by their start

  private Profile(Map<String, List<Node>> threads) {
    this.threads = threads;
  }

  /** Finds out which span lies in which. */
  public static Profile of(List<Recorded> spans) {
    Map<String, List<Node>> threads = new TreeMap<>();
    Map<String, Deque<Node>> open = new TreeMap<>();
    Comparator<Recorded> outerFirst =
        Comparator.comparingLong(Recorded::start)
            .thenComparing(Comparator.comparingLong(Recorded::end).reversed())
            .thenComparing(Recorded::kind);
    for (Recorded span : spans.stream().sorted(outerFirst).toList()) {
      Deque<Node> around = open.computeIfAbsent(span.thread(), _ -> new ArrayDeque<>());
      while (!around.isEmpty() && around.peek().span.end() < span.end()) {
        around.pop();
      }
      Node node = new Node(span, around.peek());
      if (node.parent != null) {
        node.parent.nanosOfChildren += span.nanos();
      }
      around.push(node);
      threads.computeIfAbsent(span.thread(), _ -> new ArrayList<>()).add(node);
    }
    return new Profile(threads);
  }

  /** The spans of each thread, by its name. */
  public Map<String, List<Node>> threads() {
    return threads;
  }
}
