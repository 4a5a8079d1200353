package assay.eval;

import assay.rm.data.Row;
import assay.rm.data.RowFiles;
import assay.rm.data.RowPlace;
import assay.rm.data.RowReader;
import assay.tensor.InvalidInputException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Files of rows with scores, of this project's models or of any others. */
public final class ScoreFile {
  private ScoreFile() {}

  /**
   * All rows with scores of some files in JSON Lines, a JSON array or Parquet.
   *
   * @throws InvalidInputException if a row is none of the benchmark's, or there is no row; names
   *     file, line and key
   */
  public static <R extends ScoredRow> List<R> read(Benchmark<R> benchmark, List<Path> files) {
    return readAll(benchmark, files).rows();
  }

  /** As {@link #read}, with the rows that have an error in place of scores. */
  public static <R extends ScoredRow> Scores<R> readAll(Benchmark<R> benchmark, List<Path> files) {
    Scores<R> scores = new Scores<>(benchmark);
    for (Path file : files) {
      try (RowReader reader = RowFiles.open(file)) {
        for (Optional<Row> row = reader.next(); row.isPresent(); row = reader.next()) {
          scores.add(row.get());
        }
      }
    }
    if (scores.rows().isEmpty()) {
      throw new InvalidInputException(
          "%s: there are no rows; expected scores of %s".formatted(files, benchmark.name()));
    }
    return scores;
  }

  /**
   * The scores of some data's rows, in their order.
   *
   * @throws InvalidInputException if a row is not the data's, or there are fewer or more of them;
   *     names file and line
   */
  public static <R extends ScoredRow> Scores<R> readFor(EvaluationData<R> data, Path file) {
    Scores<R> scores = new Scores<>(data.benchmark());
    try (RowReader reader = RowFiles.open(file)) {
      data.forEach(
          its -> {
            Row row =
                reader.next().orElseThrow(() -> differ(its.answers().place(), file + "'s end"));
            if (!ScoreFields.id(row).equals(ScoreFields.id(its.withError("")))) {
              throw differ(its.answers().place(), row.place().toString());
            }
            scores.add(row, its);
          });
      reader
          .next()
          .ifPresent(
              row -> {
                throw differ(row.place(), "no row of the data");
              });
    }
    return scores;
  }

  private static InvalidInputException differ(RowPlace place, String other) {
    return new InvalidInputException(
        "%s: this row meets %s; --scores needs one row for each of --data, in the same order"
            .formatted(place, other));
  }
}
