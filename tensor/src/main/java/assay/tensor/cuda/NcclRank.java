package assay.tensor.cuda;

import assay.tensor.BinaryKind;
import assay.tensor.DType;
import assay.tensor.Device;
import assay.tensor.Tensor;
import assay.tensor.TensorArena;
import assay.tensor.UnaryKind;
import assay.tensor.comm.Collective;
import assay.tensor.comm.Communicator;
import assay.tensor.comm.HeldPending;
import assay.tensor.comm.OrderedSums;
import assay.tensor.cuda.NcclLibrary.Ranks;
import java.lang.foreign.MemorySegment;
import java.util.List;
import jcuda.driver.CUevent;

/**
 * One rank of several on GPUs: NCCL moves the tensors and kernels add them up, on a stream of their
 * own.
 */
public final class NcclRank implements Communicator, OrderedSums.Wire {
  /** Bytes of a run's name. */
  public static final int ID_BYTES = NcclLibrary.ID_BYTES;

  private final NcclLibrary library = NcclLibrary.load();
  private final Device device;
  private final CudaBackend backend;
  private final CudaContext context;
  private final CudaStream stream;
  private final MemorySegment communicator;
  private final Ranks ranks;
  private final OrderedSums sums;
  private final int rank;
  private final int size;

  private NcclRank(Device device, CudaBackend backend, byte[] id, int rank, int size) {
    this.device = device;
    this.backend = backend;
    this.context = backend.context();
    this.rank = rank;
    this.size = size;
    context.makeCurrent(); // NCCL takes the calling thread's GPU
    communicator = library.join(id, rank, size);
    stream = new CudaStream();
    ranks = new Ranks(communicator, stream.handle());
    sums = new OrderedSums(this, rank, size, device);
  }

  /** See {@link assay.tensor.comm.Nccl#newId}. */
  public static byte[] newId() {
    return NcclLibrary.load().newId();
  }

  /** True for a GPU. */
  public static boolean joins(Device device) {
    return device.backend() instanceof CudaBackend;
  }

  /** See {@link assay.tensor.comm.Nccl#join}. */
  public static Communicator join(Device device, byte[] id, int rank, int size) {
    if (!(device.backend() instanceof CudaBackend cuda)) {
      throw new IllegalArgumentException("NCCL joins GPUs, not " + device.description());
    }
    if (id.length != ID_BYTES || rank < 0 || rank >= size) {
      throw new IllegalArgumentException(
          "rank %d of %d with an id of %d bytes".formatted(rank, size, id.length));
    }
    return new NcclRank(device, cuda, id, rank, size);
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
    begin();
    sums.allReduce(x);
    return end(x);
  }

  @Override
  public Pending reduceScatter(Tensor whole, Tensor part) {
    Collective.requireParts(part, whole, size);
    begin();
    sums.reduceScatter(whole, part);
    return end(whole, part);
  }

  @Override
  public Pending allGather(Tensor part, Tensor whole) {
    Collective.requireParts(part, whole, size);
    begin();
    library.allGather(ranks, part.address(), whole.address(), part.bytes());
    return end(part, whole);
  }

  @Override
  public Pending broadcast(Tensor x, int root) {
    begin();
    library.broadcast(ranks, x.address(), x.bytes(), root);
    return end(x);
  }

  /** Nobody has all ranks' parts before all have begun. */
  @Override
  public void barrier() {
    try (TensorArena arena = TensorArena.open(device, "communication")) {
      Tensor all = arena.empty(DType.I32, size);
      allGather(arena.ints(rank), all).await();
      context.synchronize();
    }
  }

  /** All messages of a group go on at the same time, so none waits for another's turn. */
  @Override
  public void exchange(List<Tensor> toSend, List<Tensor> toReceive) {
    library.groupStart();
    for (int other = 0; other < size; other++) {
      Tensor sent = toSend.get(other);
      Tensor received = toReceive.get(other);
      if (other != rank && sent.size() > 0) {
        library.send(ranks, sent.address(), sent.bytes(), other);
      }
      if (other != rank && received.size() > 0) {
        library.receive(ranks, received.address(), received.bytes(), other);
      }
    }
    library.groupEnd();
  }

  @Override
  public void add(Tensor x, Tensor sum) {
    backend.binaryOn(stream, BinaryKind.ADD, sum, x, sum);
  }

  @Override
  public void copy(Tensor from, Tensor to) {
    backend.unaryOn(stream, UnaryKind.COPY, from, to);
  }

  /** The kernels before this call write what is to be sent: NCCL's stream waits for them. */
  private void begin() {
    context.makeCurrent();
    stream.waitFor(context.stream().mark());
  }

  private Pending end(Tensor... tensors) {
    CUevent done = stream.mark();
    return HeldPending.of(
        () -> {
          context.makeCurrent();
          context.stream().waitFor(done);
        },
        tensors);
  }

  @Override
  public void close() {
    context.makeCurrent();
    stream.synchronize();
    sums.close();
    library.destroy(communicator);
    stream.close();
  }
}
