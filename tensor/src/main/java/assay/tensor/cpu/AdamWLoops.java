package assay.tensor.cpu;

/** The innermost loop of AdamW. Every implementation gives the same bits. */
interface AdamWLoops {
  /**
   * Updates weight, m and v in place, in the operations of {@link assay.tensor.FusedKernels#adamW},
   * one by one.
   */
  void step(Numbers numbers, long weight, long gradient, long m, long v, long count);

  /**
   * The numbers of a step, rounded as the tensors are.
   *
   * @param decay {@code 1 - lr * weightDecay}
   * @param correction2 {@code sqrt(1 - beta2^t)}
   * @param stepSize {@code lr / (1 - beta1^t)}
   */
  record Numbers(
      float gradientScale,
      float decay,
      float beta1,
      float oneLessBeta1,
      float beta2,
      float oneLessBeta2,
      float correction2,
      float epsilon,
      float stepSize) {}
}
