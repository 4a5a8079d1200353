package assay.nn;

import assay.tensor.DType;
import assay.tensor.Shape;
import assay.tensor.Tensor;
import assay.tensor.TensorArena;

/**
 * Cosine and sine of each row's angles, {@code position * inverseFrequency}, {@code [rows, headDim
 * / 2]} each. The product is rounded to float32, as transformers does.
 */
record RotaryAngles(Tensor cos, Tensor sin) {
  static RotaryAngles of(
      TensorArena arena, DType dtype, RopeConfig rope, int headDim, int[] positions) {
    float[] frequencies = rope.inverseFrequencies(headDim); // [headDim / 2]
    int half = frequencies.length;
    double[] cos = new double[positions.length * half];
    double[] sin = new double[positions.length * half];
    for (int row = 0; row < positions.length; row++) {
      for (int i = 0; i < half; i++) {
        float angle = positions[row] * frequencies[i];
        cos[row * half + i] = Math.cos(angle);
        sin[row * half + i] = Math.sin(angle);
      }
    }
    Shape shape = Shape.of(positions.length, half);
    return new RotaryAngles(arena.of(dtype, shape, cos), arena.of(dtype, shape, sin));
  }
}
