package assay.eval.doctor;

import assay.rm.data.RowPlace;
import java.util.List;
import java.util.Optional;

/**
 * Rows of one file that have the same fault.
 *
 * @param rows in the order of the file
 */
public record Finding(Fault fault, List<Faulty> rows) {
  /**
   * A row with a fault.
   *
   * @param other the row that it has it with, where the fault is one of two rows: the earlier
   *     duplicate, the opposite preference, the next one of a circle, the other data's prompt
   */
  public record Faulty(RowPlace row, Optional<RowPlace> other) {}
}
