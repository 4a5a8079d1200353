package assay.eval.doctor;

import assay.rm.data.RowPlace;
import java.util.List;

/**
 * Rows of one file that have the same fault.
 *
 * @param rows in the order of the file
 */
public record Finding(String file, Fault fault, List<RowPlace> rows) {}
