package assay.rm.data;

/**
 * Where a row stands, for messages and reports.
 *
 * @param file as it was named, {@code stdin} for the standard input
 * @param number from 1: the line in JSON Lines, the row in a JSON array or a Parquet file
 */
public record RowPlace(String file, Unit unit, long number) {
  /** What is counted. */
  public enum Unit {
    LINE,
    ROW
  }

  /** {@code a.jsonl:17} or {@code b.parquet: row 17}. */
  @Override
  public String toString() {
    return unit == Unit.LINE ? file + ":" + number : file + ": row " + number;
  }
}
