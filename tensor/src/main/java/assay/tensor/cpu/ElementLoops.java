package assay.tensor.cpu;

import assay.tensor.BinaryKind;
import assay.tensor.UnaryKind;

/**
 * The innermost loops over runs of F32 elements, which lie at addresses. {@link FastBackend}
 * decides which thread does which run. Every implementation gives the same bits.
 */
interface ElementLoops {
  /**
   * To use one value for every element, an operand is given as the address of a line: this many
   * equal floats.
   */
  int LINE = 16;

  /** The number of partial sums of {@link #sum}; sum j takes elements j, j + 16, j + 32 ... */
  int NUM_SUMS = 16;

  void fill(float value, long to, long count);

  /** {@code to[i] = kind(from[i])}; errors as in {@link FloatMath}. */
  void unary(UnaryKind kind, long from, long to, long count);

  /**
   * {@code to[i] = kind(left[i], right[i])}.
   *
   * @param rightIsLine right holds one value, {@link #LINE} times
   */
  void binary(BinaryKind kind, long left, long right, boolean rightIsLine, long to, long count);

  /** {@code to[i] = condition[i] != 0 ? left[i] : right[i]}. */
  void where(long condition, long left, long right, boolean rightIsLine, long to, long count);

  void floatToBfloat16(long from, long to, long count);

  void bfloat16ToFloat(long from, long to, long count);

  /** The sum, carried in F64: {@link #NUM_SUMS} partial sums, added up by {@link #addHalves}. */
  double sum(long from, long count);

  /** The largest element; NaN if there is one, negative infinity if there is none. */
  float maximum(long from, long count);

  /** {@code sums[i] += from[i]} for as many as there are sums. */
  void addTo(double[] sums, long from);

  /** The upper half is added to the lower until one is left. Overwrites the sums. */
  static double addHalves(double[] sums) {
    for (int width = NUM_SUMS / 2; width >= 1; width /= 2) {
      for (int j = 0; j < width; j++) {
        sums[j] += sums[j + width];
      }
    }
    return sums[0];
  }
}
