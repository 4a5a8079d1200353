package assay.tensor.comm;

import assay.tensor.Tensor;

/** A communicator whose ranks are told when one of them is lost: see {@link Watchdog}. */
final class WatchedRanks implements Communicator {
  private final Communicator ranks;
  private final Watchdog watchdog;
  private final Runnable leave;

  /**
   * @param leave ends the communicator and what else serves it; all ranks do so together
   */
  WatchedRanks(Communicator ranks, Watchdog watchdog, Runnable leave) {
    this.ranks = ranks;
    this.watchdog = watchdog;
    this.leave = leave;
  }

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
    watchdog.countOperation();
    return ranks.allReduce(x);
  }

  @Override
  public Pending reduceScatter(Tensor whole, Tensor part) {
    watchdog.countOperation();
    return ranks.reduceScatter(whole, part);
  }

  @Override
  public Pending allGather(Tensor part, Tensor whole) {
    watchdog.countOperation();
    return ranks.allGather(part, whole);
  }

  @Override
  public Pending broadcast(Tensor x, int root) {
    watchdog.countOperation();
    return ranks.broadcast(x, root);
  }

  @Override
  public void barrier() {
    watchdog.countOperation();
    ranks.barrier();
  }

  /** In place of {@link #close}, since the others will not: they end, and name this rank. */
  void fail(Throwable why) {
    watchdog.fail(why);
  }

  /**
   * Returns when all ranks have called it.
   *
   * @throws LostRankException if some will not, since they wait for what this rank has left out
   */
  @Override
  public void close() {
    watchdog.awaitGoodbyes();
    leave.run();
    watchdog.close();
  }
}
