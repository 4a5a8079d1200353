package assay.rm;

import assay.tensor.Device;
import assay.tensor.Tensor;
import assay.tensor.TensorArena;
import assay.tensor.comm.Communicator;
import java.util.function.BooleanSupplier;

/**
 * A request to stop that all ranks obey at the same place: whether rank 0 has seen it is what
 * counts. All ranks ask equally often.
 */
record AgreedStop(Communicator ranks, Device device, BooleanSupplier requested)
    implements BooleanSupplier {
  @Override
  public boolean getAsBoolean() {
    if (ranks.size() == 1) {
      return requested.getAsBoolean();
    }
    try (TensorArena scratch = TensorArena.open(device, "communication")) {
      Tensor answer = scratch.ints(requested.getAsBoolean() ? 1 : 0);
      ranks.broadcast(answer, 0).await();
      return answer.toInts()[0] == 1;
    }
  }
}
