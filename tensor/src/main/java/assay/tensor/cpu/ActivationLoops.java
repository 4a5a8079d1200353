package assay.tensor.cpu;

/**
 * The innermost loops of the gated activations, over runs of F32 elements at addresses. Every
 * implementation gives the same bits.
 */
interface ActivationLoops {
  /** {@code out = silu(gate) up}. */
  void silu(long gate, long up, long out, long count);

  /** {@code dGate = dy up silu'(gate)} and {@code dUp = dy silu(gate)}. */
  void siluGradient(long gate, long up, long dy, long dGate, long dUp, long count);

  /** {@code out = gelu(gate) up}, in the tanh form. */
  void gelu(long gate, long up, long out, long count);

  /** {@code dGate = dy up gelu'(gate)} and {@code dUp = dy gelu(gate)}. */
  void geluGradient(long gate, long up, long dy, long dGate, long dUp, long count);
}
