package assay.tensor;

/**
 * Kernels that a device may fuse for speed. Each default body is the definition, written with the
 * methods of {@link Backend} alone; an override must agree with it, and a test compares the two.
 *
 * <p>T is the number of rows. {@code scratch} holds temporaries and is closed by the caller. All
 * floating tensors of a call have one dtype, F32 or F64. On a GPU it may be BF16: statistics of a
 * row (inverseRms, logSumExp), rotary angles and gradients of weights are F32 then. Outputs are
 * overwritten unless "added to". An output may not share memory with an input unless a method
 * allows it.
 */
public interface FusedKernels {
  Backend backend();

  /** {@code out = softmax(x)} over the last dimension. */
  default void softmax(Tensor x, Tensor out, TensorArena scratch) {
    Tensor rows = scratch.empty(x.dtype(), x.numRows(), 1);
    backend().reduce(ReduceKind.MAXIMUM, x, 1, rows);
    backend().binary(BinaryKind.SUBTRACT, x, rows, out);
    backend().unary(UnaryKind.EXP, out, out);
    backend().reduce(ReduceKind.SUM, out, 1, rows);
    backend().binary(BinaryKind.DIVIDE, out, rows, out);
  }

  /** {@code dx = y (dy - sum_j dy_j y_j)}. */
  default void softmaxBackward(Tensor y, Tensor dy, Tensor dx, TensorArena scratch) {
    Tensor dot = scratch.empty(y.dtype(), y.numRows(), 1);
    backend().binary(BinaryKind.MULTIPLY, dy, y, dx);
    backend().reduce(ReduceKind.SUM, dx, 1, dot);
    backend().binary(BinaryKind.SUBTRACT, dy, dot, dx);
    backend().binary(BinaryKind.MULTIPLY, dx, y, dx);
  }

  /**
   * Root mean square norm (Zhang and Sennrich 2019, eq. 4): {@code out = x r (weight + offset)}
   * with {@code r = 1 / sqrt(mean(x^2) + epsilon)} of each row.
   *
   * @param x {@code [T, dim]}
   * @param weight {@code [dim]}
   * @param weightOffset 1 for Gemma, whose norm multiplies by {@code 1 + weight}; else 0
   * @param inverseRms {@code [T, 1]}, receives r for the backward
   */
  default void rmsNorm(
      Tensor x,
      Tensor weight,
      double weightOffset,
      double epsilon,
      Tensor out,
      Tensor inverseRms,
      TensorArena scratch) {
    backend().binary(BinaryKind.MULTIPLY, x, x, out);
    backend().reduce(ReduceKind.SUM, out, 1, inverseRms);
    binaryScalar(BinaryKind.MULTIPLY, inverseRms, 1.0 / x.numColumns(), inverseRms, scratch);
    binaryScalar(BinaryKind.ADD, inverseRms, epsilon, inverseRms, scratch);
    backend().unary(UnaryKind.SQRT, inverseRms, inverseRms);
    backend().unary(UnaryKind.RECIPROCAL, inverseRms, inverseRms);
    Tensor factor = scratch.empty(x.dtype(), weight.shape());
    binaryScalar(BinaryKind.ADD, weight, weightOffset, factor, scratch);
    backend().binary(BinaryKind.MULTIPLY, x, inverseRms, out);
    backend().binary(BinaryKind.MULTIPLY, out, factor, out);
  }

