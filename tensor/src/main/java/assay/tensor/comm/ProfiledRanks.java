package assay.tensor.comm;

import assay.tensor.Span;
import assay.tensor.Tensor;
import java.util.Locale;

/** A communicator whose operations are spans in a profile, on the thread that calls it. */
final class ProfiledRanks implements Communicator {
  private final Communicator ranks;

  ProfiledRanks(Communicator ranks) {
    this.ranks = ranks;
  }

  private static Span span(Collective kind, Tensor whole) {
    return Span.begin(Span.Kind.COLLECTIVE, kind.name().toLowerCase(Locale.ROOT), whole.bytes());
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
    try (Span _ = span(Collective.ALL_REDUCE, x)) {
      return ranks.allReduce(x);
    }
  }

  @Override
  public Pending reduceScatter(Tensor whole, Tensor part) {
    try (Span _ = span(Collective.REDUCE_SCATTER, whole)) {
      return ranks.reduceScatter(whole, part);
    }
  }

  @Override
  public Pending allGather(Tensor part, Tensor whole) {
    try (Span _ = span(Collective.ALL_GATHER, whole)) {
      return ranks.allGather(part, whole);
    }
  }

  @Override
  public Pending broadcast(Tensor x, int root) {
    try (Span _ = span(Collective.BROADCAST, x)) {
      return ranks.broadcast(x, root);
    }
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
