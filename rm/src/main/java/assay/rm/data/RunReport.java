package assay.rm.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What became of all rows of a run: the content of {@code data.json}. */
public sealed interface RunReport permits DataReport, TextReport {
  /** The report as JSON, indented. */
  String toJson();

  /** The report for a terminal. */
  String toTable();

  default void write(Path file) {
    try {
      Files.writeString(file, toJson());
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be written: " + e, e);
    }
  }
}