  /**
   * With {@code g = dy (weight + offset)}: {@code dx = r g - x r^3 mean(g x)}; {@code dWeight} is
   * added to: {@code += sum over rows of dy x r}.
   *
   * @param dWeight {@code [dim]}, or null if not wanted
   */
  default void rmsNormBackward(
      Tensor x,
      Tensor weight,
      double weightOffset,
      Tensor inverseRms,
      Tensor dy,
      Tensor dx,
      Tensor dWeight,
      TensorArena scratch) {
    if (dWeight != null) {
      Tensor product = scratch.empty(x.dtype(), x.shape());
      backend().binary(BinaryKind.MULTIPLY, dy, x, product);
      backend().binary(BinaryKind.MULTIPLY, product, inverseRms, product);
      Tensor sum = scratch.empty(x.dtype(), weight.shape());
      backend().reduce(ReduceKind.SUM, product, 0, sum);
      backend().binary(BinaryKind.ADD, dWeight, sum, dWeight);
    }
    Tensor factor = scratch.empty(x.dtype(), weight.shape());
    binaryScalar(BinaryKind.ADD, weight, weightOffset, factor, scratch);
    Tensor scaledGradient = scratch.empty(x.dtype(), x.shape());
    backend().binary(BinaryKind.MULTIPLY, dy, factor, scaledGradient); // g
    Tensor correction = scratch.empty(x.dtype(), x.shape());
    backend().binary(BinaryKind.MULTIPLY, scaledGradient, x, correction);
    Tensor mean = scratch.empty(x.dtype(), x.numRows(), 1);
    backend().reduce(ReduceKind.SUM, correction, 1, mean);
    binaryScalar(BinaryKind.MULTIPLY, mean, 1.0 / x.numColumns(), mean, scratch);
    backend().binary(BinaryKind.MULTIPLY, mean, inverseRms, mean);
    backend().binary(BinaryKind.MULTIPLY, mean, inverseRms, mean); // r^2 mean(g x)
    backend().binary(BinaryKind.MULTIPLY, x, mean, correction);
    backend().binary(BinaryKind.SUBTRACT, scaledGradient, correction, dx);
    backend().binary(BinaryKind.MULTIPLY, dx, inverseRms, dx);
  }

  /** {@code sum = a + b} and {@link #rmsNorm} of the sum, all {@code [T, dim]}. */
  default void addRmsNorm(
      Tensor a,
      Tensor b,
      Tensor weight,
      double weightOffset,
      double epsilon,
      Tensor sum,
      Tensor out,
      Tensor inverseRms,
      TensorArena scratch) {
    backend().binary(BinaryKind.ADD, a, b, sum);
    rmsNorm(sum, weight, weightOffset, epsilon, out, inverseRms, scratch);
  }

  /**
   * {@link #rmsNormBackward} with dSum added to dx.
   *
   * @param dSum gradient of the sum from elsewhere, or null
   */
  default void addRmsNormBackward(
      Tensor sum,
      Tensor weight,
      double weightOffset,
      Tensor inverseRms,
      Tensor dy,
      Tensor dSum,
      Tensor dx,
      Tensor dWeight,
      TensorArena scratch) {
    rmsNormBackward(sum, weight, weightOffset, inverseRms, dy, dx, dWeight, scratch);
    if (dSum != null) {
      backend().binary(BinaryKind.ADD, dx, dSum, dx);
    }
  }

  /**
   * Rotary position embedding (Su et al. 2021, eq. 34, in the half-split layout of Llama): each
   * head's columns {@code (x1, x2)} become {@code (x1 cos - x2 sin, x2 cos + x1 sin)}.
   *
   * @param x {@code [T, heads * headDim]}
   * @param cos {@code [T, headDim / 2]}, one angle per row and column pair
   * @param sin like cos
   * @param inverse rotate back, which is the backward
   * @param out may be x
   */
  default void rope(
      Tensor x,
      Tensor cos,
      Tensor sin,
      int headDim,
      boolean inverse,
      Tensor out,
      TensorArena scratch) {
    RopeDefinition.rope(backend(), x, cos, sin, headDim, inverse, out, scratch);
  }

  /** {@code out = activation(gate) * up} (Shazeer 2020), all {@code [T, dim]}. */
  default void gatedActivation(
      ActivationKind kind, Tensor gate, Tensor up, Tensor out, TensorArena scratch) {
    Tensor derivative = scratch.empty(gate.dtype(), gate.shape());
    ActivationDefinition.activation(backend(), kind, gate, out, derivative, scratch);
    backend().binary(BinaryKind.MULTIPLY, out, up, out);
  }

  /** {@code dUp = dy activation(gate)}, {@code dGate = dy up activation'(gate)}. */
  default void gatedActivationBackward(
      ActivationKind kind,
      Tensor gate,
      Tensor up,
      Tensor dy,
      Tensor dGate,
      Tensor dUp,
      TensorArena scratch) {
    ActivationDefinition.activation(backend(), kind, gate, dUp, dGate, scratch);
    backend().binary(BinaryKind.MULTIPLY, dUp, dy, dUp);
    backend().binary(BinaryKind.MULTIPLY, dGate, up, dGate);
    backend().binary(BinaryKind.MULTIPLY, dGate, dy, dGate);
  }

