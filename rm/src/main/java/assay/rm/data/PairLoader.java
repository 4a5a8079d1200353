package assay.rm.data;

import assay.tensor.InvalidInputException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Reads pairs from files: row by row through parser, filter and encoder, each row accounted for.
 */
final class PairLoader {
  private final PairEncoder encoder;
  // The same few sources stand in every row; one string of each is enough.
  private final Map<String, String> sources = new HashMap<>();

  PairLoader(PairEncoder encoder) {
    this.encoder = encoder;
  }

  /**
   * All pairs of some files, in their order, and a report for each file.
   *
   * @param pairs in memory: 4 bytes per token and about 200 per pair
   * @param texts what each pair was made of, where it was asked for; about as much memory again
   */
  record Loaded(
      List<PreferencePair> pairs, List<PairRow.Conversations> texts, List<FileReport> reports) {}

  /**
   * Reads the files that paths and globs name.
   *
   * @throws InvalidInputException if a file or a row cannot be parsed
   */
  Loaded load(List<String> patterns) {
    List<PreferencePair> pairs = new ArrayList<>();
    List<FileReport> reports = new ArrayList<>();
    for (Path file : RowFiles.find(patterns)) {
      reports.add(read(file, pairs::add));
    }
    return new Loaded(pairs, List.of(), reports);
  }

  /**
   * As {@link #load}, and keeps the texts.
   *
   * @throws InvalidInputException also if a row is one of token ids
   */
  Loaded loadWithTexts(List<String> patterns) {
    List<PreferencePair> pairs = new ArrayList<>();
    List<PairRow.Conversations> texts = new ArrayList<>();
    List<FileReport> reports = new ArrayList<>();
    for (Path file : RowFiles.find(patterns)) {
      FileReport.Counter counter = new FileReport.Counter(file.toString());
      read(
          file,
          PairLoader::parseTexts,
          row ->
              encode(row, counter)
                  .ifPresent(
                      pair -> {
                        pairs.add(pair);
                        texts.add(row.sharingPrompt());
                      }));
      reports.add(counter.report());
    }
    return new Loaded(pairs, texts, reports);
  }

  private static PairRow.Conversations parseTexts(Row row) {
    if (PairRow.parse(row) instanceof PairRow.Conversations texts) {
      return texts;
    }
    throw new InvalidInputException(
        row.place()
            + ": data.augmentation takes answers apart from prompts, and data.unlabelled compares"
            + " prompts, which token ids do not allow; give chosen and rejected as texts or turns");
  }

  /**
   * Rows without labels that can be encoded. They are counted when they are labelled and encoded.
   *
   * @param counters of each file by its name, which have counted what was dropped so far
   */
  record Unlabelled(List<PairRow.Conversations> rows, Map<String, FileReport.Counter> counters) {
    FileReport.Counter counter(PairRow row) {
      return counters.get(row.place().file());
    }

    List<FileReport> reports() {
      return counters.values().stream().map(FileReport.Counter::report).toList();
    }
  }

  /**
   * Reads files of {@linkplain PairRow#parseUnlabelled unlabelled rows}.
   *
   * @throws InvalidInputException if a file or a row cannot be parsed
   */
  Unlabelled loadUnlabelled(List<String> patterns) {
    List<PairRow.Conversations> rows = new ArrayList<>();
    Map<String, FileReport.Counter> counters = new LinkedHashMap<>();
    for (Path file : RowFiles.find(patterns)) {
      FileReport.Counter counter = new FileReport.Counter(file.toString());
      counters.put(file.toString(), counter);
      read(
          file,
          PairRow::parseUnlabelled,
          row -> pair(row, counter).ifPresent(_ -> rows.add(row.sharingPrompt())));
    }
    return new Unlabelled(rows, counters);
  }

  /** Streams one file's pairs into {@code sink}; memory holds one row at a time. */
  FileReport read(Path file, Consumer<PreferencePair> sink) {
    FileReport.Counter counter = new FileReport.Counter(file.toString());
    read(file, PairRow::parse, row -> encode(row, counter).ifPresent(sink));
    return counter.report();
  }

  private static <R extends PairRow> void read(
      Path file, Function<Row, R> parser, Consumer<R> sink) {
    try (RowReader rows = RowFiles.open(file)) {
      for (Optional<Row> row = rows.next(); row.isPresent(); row = rows.next()) {
        sink.accept(parser.apply(row.get()));
      }
    }
  }

  /** The pair that a row becomes, counted as used; else it is counted as dropped. */
  Optional<PreferencePair> encode(PairRow row, FileReport.Counter counter) {
    Optional<PreferencePair> pair = pair(row, counter);
    pair.ifPresent(_ -> counter.use());
    return pair;
  }

  /** As {@link #encode}, but a pair is not counted. */
  private Optional<PreferencePair> pair(PairRow row, FileReport.Counter counter) {
    long line = row.place().number();
    Optional<DropReason> fault = PairFilter.fault(row);
    if (fault.isPresent()) {
      counter.drop(fault.get(), line, "");
      return Optional.empty();
    }
    return switch (encoder.encode(row)) {
      case PairEncoder.Result.Encoded(PreferencePair pair) -> Optional.of(withSharedSource(pair));
      case PairEncoder.Result.Dropped(DropReason reason, String detail) -> {
        counter.drop(reason, line, detail);
        yield Optional.empty();
      }
    };
  }

  private PreferencePair withSharedSource(PreferencePair pair) {
    return new PreferencePair(
        pair.chosenIds(),
        pair.rejectedIds(),
        pair.margin(),
        pair.target(),
        sources.computeIfAbsent(pair.source(), source -> source),
        pair.id(),
        pair.file(),
        pair.line(),
        pair.promptHash(),
        pair.chosenLength(),
        pair.rejectedLength());
  }
}
