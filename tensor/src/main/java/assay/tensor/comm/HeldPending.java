package assay.tensor.comm;

import assay.tensor.Span;
import assay.tensor.Tensor;

/** An operation under way, which holds its tensors: they cannot be given back until it is done. */
public final class HeldPending implements Communicator.Pending {
  private final Communicator.Pending operation;
  private final Tensor[] tensors;
  private boolean awaited;

  private HeldPending(Communicator.Pending operation, Tensor[] tensors) {
    this.operation = operation;
    this.tensors = tensors;
  }

  public static HeldPending of(Communicator.Pending operation, Tensor... tensors) {
    for (Tensor tensor : tensors) {
      tensor.hold();
    }
    return new HeldPending(operation, tensors);
  }

  @Override
  public void await() {
    if (awaited) {
      return;
    }
    awaited = true;
    try (Span _ = Span.begin(Span.Kind.WAIT, "collective")) {
      operation.await();
    } finally {
      for (Tensor tensor : tensors) {
        tensor.letGo();
      }
    }
  }
}
