package assay.tensor;

/** The readable definition of rotary position embedding, by {@link Backend} methods alone. */
final class RopeDefinition {
  private RopeDefinition() {}

  static void rope(
      Backend backend,
      Tensor x,
      Tensor cos,
      Tensor sin,
      int headDim,
      boolean inverse,
      Tensor out,
      TensorArena scratch) {
    int numHeads = x.numColumns() / headDim;
    int half = headDim / 2;
    int numPairs = x.numRows() * numHeads; // one (x1, x2) per row and head
    int[] firstRows = new int[numPairs];
    int[] secondRows = new int[numPairs];
    int[] angleRows = new int[numPairs];
    for (int i = 0; i < numPairs; i++) {
      firstRows[i] = 2 * i;
      secondRows[i] = 2 * i + 1;
      angleRows[i] = i / numHeads;
    }
    Tensor first = scratch.ints(firstRows);
    Tensor second = scratch.ints(secondRows);
    Tensor angle = scratch.ints(angleRows);
    Tensor halves = x.reshape(2 * numPairs, half);
    Tensor x1 = scratch.empty(x.dtype(), numPairs, half);
    Tensor x2 = scratch.empty(x.dtype(), numPairs, half);
    Tensor c = scratch.empty(x.dtype(), numPairs, half);
    Tensor s = scratch.empty(x.dtype(), numPairs, half);
    backend.gather(halves, first, x1);
    backend.gather(halves, second, x2);
    backend.gather(cos, angle, c);
    backend.gather(sin, angle, s);
    if (inverse) {
      backend.unary(UnaryKind.NEGATE, s, s);
    }
    Tensor left = scratch.empty(x.dtype(), numPairs, half);
    Tensor right = scratch.empty(x.dtype(), numPairs, half);
    backend.fill(out, 0);
    Tensor outHalves = out.reshape(2 * numPairs, half);
    backend.binary(BinaryKind.MULTIPLY, x1, c, left);
    backend.binary(BinaryKind.MULTIPLY, x2, s, right);
    backend.binary(BinaryKind.SUBTRACT, left, right, left); // x1 cos - x2 sin
    backend.scatterAdd(left, first, outHalves);
    backend.binary(BinaryKind.MULTIPLY, x2, c, left);
    backend.binary(BinaryKind.MULTIPLY, x1, s, right);
    backend.binary(BinaryKind.ADD, left, right, left); // x2 cos + x1 sin
    backend.scatterAdd(left, second, outHalves);
  }
}