  /**
   * Attention over a forest of segments: each query attends to the keys on its path to the root,
   * causally: {@code out = softmax(mask(cap(scale q k^T))) v}, head by head.
   *
   * @param queryRows the row of each query, ascending; null if there is one for every row
   * @param q {@code [Q, numHeads * headDim]}
   * @param k {@code [T, numKeyValueHeads * headDim]}
   * @param v like k
   * @param out like q
   * @param logSumExp {@code [Q, numHeads]}, receives the log of each softmax's denominator
   */
  default void attention(
      AttentionConfig config,
      Segments segments,
      int[] queryRows,
      Tensor q,
      Tensor k,
      Tensor v,
      Tensor out,
      Tensor logSumExp,
      TensorArena scratch) {
    new AttentionDefinition(backend(), config, segments, queryRows, scratch)
        .forward(q, k, v, out, logSumExp);
  }

  /**
   * Gradients of {@link #attention} from what it put out, P being recomputed from logSumExp (Dao et
   * al. 2022, algorithm 4).
   */
  default void attentionBackward(
      AttentionConfig config,
      Segments segments,
      int[] queryRows,
      Tensor q,
      Tensor k,
      Tensor v,
      Tensor out,
      Tensor logSumExp,
      Tensor dOut,
      Tensor dq,
      Tensor dk,
      Tensor dv,
      TensorArena scratch) {
    new AttentionDefinition(backend(), config, segments, queryRows, scratch)
        .backward(q, k, v, out, logSumExp, dOut, dq, dk, dv);
  }

  /**
   * Cross-entropy of each row: {@code losses_r = log(sum_j exp(x_rj)) - x_r[target_r]}. F32 or F64.
   *
   * @param logits {@code [R, V]}
   * @param targets I32 {@code [R]}, columns
   * @param losses {@code [R, 1]}
   * @param logSumExp {@code [R, 1]}, receives the first term for the backward
   */
  default void crossEntropy(
      Tensor logits, Tensor targets, Tensor losses, Tensor logSumExp, TensorArena scratch) {
    Tensor max = scratch.empty(logits.dtype(), logits.numRows(), 1);
    backend().reduce(ReduceKind.MAXIMUM, logits, 1, max);
    Tensor shifted = scratch.empty(logits.dtype(), logits.shape());
    backend().binary(BinaryKind.SUBTRACT, logits, max, shifted);
    Tensor picked = scratch.empty(logits.dtype(), logits.numRows(), 1);
    backend().gather(asColumn(shifted), elements(targets, logits, scratch), picked);
    backend().unary(UnaryKind.EXP, shifted, shifted);
    backend().reduce(ReduceKind.SUM, shifted, 1, logSumExp);
    backend().unary(UnaryKind.LOG, logSumExp, logSumExp);
    backend().binary(BinaryKind.SUBTRACT, logSumExp, picked, losses);
    backend().binary(BinaryKind.ADD, logSumExp, max, logSumExp);
  }

  /** {@code dLogits_rj = (softmax(x_r)_j - [j = target_r]) dLosses_r}. */
  default void crossEntropyBackward(
      Tensor logits,
      Tensor targets,
      Tensor logSumExp,
      Tensor dLosses,
      Tensor dLogits,
      TensorArena scratch) {
    backend().binary(BinaryKind.SUBTRACT, logits, logSumExp, dLogits);
    backend().unary(UnaryKind.EXP, dLogits, dLogits);
    backend().binary(BinaryKind.MULTIPLY, dLogits, dLosses, dLogits);
    Tensor negative = scratch.empty(logits.dtype(), dLosses.shape());
    backend().unary(UnaryKind.NEGATE, dLosses, negative);
    backend().scatterAdd(negative, elements(targets, logits, scratch), asColumn(dLogits));
  }

  /** A matrix as one column, whose rows are its elements. */
  private static Tensor asColumn(Tensor x) {
    return x.reshape(Math.toIntExact(x.size()), 1);
  }

