package assay.tensor.comm;

import assay.tensor.Tensor;
import java.util.function.Supplier;

/** A communicator whose ranks are told when one of them is lost: see {@link Watchdog}. */
final class WatchedRanks extends DecoratedRanks {
  private final Watchdog watchdog;
  private final Runnable leave;

  /**
   * @param leave ends the communicator and what else serves it; all ranks do so together
   */
  WatchedRanks(Communicator ranks, Watchdog watchdog, Runnable leave) {
    super(ranks);
    this.watchdog = watchdog;
    this.leave = leave;
  }

  @Override
  protected Pending begin(Collective kind, Tensor whole, Supplier<Pending> operation) {
    watchdog.countOperation();
    return operation.get();
  }

  @Override
  public void barrier() {
    watchdog.countOperation();
    super.barrier();
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
