package assay.tensor.comm;

import assay.tensor.Tensor;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/**
 * A communicator that counts the bytes handed to it. ZeRO's claim is about these: of a model of P
 * parameters, a step moves 2 P under stages 1 and 2 (a reduce-scatter of the gradients, an
 * all-gather of the weights) and 3 P under stage 3 (all-gathers for forward and backward, a
 * reduce-scatter); plain data parallelism moves 2 P, since an all-reduce is one of each.
 * Rajbhandari et al. 2020, "ZeRO: Memory Optimizations Toward Training Trillion Parameter Models",
 * section 7.
 */
public final class CountedRanks implements Communicator {
  private final Communicator ranks;
  private final Map<Collective, Long> bytes = new EnumMap<>(Collective.class);

  public CountedRanks(Communicator ranks) {
    this.ranks = ranks;
    for (Collective kind : Collective.values()) {
      bytes.put(kind, 0L);
    }
  }

  /** Bytes so far of whole tensors, which all ranks have or shall have: parts are not counted. */
  public Map<Collective, Long> bytes() {
    return Collections.unmodifiableMap(bytes);
  }

  /** What {@link #bytes} amount to in all; an all-reduce moves its tensor twice. */
  public long volume() {
    return bytes.values().stream().mapToLong(Long::longValue).sum()
        + bytes.get(Collective.ALL_REDUCE);
  }

  private void count(Collective kind, Tensor whole) {
    bytes.merge(kind, whole.bytes(), Long::sum);
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
    count(Collective.ALL_REDUCE, x);
    return ranks.allReduce(x);
  }

  @Override
  public Pending reduceScatter(Tensor whole, Tensor part) {
    count(Collective.REDUCE_SCATTER, whole);
    return ranks.reduceScatter(whole, part);
  }

  @Override
  public Pending allGather(Tensor part, Tensor whole) {
    count(Collective.ALL_GATHER, whole);
    return ranks.allGather(part, whole);
  }

  @Override
  public Pending broadcast(Tensor x, int root) {
    count(Collective.BROADCAST, x);
    return ranks.broadcast(x, root);
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
