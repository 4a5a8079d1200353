package assay.rm.data;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What became of one file's rows; {@code read} is {@code used} and all that was dropped.
 *
 * @param dropped in the order of {@link DropReason}, those that occurred
 */
public record FileReport(String file, long read, long used, Map<DropReason, Drops> dropped) {
  /** Of each reason so many places are kept: enough to look, few enough for a million faults. */
  static final int PLACES_KEPT = 10;

  public FileReport {
    dropped = Collections.unmodifiableMap(dropped);
  }

  /**
   * The rows that one reason took.
   *
   * @param firstLines the lines (or rows) of the first of them
   * @param detail what was said about the first, where the reason alone does not tell
   */
  public record Drops(long count, List<Long> firstLines, String detail) {
    public Drops {
      firstLines = List.copyOf(firstLines);
    }
  }

  /** The number of rows that were dropped for any reason. */
  public long numDropped() {
    return dropped.values().stream().mapToLong(Drops::count).sum();
  }

  /** Counts while a file is read. */
  static final class Counter {
    private final String file;
    private long used;
    private final Map<DropReason, Tally> dropped = new EnumMap<>(DropReason.class);

    private static final class Tally {
      private long count;
      private final List<Long> firstLines = new ArrayList<>();
      private String detail = "";
    }

    Counter(String file) {
      this.file = file;
    }

    void use() {
      used++;
    }

    void drop(DropReason reason, long line, String detail) {
      Tally tally = dropped.computeIfAbsent(reason, key -> new Tally());
      tally.count++;
      if (tally.count == 1) {
        tally.detail = detail;
      }
      if (tally.firstLines.size() < PLACES_KEPT) {
        tally.firstLines.add(line);
      }
    }

    FileReport report() {
      Map<DropReason, Drops> result = new EnumMap<>(DropReason.class);
      long read = used;
      for (Map.Entry<DropReason, Tally> entry : dropped.entrySet()) {
        Tally tally = entry.getValue();
        result.put(entry.getKey(), new Drops(tally.count, tally.firstLines, tally.detail));
        read += tally.count;
      }
      return new FileReport(file, read, used, result);
    }
  }
}