  /** Where the element in each row's column stands in {@link #asColumn}. */
  private static Tensor elements(Tensor columns, Tensor matrix, TensorArena scratch) {
    int[] index = columns.toInts();
    for (int row = 0; row < index.length; row++) {
      index[row] += row * matrix.numColumns();
    }
    return scratch.ints(index);
  }

  /**
   * Updates weight, m and v in place: {@code w *= 1 - lr decay; m = b1 m + (1 - b1) g; v = b2 v +
   * (1 - b2) g^2; w -= lr / (1 - b1^t) * m / (sqrt(v) / sqrt(1 - b2^t) + eps)}.
   */
  default void adamW(
      AdamWStep step, Tensor weight, Tensor gradient, Tensor m, Tensor v, TensorArena scratch) {
    Tensor g = scratch.empty(weight.dtype(), weight.shape());
    binaryScalar(BinaryKind.MULTIPLY, gradient, step.gradientScale(), g, scratch);
    binaryScalar(BinaryKind.MULTIPLY, weight, decay(step), weight, scratch);
    Tensor term = scratch.empty(weight.dtype(), weight.shape());
    binaryScalar(BinaryKind.MULTIPLY, m, step.beta1(), m, scratch);
    binaryScalar(BinaryKind.MULTIPLY, g, 1 - step.beta1(), term, scratch);
    backend().binary(BinaryKind.ADD, m, term, m);
    binaryScalar(BinaryKind.MULTIPLY, v, step.beta2(), v, scratch);
    backend().binary(BinaryKind.MULTIPLY, g, g, g);
    binaryScalar(BinaryKind.MULTIPLY, g, 1 - step.beta2(), term, scratch);
    backend().binary(BinaryKind.ADD, v, term, v);
    backend().unary(UnaryKind.SQRT, v, g);
    double correction2 = Math.sqrt(1 - Math.pow(step.beta2(), (double) step.step()));
    binaryScalar(BinaryKind.DIVIDE, g, correction2, g, scratch);
    binaryScalar(BinaryKind.ADD, g, step.epsilon(), g, scratch);
    backend().binary(BinaryKind.DIVIDE, m, g, term);
    double correction1 = 1 - Math.pow(step.beta1(), (double) step.step());
    binaryScalar(BinaryKind.MULTIPLY, term, step.learningRate() / correction1, term, scratch);
    backend().binary(BinaryKind.SUBTRACT, weight, term, weight);
  }

  /** {@link #adamW} on the F32 weights that high and low stand for ({@link SplitWeights}). */
  default void adamWSplit(
      AdamWStep step,
      Tensor high,
      Tensor low,
      Tensor gradient,
      Tensor m,
      Tensor v,
      TensorArena scratch) {
    Tensor weight = scratch.empty(DType.F32, high.shape());
    joinWeights(high, low, weight);
    adamW(step, weight, gradient, m, v, scratch);
    splitWeights(weight, high, low);
  }

  /** {@code weight}, F32, from its halves: BF16 and I16. */
  default void joinWeights(Tensor high, Tensor low, Tensor weight) {
    SplitWeights.join(backend(), high, low, weight);
  }

  /** The halves of F32 weights: BF16 and I16. */
  default void splitWeights(Tensor weight, Tensor high, Tensor low) {
    SplitWeights.split(backend(), weight, high, low);
  }

  private static double decay(AdamWStep step) {
    return 1 - step.learningRate() * step.weightDecay();
  }

  /**
   * {@code out_r = sum of x^2} over the r-th of R equal runs of x's elements, such as its rows: a
   * row's sum does not depend on which other rows there are.
   *
   * @param out F64 {@code [R]}
   */
  default void sumsOfSquares(Tensor x, Tensor out, TensorArena scratch) {
    Tensor exact = scratch.empty(DType.F64, out.dim(0), Math.toIntExact(x.size() / out.size()));
    backend().cast(x, exact);
    backend().binary(BinaryKind.MULTIPLY, exact, exact, exact);
    backend().reduce(ReduceKind.SUM, exact, 1, out);
  }

  /** {@code out = kind(x, value)}; out may be x. */
  default void binaryScalar(
      BinaryKind kind, Tensor x, double value, Tensor out, TensorArena scratch) {
    Tensor scalar = scratch.empty(x.dtype(), 1);
    backend().fill(scalar, value);
    backend().binary(kind, x, scalar, out);
  }
}
