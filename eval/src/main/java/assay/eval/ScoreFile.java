package assay.eval;

import assay.rm.data.Row;
import assay.rm.data.RowFiles;
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
}
