package assay.tensor;

/**
 * The readable definition of attention over segments, by {@link Backend} methods alone: head by
 * head, with the whole matrix of scores {@code [Q, T]} in memory.
 */
final class AttentionDefinition {
  private final Backend backend;
  private final AttentionConfig config;
  private final TensorArena scratch;
  private final Segments segments;
  private final int[] queryRows;

  AttentionDefinition(
      Backend backend,
      AttentionConfig config,
      Segments segments,
      int[] queryRows,
      TensorArena scratch) {
    this.backend = backend;
    this.config = config;
    this.segments = segments;
    this.queryRows = queryRows;
    this.scratch = scratch;
  }

  void forward(Tensor q, Tensor k, Tensor v, Tensor out, Tensor logSumExp) {
    Tensor mask = mask(q.numRows(), q.dtype());
    backend.fill(out, 0);
    backend.fill(logSumExp, 0);
    for (int h = 0; h < config.numHeads(); h++) {
      int keyHead = h / config.groupSize();
      Tensor scores = scores(head(q, h, config.numHeads()), keyHead(k, keyHead)); // [Q, T]
      backend.where(mask, scores, scalar(q.dtype(), Double.NEGATIVE_INFINITY), scores);
      Tensor rowMax = scratch.empty(q.dtype(), q.numRows(), 1);
      backend.reduce(ReduceKind.MAXIMUM, scores, 1, rowMax);
      backend.binary(BinaryKind.SUBTRACT, scores, rowMax, scores);
      backend.unary(UnaryKind.EXP, scores, scores);
      Tensor rowSum = scratch.empty(q.dtype(), q.numRows(), 1);
      backend.reduce(ReduceKind.SUM, scores, 1, rowSum);
      backend.binary(BinaryKind.DIVIDE, scores, rowSum, scores);
      Tensor headOut = scratch.empty(q.dtype(), q.numRows(), config.headDim());
      backend.matmul(scores, false, keyHead(v, keyHead), false, 1, 0, headOut);
      addToHead(headOut, out, h, config.numHeads());
      backend.unary(UnaryKind.LOG, rowSum, rowSum);
      backend.binary(BinaryKind.ADD, rowSum, rowMax, rowSum);
      backend.scatterAdd(rowSum, headRows(q.numRows(), h, config.numHeads()), column(logSumExp));
    }
  }

  void backward(
      Tensor q,
      Tensor k,
      Tensor v,
      Tensor out,
      Tensor logSumExp,
      Tensor dOut,
      Tensor dq,
      Tensor dk,
      Tensor dv) {
    Tensor mask = mask(q.numRows(), q.dtype());
    backend.fill(dq, 0);
    backend.fill(dk, 0);
    backend.fill(dv, 0);
    for (int h = 0; h < config.numHeads(); h++) {
      int keyHead = h / config.groupSize();
      Tensor headQ = head(q, h, config.numHeads());
      Tensor headK = keyHead(k, keyHead);
      Tensor headDOut = head(dOut, h, config.numHeads());
      Tensor scores = scores(headQ, headK); // [Q, T]
      Tensor capSlope = capSlope(scores); // 1 - (s / cap)^2, or null
      Tensor p = probabilities(scores, mask, logSumExp, h);
      Tensor headDv = scratch.empty(q.dtype(), k.numRows(), config.headDim());
      backend.matmul(p, true, headDOut, false, 1, 0, headDv); // dV = P^T dO
      addToHead(headDv, dv, keyHead, config.numKeyValueHeads());
      Tensor dP = scratch.empty(q.dtype(), q.numRows(), k.numRows());
      backend.matmul(headDOut, false, keyHead(v, keyHead), true, 1, 0, dP); // dP = dO V^T
      backend.binary(BinaryKind.SUBTRACT, dP, delta(head(out, h, config.numHeads()), headDOut), dP);
      backend.binary(BinaryKind.MULTIPLY, dP, p, dP); // dS = P (dP - delta)
      if (capSlope != null) {
        backend.binary(BinaryKind.MULTIPLY, dP, capSlope, dP);
      }
      Tensor headDq = scratch.empty(q.dtype(), q.numRows(), config.headDim());
      backend.matmul(dP, false, headK, false, config.scale(), 0, headDq); // dQ = scale dS K
      addToHead(headDq, dq, h, config.numHeads());
      Tensor headDk = scratch.empty(q.dtype(), k.numRows(), config.headDim());
      backend.matmul(dP, true, headQ, false, config.scale(), 0, headDk); // dK = scale dS^T Q
      addToHead(headDk, dk, keyHead, config.numKeyValueHeads());
    }
  }

