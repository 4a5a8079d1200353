package assay.tensor.comm;

import assay.tensor.Tensor;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * A communicator that counts the bytes handed to it. ZeRO's claim is about these: of a model of P
 * parameters, a step moves 2 P under stages 1 and 2 (a reduce-scatter of the gradients, an
 * all-gather of the weights) and 3 P under stage 3 (all-gathers for forward and backward, a
 * reduce-scatter); plain data parallelism moves 2 P, since an all-reduce is one of each.
 * Rajbhandari et al. 2020, "ZeRO: Memory Optimizations Toward Training Trillion Parameter Models",
 * section 7.
 */
public final class CountedRanks extends DecoratedRanks {
  private final Map<Collective, Long> bytes = new EnumMap<>(Collective.class);

  public CountedRanks(Communicator ranks) {
    super(ranks);
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

  @Override
  protected Pending begin(Collective kind, Tensor whole, Supplier<Pending> operation) {
    bytes.merge(kind, whole.bytes(), Long::sum);
    return operation.get();
  }
}
