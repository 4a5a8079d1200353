package assay.nn;

import assay.autograd.Variable;
import assay.autograd.op.GatedActivation;

/** y = W_down (activation(W_gate x) * W_up x) (Shazeer 2020, "GLU variants"). */
final class Mlp {
  private final Linear gateProjection;
  private final Linear upProjection;
  private final Linear downProjection;
  private final GatedActivation activation;

  Mlp(ParameterStore store, String name, TransformerConfig config) {
    int hidden = config.hiddenSize();
    int inner = config.intermediateSize();
    gateProjection = new Linear(store, name + ".gate_proj", inner, hidden, config.mlpBias());
    upProjection = new Linear(store, name + ".up_proj", inner, hidden, config.mlpBias());
    downProjection = new Linear(store, name + ".down_proj", hidden, inner, config.mlpBias());
    activation = new GatedActivation(config.activation());
  }

  /** x and result {@code [T, hidden]}. */
  Variable forward(Variable x) {
    Variable gate = gateProjection.forward(x); // [T, inner]
    Variable up = upProjection.forward(x); // [T, inner]
    return downProjection.forward(gate.apply(activation, up)); // [T, hidden]
  }
}
