package assay.tensor.cpu;

/**
 * The innermost loops in one of two ways: on the Vector API where this JVM has it, or plain. Both
 * give the same bits; all else is common to them.
 *
 * @param description which way it is, for people
 */
record CpuLoops(
    String description,
    MatMulLoops matmul,
    ElementLoops elements,
    RowLoops rows,
    ActivationLoops activations,
    AdamWLoops adamW,
    AttentionLoops attention) {

  /**
   * The fastest that this JVM can run. The one place that looks whether the Vector API is there.
   */
  static CpuLoops fastest() {
    boolean hasVectorApi = ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
    return hasVectorApi ? vector() : plain();
  }

  static CpuLoops plain() {
    return new CpuLoops(
        "plain loops (no jdk.incubator.vector)",
        new PlainMatMulLoops(),
        new PlainElementLoops(),
        new PlainRowLoops(),
        new PlainActivationLoops(),
        new PlainAdamWLoops(),
        new PlainAttentionLoops());
  }

  /** Only where the JVM was started with {@code --add-modules jdk.incubator.vector}. */
  static CpuLoops vector() {
    return new CpuLoops(
        "Vector API " + 32 * VectorMatMulLoops.LANES + "-bit",
        VectorMatMulLoops.forThisMachine(),
        new VectorElementLoops(),
        new VectorRowLoops(),
        new VectorActivationLoops(),
        new VectorAdamWLoops(),
        new VectorAttentionLoops());
  }
}
