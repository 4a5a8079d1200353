package assay.rm.data;

/**
 * A text with ratings of some of its attributes, ready to be embedded.
 *
 * @param ids its tokens
 * @param ratings one for each attribute of the run; NaN where it has none
 * @param promptHash equal for answers to the same prompt
 * @param place where it comes from, for messages
 */
@SuppressWarnings("ArrayRecordComponent") // a row is data to be read, never a key
public record AttributeRow(int[] ids, float[] ratings, long promptHash, RowPlace place) {}
