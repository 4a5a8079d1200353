package assay.eval;

import assay.rm.data.Row;
import assay.rm.data.RowFiles;
import assay.rm.data.RowReader;
import assay.tensor.InvalidInputException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Files of rows with scores, of this project's models or of any others. */
public final class ScoreFile {
  private ScoreFile() {}

  /**
   * All rows of some files in JSON Lines, a JSON array or Parquet.
   *
   * @throws InvalidInputException if a row is none of the benchmark's, or there is no row; names
   *     file, line and key
   */
  public static <R extends ScoredRow> List<R> read(Benchmark<R> benchmark, List<Path> files) {
    List<R> rows = new ArrayList<>();
    for (Path file : files) {
      try (RowReader reader = RowFiles.open(file)) {
        read(benchmark, reader, rows);
      }
    }
    if (rows.isEmpty()) {
      throw new InvalidInputException(
          "%s: there are no rows; expected scores of %s".formatted(files, benchmark.name()));
    }
    return rows;
  }

  private static <R extends ScoredRow> void read(
      Benchmark<R> benchmark, RowReader reader, List<R> rows) {
    for (Optional<Row> row = reader.next(); row.isPresent(); row = reader.next()) {
      rows.add(benchmark.read(row.get()));
    }
  }
}
