package assay.nn;

import assay.autograd.GradientSink;
import assay.autograd.Tape;
import assay.autograd.Variable;
import assay.tensor.Shape;
import assay.tensor.Tensor;
import assay.tensor.TensorArena;

/**
 * What of each parameter lies here, and how a tape comes by the rest. A model is written as if all
 * of it lay here ({@link #whole}); a run on several ranks gives its {@link ParameterStore} another
 * placement, and the model is none the wiser.
 */
public interface Placement {
  /**
   * The rows (of dim 0) of a parameter whose weights are updated here.
   *
   * @param from included
   * @param to excluded; none if equal to {@code from}
   * @param capacity rows that memory is held for: equally many on every rank
   * @param padded the capacities of all ranks that share the rows out among them
   */
  record Rows(int from, int to, int capacity, int padded) {
    public int count() {
      return to - from;
    }

    /** Whether other ranks update other rows. */
    public boolean areShared() {
      return capacity < padded;
    }
  }

  /** The rows of a parameter of this shape that are updated here. */
  Rows ownRows(Shape shape);

  /** Whether all rows' weights lie here, or those of the own rows. */
  boolean holdsAllWeights();

  /** Whether there is room for all rows' gradients here, or for those of the own rows. */
  boolean holdsAllGradients();

  /** A parameter as a leaf of a tape. */
  Variable leaf(Tape tape, Parameter parameter);

  /** Takes a parameter's gradient of each backward. */
  GradientSink sink(Parameter parameter);

  /**
   * All rows of something of which each rank has its own rows. Every rank calls it.
   *
   * @param own {@code [capacity, ...]}
   * @return of the parameter's shape, in the arena
   */
  Tensor gather(TensorArena arena, Parameter parameter, Tensor own);

  /** Everything lies here, and gradients are added up where they lie. */
  static Placement whole() {
    return new WholePlacement();
  }
}
