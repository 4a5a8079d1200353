package assay.tensor.comm;

import assay.tensor.Device;
import assay.tensor.Tensor;
import java.util.List;

/**
 * One rank of several where there are no others: for counting what it would allocate, on {@link
 * Device#planning}. Its operations do nothing, and take the memory that the real ones take.
 */
final class PlannedRanks implements Communicator {
  private static final Pending DONE = () -> {};

  /** Moves nothing. */
  private static final OrderedSums.Wire NO_WIRE =
      new OrderedSums.Wire() {
        @Override
        public void exchange(List<Tensor> toSend, List<Tensor> toReceive) {}

        @Override
        public void add(Tensor x, Tensor sum) {}

        @Override
        public void copy(Tensor from, Tensor to) {}
      };

  private final int rank;
  private final int size;
  private final Runnable onClose;

  private PlannedRanks(int rank, int size, Runnable onClose) {
    if (rank < 0 || rank >= size) {
      throw new IllegalArgumentException("rank %d of %d".formatted(rank, size));
    }
    this.rank = rank;
    this.size = size;
    this.onClose = onClose;
  }

  /** A process of its own, with staging memory for the sums. */
  static PlannedRanks process(int rank, int size, Device device) {
    OrderedSums sums = new OrderedSums(NO_WIRE, rank, size, device);
    return new PlannedRanks(rank, size, sums::close);
  }

  /** A thread among others, which read each other's tensors where they are. */
  static PlannedRanks thread(int rank, int size) {
    return new PlannedRanks(rank, size, () -> {});
  }

  @Override
  public int rank() {
    return rank;
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public Pending allReduce(Tensor x) {
    return HeldPending.of(DONE, x);
  }

  @Override
  public Pending reduceScatter(Tensor whole, Tensor part) {
    Collective.requireParts(part, whole, size);
    return HeldPending.of(DONE, whole, part);
  }

  @Override
  public Pending allGather(Tensor part, Tensor whole) {
    Collective.requireParts(part, whole, size);
    return HeldPending.of(DONE, part, whole);
  }

  @Override
  public Pending broadcast(Tensor x, int root) {
    return HeldPending.of(DONE, x);
  }

  @Override
  public void barrier() {}

  @Override
  public void close() {
    onClose.run();
  }
}