  /** {@code cap(scale q k^T)}: {@code [Q, T]}. */
  private Tensor scores(Tensor headQ, Tensor headK) {
    Tensor scores = scratch.empty(headQ.dtype(), headQ.numRows(), headK.numRows());
    backend.matmul(headQ, false, headK, true, config.scale(), 0, scores);
    if (config.softCap() > 0) {
      Tensor cap = scalar(headQ.dtype(), config.softCap());
      backend.binary(BinaryKind.DIVIDE, scores, cap, scores);
      backend.unary(UnaryKind.TANH, scores, scores);
      backend.binary(BinaryKind.MULTIPLY, scores, cap, scores);
    }
    return scores;
  }

  private Tensor capSlope(Tensor scores) {
    if (config.softCap() <= 0) {
      return null;
    }
    Tensor slope = scratch.empty(scores.dtype(), scores.shape());
    backend.binary(BinaryKind.DIVIDE, scores, scalar(scores.dtype(), config.softCap()), slope);
    backend.binary(BinaryKind.MULTIPLY, slope, slope, slope);
    backend.unary(UnaryKind.NEGATE, slope, slope);
    backend.binary(BinaryKind.ADD, slope, scalar(scores.dtype(), 1), slope);
    return slope;
  }

  /** {@code P = exp(scores - logSumExp)} where visible, else 0; in place of the scores. */
  private Tensor probabilities(Tensor scores, Tensor mask, Tensor logSumExp, int h) {
    Tensor headLogSumExp = scratch.empty(scores.dtype(), scores.numRows(), 1);
    Tensor rows = headRows(scores.numRows(), h, config.numHeads());
    backend.gather(column(logSumExp), rows, headLogSumExp);
    backend.binary(BinaryKind.SUBTRACT, scores, headLogSumExp, scores);
    backend.where(mask, scores, scalar(scores.dtype(), Double.NEGATIVE_INFINITY), scores);
    backend.unary(UnaryKind.EXP, scores, scores);
    return scores;
  }

  /** {@code delta = sum_j dO_j O_j} of each row: {@code [Q, 1]}. */
  private Tensor delta(Tensor headOut, Tensor headDOut) {
    Tensor product = scratch.empty(headOut.dtype(), headOut.shape());
    backend.binary(BinaryKind.MULTIPLY, headOut, headDOut, product);
    Tensor delta = scratch.empty(headOut.dtype(), headOut.numRows(), 1);
    backend.reduce(ReduceKind.SUM, product, 1, delta);
    return delta;
  }

  /** 1 where a query sees a key, else 0: {@code [Q, T]}. */
  private Tensor mask(int numQueries, DType dtype) {
    int numRows = segments.numRows();
    double[] mask = new double[numQueries * numRows];
    for (int i = 0; i < numQueries; i++) {
      int row = queryRows == null ? i : queryRows[i];
      for (int keyRow : segments.pathRows(segments.segmentOf(row))) {
        if (config.isVisible(segments.position(row), segments.position(keyRow))) {
          mask[i * numRows + keyRow] = 1;
        }
      }
    }
    return scratch.of(dtype, Shape.of(numQueries, numRows), mask);
  }

  private Tensor keyHead(Tensor x, int head) {
    return head(x, head, config.numKeyValueHeads());
  }

  /** The columns of one head: {@code [T, headDim]} of {@code [T, heads * headDim]}. */
  private Tensor head(Tensor x, int head, int numHeads) {
    Tensor columns = scratch.empty(x.dtype(), x.numRows(), config.headDim());
    backend.gather(
        x.reshape(x.numRows() * numHeads, config.headDim()),
        headRows(x.numRows(), head, numHeads),
        columns);
    return columns;
  }

  private void addToHead(Tensor columns, Tensor out, int head, int numHeads) {
    backend.scatterAdd(
        columns,
        headRows(out.numRows(), head, numHeads),
        out.reshape(out.numRows() * numHeads, config.headDim()));
  }

  /** Seen as {@code [T * heads, headDim]}, head h of row t is row {@code t * heads + h}. */
  private Tensor headRows(int numRows, int head, int numHeads) {
    int[] rows = new int[numRows];
    for (int row = 0; row < numRows; row++) {
      rows[row] = row * numHeads + head;
    }
    return scratch.ints(rows);
  }

  private static Tensor column(Tensor x) {
    return x.reshape(Math.toIntExact(x.size()), 1);
  }

  private Tensor scalar(DType dtype, double value) {
    Tensor scalar = scratch.empty(dtype, 1);
    backend.fill(scalar, value);
    return scalar;
  }
}
