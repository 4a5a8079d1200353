package assay.rm.armorm;

import assay.tensor.DType;
import assay.tensor.Device;
import assay.tensor.Tensor;
import assay.tensor.TensorArena;

/**
 * What stage 2 knows of N preference pairs: with everything before the gate fixed, a pair is one
 * state and two lists of K rewards.
 */
final class GatePairs implements AutoCloseable {
  private final TensorArena arena;
  private final Tensor prompts; // [N, hidden]
  private final Tensor rewards; // [2 N, K]: row 2i the chosen, row 2i + 1 the rejected answer

  /**
   * Takes them to the device.
   *
   * @param prompts states of the gate's tokens, {@code [N, hidden]}
   * @param chosen the chosen answers' rewards, as the gate is to weigh them, {@code [N][K]}
   * @param rejected likewise
   */
  GatePairs(Device device, EmbeddedRows prompts, float[][] chosen, float[][] rejected) {
    arena = TensorArena.open(device, "embeddings");
    this.prompts = arena.empty(DType.F32, prompts.numRows(), prompts.hiddenSize());
    prompts.forEach(
        (firstRow, states) ->
            this.prompts.rows(firstRow, firstRow + states.length).copyFrom(flatten(states)));
    float[][] both = new float[2 * chosen.length][];
    for (int i = 0; i < chosen.length; i++) {
      both[2 * i] = chosen[i];
      both[2 * i + 1] = rejected[i];
    }
    rewards = arena.empty(DType.F32, both.length, chosen[0].length).copyFrom(flatten(both));
  }

  private static float[] flatten(float[][] rows) {
    float[] flat = new float[rows.length * rows[0].length];
    for (int i = 0; i < rows.length; i++) {
      System.arraycopy(rows[i], 0, flat, i * rows[0].length, rows[0].length);
    }
    return flat;
  }

  int numPairs() {
    return prompts.dim(0);
  }

  /** {@code [N, hidden]}. */
  Tensor prompts() {
    return prompts;
  }

  /** {@code [2 N, K]}: chosen, rejected, chosen, ... */
  Tensor rewards() {
    return rewards;
  }

  @Override
  public void close() {
    arena.close();
  }
}
