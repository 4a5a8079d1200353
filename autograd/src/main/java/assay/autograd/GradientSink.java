package assay.autograd;

import assay.tensor.Tensor;
import assay.tensor.TensorArena;

/**
 * Where a parameter's gradient goes. One sink stands for one parameter: whatever leaves of a tape
 * have the same sink share one gradient.
 */
public interface GradientSink {
  /**
   * Where ops add to the gradient in place: a tensor of the parameter's shape and the dtype that
   * sums are kept in. Null if a backward's contributions are to be added up by themselves, and
   * handed to {@link #accept}.
   */
  Tensor target();

  /**
   * Takes what one backward has added up to, as soon as its last contribution is in.
   *
   * @param gradient of the parameter's shape; now the sink's, to be given back to the arena
   */
  void accept(Tensor gradient, TensorArena arena);

  /**
   * Takes the gradient of a table of which a backward read only some rows, once: dTable_r is the
   * sum of dRows_i over all i with rows_i = r.
   *
   * @param rows I32; may repeat; as dRows only lent
   * @return false if the sink wants it as a whole
   */
  default boolean acceptRows(Tensor rows, Tensor dRows) {
    return false;
  }

  /** Adds to a tensor in place. */
  static GradientSink into(Tensor sum) {
    return new GradientSink() {
      @Override
      public Tensor target() {
        return sum;
      }

      @Override
      public void accept(Tensor gradient, TensorArena arena) {
        throw new IllegalStateException("the gradient lies in its target already");
      }
    };
  }
}
