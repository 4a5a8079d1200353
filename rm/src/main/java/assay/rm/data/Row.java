package assay.rm.data;

import tools.jackson.databind.node.ObjectNode;

/**
 * One row of a data file, whatever the file's format.
 *
 * @param fields as they stand in the file, in its order
 */
public record Row(RowPlace place, ObjectNode fields) {}
