package assay.eval;

import assay.rm.data.Row;
import assay.rm.data.RowFiles;
import assay.rm.data.RowReader;
import assay.tensor.InvalidInputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import java.util.function.ObjIntConsumer;
import java.util.stream.Stream;

/**
 * The data files of an evaluation. Rows are read again whenever they are needed: texts of any size
 * are never all in memory.
 *
 * @param numRows 0 if they were not counted yet
 * @param hashes SHA-256 of each file's bytes, by the file's name
 */
public record EvaluationData<R extends ScoredRow>(
    Benchmark<R> benchmark, List<Path> files, long numRows, Map<String, String> hashes) {
  private static final List<String> ENDINGS = List.of(".jsonl", ".json", ".parquet");

  /**
   * Finds the files; their rows are checked when they are read.
   *
   * @param names files, globs, and folders, which stand for the data files in them
   * @throws InvalidInputException if there is no such file
   */
  public static <R extends ScoredRow> EvaluationData<R> find(
      Benchmark<R> benchmark, List<String> names) {
    List<Path> files = RowFiles.find(names.stream().flatMap(EvaluationData::inFolder).toList());
    Map<String, String> hashes = new LinkedHashMap<>();
    files.forEach(file -> hashes.put(file.toString(), FileHash.of(List.of(file))));
    return new EvaluationData<>(benchmark, files, 0, hashes);
  }

  /**
   * Finds the files, and reads them once before anything costly is done with them.
   *
   * @param names as in {@link #find}
   * @throws InvalidInputException if there is no row, or one is none of the benchmark's; names
   *     file, line and key
   */
  public static <R extends ScoredRow> EvaluationData<R> check(
      Benchmark<R> benchmark, List<String> names) {
    EvaluationData<R> found = find(benchmark, names);
    long[] numRows = {0};
    found.forEach(_ -> numRows[0]++);
    if (numRows[0] == 0) {
      throw new InvalidInputException(
          "%s: there are no rows; expected data of %s".formatted(found.files, benchmark.name()));
    }
    return new EvaluationData<>(benchmark, found.files, numRows[0], found.hashes);
  }

  private static Stream<String> inFolder(String name) {
    Path folder = Path.of(name);
    if (!Files.isDirectory(folder)) {
      return Stream.of(name);
    }
    List<String> found = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      files.map(Path::toString).filter(EvaluationData::isData).sorted().forEach(found::add);
    } catch (IOException e) {
      throw new UncheckedIOException(folder + " cannot be read", e);
    }
    if (found.isEmpty()) {
      throw new InvalidInputException(
          folder + ": has no data files; expected " + String.join(", ", ENDINGS));
    }
    return found.stream();
  }

  private static boolean isData(String file) {
    return ENDINGS.stream().anyMatch(file::endsWith);
  }

  /**
   * Reads all rows, in their order.
   *
   * @throws InvalidInputException if one is none of the benchmark's; names file, line and key
   */
  public void forEach(Consumer<BenchmarkRow> action) {
    forEach(_ -> true, (row, _) -> action.accept(row));
  }

  /**
   * Reads some rows, in their order.
   *
   * @param wanted numbers of rows, from 0
   * @param action takes a row and its number
   */
  public void forEach(IntPredicate wanted, ObjIntConsumer<BenchmarkRow> action) {
    int number = 0;
    for (Path file : files) {
      try (RowReader reader = RowFiles.open(file)) {
        for (Optional<Row> row = reader.next(); row.isPresent(); row = reader.next()) {
          if (wanted.test(number)) {
            action.accept(BenchmarkRow.parse(benchmark, row.get()), number);
          }
          number++;
        }
      }
    }
  }
}
