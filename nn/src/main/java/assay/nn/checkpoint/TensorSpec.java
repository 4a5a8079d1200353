package assay.nn.checkpoint;

import assay.tensor.DType;
import assay.tensor.Shape;

/**
 * A tensor that is to be written.
 *
 * @param name as readers will ask for it
 * @param dtype that is stored
 * @param shape outermost dimension first
 */
public record TensorSpec(String name, DType dtype, Shape shape) {
  /** Bytes in the file. */
  public long bytes() {
    return Math.multiplyExact(shape.size(), dtype.bytes());
  }
}
