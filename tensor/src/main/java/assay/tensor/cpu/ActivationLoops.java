package assay.tensor.cpu;

/**
 * The arithmetic of the gated activations, over runs of F32 elements at addresses; sigmoid and tanh
 * come from {@link ElementLoops#unary}. Every implementation gives the same bits.
 *
 * <p>Where a loop is given s = sigmoid(gate) or t = tanh(inner), it may lie where the loop writes.
 */
interface ActivationLoops {
  /** {@code out = gate s up}. */
  void silu(long gate, long s, long up, long out, long count);

  /** With f = gate s: {@code dGate = dy up (s + f (1 - s))} and {@code dUp = dy f}. */
  void siluGradient(long gate, long s, long up, long dy, long dGate, long dUp, long count);

  /** {@code inner = sqrt(2 / pi) (gate + 0.044715 gate^3)}. */
  void geluInner(long gate, long inner, long count);

  /** {@code out = gate (1 + t) / 2 up}. */
  void gelu(long gate, long t, long up, long out, long count);

  /**
   * With h = (1 + t) / 2: {@code dGate = dy up (h + gate / 2 (1 - t^2) inner'(gate))} and {@code
   * dUp = dy gate h}.
   */
  void geluGradient(long gate, long t, long up, long dy, long dGate, long dUp, long count);
}
