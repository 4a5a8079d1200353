package assay.tensor.comm;

import assay.tensor.Tensor;

/** The kinds of operations that move tensors between ranks. */
public enum Collective {
  ALL_REDUCE,
  REDUCE_SCATTER,
  ALL_GATHER,
  BROADCAST;

  /** A part for each rank, one after the other, must make up the whole. */
  public static void requireParts(Tensor part, Tensor whole, int numRanks) {
    if (whole.size() != part.size() * numRanks || whole.dtype() != part.dtype()) {
      throw new IllegalArgumentException(
          "%d parts of %s do not make a whole of %s".formatted(numRanks, part, whole));
    }
  }
}
