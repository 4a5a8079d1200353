package assay.tensor.comm;

import assay.tensor.Tensor;
import java.util.function.Supplier;

/** Ranks whose collective operations are those of others, with something done beside them. */
public abstract class DecoratedRanks implements Communicator {
  private final Communicator ranks;

  protected DecoratedRanks(Communicator ranks) {
    this.ranks = ranks;
  }

  /**
   * Begins one of the operations that move tensors.
   *
   * @param whole of its tensors the one that all ranks have or shall have
   * @param operation begins it on the ranks that are decorated
   */
  protected abstract Pending begin(Collective kind, Tensor whole, Supplier<Pending> operation);

  @Override
  public int rank() {
    return ranks.rank();
  }

  @Override
  public int size() {
    return ranks.size();
  }

  @Override
  public Pending allReduce(Tensor x) {
    return begin(Collective.ALL_REDUCE, x, () -> ranks.allReduce(x));
  }

  @Override
  public Pending reduceScatter(Tensor whole, Tensor part) {
    return begin(Collective.REDUCE_SCATTER, whole, () -> ranks.reduceScatter(whole, part));
  }

  @Override
  public Pending allGather(Tensor part, Tensor whole) {
    return begin(Collective.ALL_GATHER, whole, () -> ranks.allGather(part, whole));
  }

  @Override
  public Pending broadcast(Tensor x, int root) {
    return begin(Collective.BROADCAST, x, () -> ranks.broadcast(x, root));
  }

  @Override
  public void barrier() {
    ranks.barrier();
  }

  @Override
  public void close() {
    ranks.close();
  }
}
