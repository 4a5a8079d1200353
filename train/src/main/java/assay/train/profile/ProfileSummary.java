package assay.train.profile;

import assay.tensor.Span.Kind;
import assay.train.profile.Profile.Node;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The time of a rank's mean step by what its thread does, and how much of the exchange with other
 * ranks goes on while it computes.
 *
 * <p>A span counts without those that lie in it, so that all times together are the step's.
 *
 * @param rank the thread's name
 * @param numSteps that were recorded
 * @param stepSeconds of the mean step
 * @param rows what the thread does in the mean step, the longest first
 * @param collectives of the mean step, by name, on whichever thread; bytes are of the whole
 *     tensors, not of a rank's part
 * @param waitedSeconds for which exchanges keep the thread from computing in the mean step
 */
public record ProfileSummary(
    String rank,
    int numSteps,
    double stepSeconds,
    List<Row> rows,
    List<Row> collectives,
    double waitedSeconds) {

  /** Spans of the mean step that have a kind and a name in common. */
  public record Row(Kind kind, String name, double calls, double seconds, double bytes) {
    private Row plus(Row other) {
      return new Row(kind, name, calls + other.calls, seconds + other.seconds, bytes + other.bytes);
    }
  }

  /** Of each rank of this process: each thread that has taken whole steps. */
  public static List<ProfileSummary> of(Profile profile) {
    List<String> ranks =
        profile.threads().keySet().stream()
            .filter(thread -> steps(profile.threads().get(thread)).findAny().isPresent())
            .toList();
    return ranks.stream().map(rank -> of(profile, rank, ranks.size() == 1)).toList();
  }

  /**
   * @param alone whether all other threads work for this rank
   */
  private static ProfileSummary of(Profile profile, String rank, boolean alone) {
    List<Node> own = profile.threads().get(rank);
    int numSteps = (int) steps(own).count();
    long nanos = steps(own).mapToLong(step -> step.span().nanos()).sum();
    long waited =
        own.stream()
            .filter(ProfileSummary::waits)
            .filter(node -> node.parent().stream().noneMatch(ProfileSummary::waits))
            .mapToLong(node -> node.span().nanos())
            .sum();
    List<Node> inSteps = own.stream().filter(node -> node.isWithin(Kind.STEP)).toList();
    List<Node> collectives = new ArrayList<>(inSteps);
    if (alone) {
      profile.threads().entrySet().stream()
          .filter(thread -> !thread.getKey().equals(rank))
          .forEach(thread -> collectives.addAll(thread.getValue()));
    }
    collectives.removeIf(node -> node.span().kind() != Kind.COLLECTIVE);
    return new ProfileSummary(
        rank,
        numSteps,
        nanos * 1e-9 / numSteps,
        rows(inSteps, numSteps, false),
        rows(collectives, numSteps, true),
        waited * 1e-9 / numSteps);
  }

  private static Stream<Node> steps(List<Node> spans) {
    return spans.stream().filter(node -> node.span().kind() == Kind.STEP);
  }

  private static boolean waits(Node node) {
    Kind kind = node.span().kind();
    return (kind == Kind.WAIT || kind == Kind.COLLECTIVE) && node.isWithin(Kind.STEP);
  }

  private static List<Row> rows(List<Node> spans, int numSteps, boolean withChildren) {
    Map<String, Row> rows = new TreeMap<>();
    for (Node node : spans) {
      Profile.Recorded span = node.span();
      String name = span.kind() == Kind.STEP ? "rest" : span.name();
      long nanos = withChildren ? span.nanos() : node.selfNanos();
      Row row =
          new Row(
              span.kind(),
              name,
              1.0 / numSteps,
              nanos * 1e-9 / numSteps,
              (double) span.bytes() / numSteps);
      rows.merge(span.kind() + name, row, Row::plus);
    }
    Comparator<Row> byTime = Comparator.comparingDouble(Row::seconds);
    return rows.values().stream().sorted(byTime.reversed()).toList();
  }

  /** The thread's seconds in the mean step by kind. */
  public Map<Kind, Double> secondsByKind() {
    Map<Kind, Double> seconds = new EnumMap<>(Kind.class);
    rows.forEach(row -> seconds.merge(row.kind(), row.seconds(), Double::sum));
    return seconds;
  }

  /** How long the mean step's exchanges take, wherever they run. */
  public double exchangeSeconds() {
    return collectives.stream().mapToDouble(Row::seconds).sum();
  }

  /** The share of that time in which the rank computes; 0 without exchanges. */
  public double overlap() {
    double exchange = exchangeSeconds();
    return exchange == 0 ? 0 : Math.max(0, 1 - waitedSeconds / exchange);
  }
}
