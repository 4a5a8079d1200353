package assay.rm.data;

import java.util.Optional;

/** Reads the rows of one file, one after the other; memory holds one row, not the file. */
public interface RowReader extends AutoCloseable {
  /**
   * The next row, or empty at the end.
   *
   * @throws assay.tensor.InvalidInputException if the row cannot be parsed; names file and line
   */
  Optional<Row> next();

  @Override
  void close();
}
