package assay.rm.data;

/**
 * A text with numbers that a model should find for it: ratings of the whole, or verdicts on its
 * steps.
 *
 * @param ids its tokens
 * @param readAt the tokens at which the labels are to be found, ascending; one for each label, or
 *     the last for all
 * @param labels NaN where there is none
 * @param place where it comes from, for messages
 */
@SuppressWarnings("ArrayRecordComponent") // a text is data to be read, never a key
public record LabelledText(int[] ids, int[] readAt, float[] labels, long promptHash, RowPlace place)
    implements TrainingRow {
  /** Labels that are there. */
  public int numLabels() {
    int count = 0;
    for (float label : labels) {
      count += Float.isNaN(label) ? 0 : 1;
    }
    return count;
  }
}
