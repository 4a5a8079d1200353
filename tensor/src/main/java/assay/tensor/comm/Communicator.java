package assay.tensor.comm;

import assay.tensor.Tensor;

/**
 * The ranks of a run, of which this is one: what each must do at the same time as all others. Every
 * rank makes the same calls in the same order, on tensors of the same shapes.
 *
 * <p>Those that return a {@link Pending} only begin. Until it has been awaited the tensors may
 * neither be changed nor given back, and what is to be received has not arrived. All add in an
 * order that depends on the number of ranks alone.
 */
public interface Communicator extends AutoCloseable {
  /** This rank's number, from 0. */
  int rank();

  /** How many ranks there are. */
  int size();

  /** x becomes the sum of all ranks' x. */
  Pending allReduce(Tensor x);

  /**
   * part grows by this rank's share of all ranks' whole, which are cut into as many equal runs of
   * elements as there are ranks: {@code ((part + x0) + x1) + x2 ...} in the order of the ranks. So
   * a sum over several calls is the same to the last bit however many ranks its terms come from.
   */
  Pending reduceScatter(Tensor whole, Tensor part);

  /**
   * whole becomes all ranks' parts, one after the other. A part may lie where it belongs in the
   * whole.
   */
  Pending allGather(Tensor part, Tensor whole);

  /** x becomes what it is on rank root. */
  Pending broadcast(Tensor x, int root);

  /** Returns when all ranks have called it. */
  void barrier();

  @Override
  void close();

  /** An operation that goes on while the rank computes something else. */
  interface Pending {
    /** What is computed from now on sees the result. */
    void await();
  }
}
