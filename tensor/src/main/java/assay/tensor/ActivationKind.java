package assay.tensor;

/** The activation of a gated MLP. */
public enum ActivationKind {
  /** x sigmoid(x) (SwiGLU, Shazeer 2020). */
  SILU,
  /** The tanh form of GELU: 0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) (GeGLU). */
  GELU_TANH
}
