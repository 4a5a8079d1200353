package assay.rm.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Reads pairs from files: row by row through parser, filter and encoder, each row accounted for.
 */
public final class PairLoader {
  private final PairEncoder encoder;
  // The same few sources stand in every row; one string of each is enough.
  private final Map<String, String> sources = new HashMap<>();

  public PairLoader(PairEncoder encoder) {
    this.encoder = encoder;
  }

  /**
   * All pairs of some files, in their order, and a report for each file.
   *
   * @param pairs in memory: 4 bytes per token and about 200 per pair
   */
  public record Loaded(List<PreferencePair> pairs, List<FileReport> reports) {}

  /**
   * Reads the files that paths and globs name.
   *
   * @throws assay.tensor.InvalidInputException if a file or a row cannot be parsed
   */
  public Loaded load(List<String> patterns) {
    List<PreferencePair> pairs = new ArrayList<>();
    List<FileReport> reports = new ArrayList<>();
    for (Path file : RowFiles.find(patterns)) {
      reports.add(read(file, pairs::add));
    }
    return new Loaded(pairs, reports);
  }

  /** Streams one file's pairs into {@code sink}; memory holds one row at a time. */
  public FileReport read(Path file, Consumer<PreferencePair> sink) {
    FileReport.Counter counter = new FileReport.Counter(file.toString());
    try (RowReader rows = RowFiles.open(file)) {
      for (Optional<Row> row = rows.next(); row.isPresent(); row = rows.next()) {
        take(row.get(), sink, counter);
      }
    }
    return counter.report();
  }

  private void take(Row row, Consumer<PreferencePair> sink, FileReport.Counter counter) {
    PairRow parsed = PairRow.parse(row);
    long line = row.place().number();
    Optional<DropReason> fault = PairFilter.fault(parsed);
    if (fault.isPresent()) {
      counter.drop(fault.get(), line, "");
      return;
    }
    switch (encoder.encode(parsed)) {
      case PairEncoder.Result.Encoded(PreferencePair pair) -> {
        sink.accept(withSharedSource(pair));
        counter.use();
      }
      case PairEncoder.Result.Dropped(DropReason reason, String detail) ->
          counter.drop(reason, line, detail);
    }
  }

  private PreferencePair withSharedSource(PreferencePair pair) {
    return new PreferencePair(
        pair.chosenIds(),
        pair.rejectedIds(),
        pair.margin(),
        sources.computeIfAbsent(pair.source(), source -> source),
        pair.id(),
        pair.file(),
        pair.line(),
        pair.promptHash(),
        pair.chosenIsLonger());
  }
}
