package assay.tensor;

import java.util.Map;
import java.util.TreeMap;

/**
 * Every byte of a device's memory by purpose: weights, gradients, optimizer state, activations,
 * scratch. The totals here are what {@code assay plan} predicts and a run reports.
 */
public final class Ledger {
  /** Bytes now and at the worst moment. */
  public record Bytes(long current, long peak) {}

  private final Map<String, Bytes> byPurpose = new TreeMap<>();
  private Map<String, Long> atPeak = new TreeMap<>();
  private long current;
  private long peak;

  synchronized void add(String purpose, long bytes) {
    Bytes before = byPurpose.getOrDefault(purpose, new Bytes(0, 0));
    long now = before.current + bytes;
    byPurpose.put(purpose, new Bytes(now, Math.max(now, before.peak)));
    current += bytes;
    if (current > peak) {
      peak = current;
      atPeak = null; // taken anew when somebody asks or memory falls
    } else if (bytes < 0 && atPeak == null) {
      atPeak = currentByPurpose();
      atPeak.merge(purpose, -bytes, Long::sum);
    }
  }

  /** Bytes in use, all purposes. */
  public synchronized long current() {
    return current;
  }

  /** The most bytes that were in use at one moment. */
  public synchronized long peak() {
    return peak;
  }

  /** Now and peak of each purpose; the peaks need not have been at the same moment. */
  public synchronized Map<String, Bytes> byPurpose() {
    return new TreeMap<>(byPurpose);
  }

  /** How the {@link #peak} was made up. */
  public synchronized Map<String, Long> atPeak() {
    return new TreeMap<>(atPeak == null ? currentByPurpose() : atPeak);
  }

  private Map<String, Long> currentByPurpose() {
    Map<String, Long> bytes = new TreeMap<>();
    byPurpose.forEach(
        (purpose, b) -> {
          if (b.current > 0) {
            bytes.put(purpose, b.current);
          }
        });
    return bytes;
  }
}
