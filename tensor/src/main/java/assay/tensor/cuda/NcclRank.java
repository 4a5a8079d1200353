package assay.tensor.cuda;

import assay.tensor.DType;
import assay.tensor.Device;
import assay.tensor.Shape;
import assay.tensor.Tensor;
import assay.tensor.TensorArena;
import assay.tensor.comm.Communicator;
import assay.tensor.cuda.NcclLibrary.Call;
import java.lang.foreign.MemorySegment;
import jcuda.driver.CUevent;

/** One rank of several on GPUs: collective operations by NCCL, on a stream of their own. */
public final class NcclRank implements Communicator {
  private final NcclLibrary library = NcclLibrary.load();
  private final Device device;
  private final CudaContext context;
  private final CudaStream stream;
  private final MemorySegment communicator;
  private final int rank;
  private final int size;

  private NcclRank(Device device, CudaContext context, byte[] id, int rank, int size) {
    this.device = device;
    this.context = context;
    this.rank = rank;
    this.size = size;
    context.makeCurrent(); // NCCL takes the calling thread's GPU
    this.communicator = library.join(id, rank, size);
    this.stream = new CudaStream();
  }

  /** See {@link assay.tensor.comm.Nccl#newId}. */
  public static byte[] newId() {
    return NcclLibrary.load().newId();
  }

  /** See {@link assay.tensor.comm.Nccl#join}. */
  public static Communicator join(Device device, byte[] id, int rank, int size) {
    if (!(device.backend() instanceof CudaBackend cuda)) {
      throw new IllegalArgumentException("NCCL joins GPUs, not " + device.description());
    }
    if (id.length != NcclLibrary.ID_BYTES || rank < 0 || rank >= size) {
      throw new IllegalArgumentException(
          "rank %d of %d with an id of %d bytes".formatted(rank, size, id.length));
    }
    return new NcclRank(device, cuda.context(), id, rank, size);
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
    library.allReduce(call(x, x, x.size()));
    return end();
  }

  @Override
  public Pending reduceScatter(Tensor whole, Tensor part) {
    checkParts(whole, part);
    begin();
    library.reduceScatter(call(whole, part, part.size()));
    return end();
  }

  @Override
  public Pending allGather(Tensor part, Tensor whole) {
    checkParts(whole, part);
    begin();
    library.allGather(call(part, whole, part.size()));
    return end();
  }

  @Override
  public Pending broadcast(Tensor x, int root) {
    begin();
    library.broadcast(call(x, x, x.size()), root);
    return end();
  }

  /** The sum of nothing much: nobody has it before all have begun. */
  @Override
  public void barrier() {
    try (TensorArena arena = TensorArena.open(device, "barrier")) {
      Tensor one = arena.of(DType.F32, Shape.of(1), 1);
      allReduce(one).await();
      context.synchronize();
    }
  }

  private void checkParts(Tensor whole, Tensor part) {
    if (whole.size() != part.size() * size || whole.dtype() != part.dtype()) {
      throw new IllegalArgumentException("%s is not %d times %s".formatted(whole, size, part));
    }
  }

  private Call call(Tensor from, Tensor to, long count) {
    return new Call(
        from.address(), to.address(), count, type(to.dtype()), communicator, stream.handle());
  }

  private static int type(DType dtype) {
    return switch (dtype) {
      case I32 -> 2; // ncclInt32
      case F32 -> 7;
      case F64 -> 8;
      case BF16 -> 9;
      case I16 -> throw new IllegalArgumentException("NCCL has no 16-bit integers");
    };
  }

  /** The kernels before this call write what is to be sent: NCCL's stream waits for them. */
  private void begin() {
    context.makeCurrent();
    stream.waitFor(context.stream().mark());
  }

  private Pending end() {
    CUevent done = stream.mark();
    return () -> {
      context.makeCurrent();
      context.stream().waitFor(done);
    };
  }

  @Override
  public void close() {
    context.makeCurrent();
    stream.synchronize();
    library.destroy(communicator);
    stream.close();
  }
}
