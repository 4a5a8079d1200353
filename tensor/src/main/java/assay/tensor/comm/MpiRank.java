package assay.tensor.comm;

import assay.tensor.BinaryKind;
import assay.tensor.Device;
import assay.tensor.Tensor;
import assay.tensor.UnaryKind;
import java.util.List;

/**
 * A rank that is a process of its own, with a CPU device: collective operations by MPI, which are
 * done when their call returns. All calls must come from the thread that made it.
 *
 * <p>MPI counts in ints, so what is longer goes in several messages.
 */
final class MpiRank implements Communicator, OrderedSums.Wire {
  static final int MOST_BYTES = 1 << 30;
  private static final Pending DONE = () -> {};

  private final MpiLibrary library;
  private final int mostBytes;
  private final int rank;
  private final int size;
  private final OrderedSums sums;

  /**
   * Adds up what has arrived. With one thread and no lock in common with the kernels of the model,
   * which would keep it waiting.
   */
  private final Device adder = Device.cpu(1);

  /**
   * @param library initialised
   * @param device where staging memory is counted
   */
  MpiRank(MpiLibrary library, Device device) {
    this(library, device, MOST_BYTES);
  }

  /**
   * @param mostBytes of a message
   */
  MpiRank(MpiLibrary library, Device device, int mostBytes) {
    this.library = library;
    this.mostBytes = mostBytes;
    rank = library.rank();
    size = library.size();
    sums = new OrderedSums(this, rank, size, device);
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
    sums.allReduce(x);
    return DONE;
  }

  @Override
  public Pending reduceScatter(Tensor whole, Tensor part) {
    sums.reduceScatter(whole, part);
    return DONE;
  }

  @Override
  public Pending allGather(Tensor part, Tensor whole) {
    if (part.bytes() > mostBytes) {
      allGatherByBroadcasts(part, whole);
      return DONE;
    }
    boolean inPlace = part.address() == place(whole, part, rank).address();
    library.allGather(
        inPlace ? MpiLibrary.IN_PLACE : part.address(), (int) part.bytes(), whole.address());
    return DONE;
  }

  private void allGatherByBroadcasts(Tensor part, Tensor whole) {
    copy(part.elements(0, part.size()), place(whole, part, rank));
    for (int root = 0; root < size; root++) {
      broadcast(place(whole, part, root), root);
    }
  }

  private static Tensor place(Tensor whole, Tensor part, int of) {
    return whole.elements(of * part.size(), (of + 1) * part.size());
  }

  @Override
  public Pending broadcast(Tensor x, int root) {
    for (long from = 0; from < x.bytes(); from += mostBytes) {
      int count = (int) Math.min(mostBytes, x.bytes() - from);
      library.broadcast(x.address() + from, count, root);
    }
    return DONE;
  }

  @Override
  public void barrier() {
    library.barrier();
  }

  /** In step i, rank r sends to rank r + i and receives from rank r - i. */
  @Override
  public void exchange(List<Tensor> toSend, List<Tensor> toReceive) {
    for (int step = 1; step < size; step++) {
      int receiver = (rank + step) % size;
      int sender = (rank - step + size) % size;
      Tensor sent = toSend.get(receiver);
      Tensor received = toReceive.get(sender);
      library.exchange(
          sent.address(),
          Math.toIntExact(sent.bytes()),
          receiver,
          received.address(),
          Math.toIntExact(received.bytes()),
          sender);
    }
  }

  @Override
  public void add(Tensor x, Tensor sum) {
    adder.backend().binary(BinaryKind.ADD, sum, x, sum);
  }

  @Override
  public void copy(Tensor from, Tensor to) {
    adder.backend().unary(UnaryKind.COPY, from, to);
  }

  @Override
  public void close() {
    sums.close();
    adder.close();
    library.finish();
  }
}
