package assay.tensor.cuda;

import static assay.tensor.cuda.CudaException.check;

import assay.tensor.Bytes;
import assay.tensor.InvalidInputException;
import jcuda.driver.CUcontext;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/** One GPU: its context, which every calling thread must make its own, and the stream of work. */
final class CudaContext implements AutoCloseable {
  private static final ThreadLocal<CudaContext> CURRENT = new ThreadLocal<>();

  private final CudaGpu gpu;
  private final CUcontext context = new CUcontext();
  private final CudaStream stream;

  /**
   * @throws InvalidInputException if there is no such GPU, or it is too old, or its libraries are
   *     missing
   */
  CudaContext(int index) {
    gpu = CudaGpu.of(index);
    int result = JCudaDriver.cuDevicePrimaryCtxRetain(context, gpu.handle());
    if (result == CUresult.CUDA_ERROR_OUT_OF_MEMORY
        || result == CUresult.CUDA_ERROR_DEVICE_UNAVAILABLE) {
      throw new InvalidInputException(
          "device: %s is taken by other processes (%s); `nvidia-smi` shows them"
              .formatted(gpu, CUresult.stringFor(result)));
    }
    check(result, "cuDevicePrimaryCtxRetain");
    makeCurrent();
    stream = new CudaStream();
  }

  /** How much memory the GPU has left, for people. */
  String memory() {
    long[] free = new long[1];
    long[] total = new long[1];
    check(JCudaDriver.cuMemGetInfo(free, total), "cuMemGetInfo");
    return "the GPU has %s left of %s".formatted(Bytes.format(free[0]), Bytes.format(total[0]));
  }

  /** One of CUdevice_attribute's. */
  int attribute(int attribute) {
    return gpu.attribute(attribute);
  }

  /** To be called before other calls: a context belongs to threads, and any thread may compute. */
  void makeCurrent() {
    if (CURRENT.get() != this) {
      check(JCudaDriver.cuCtxSetCurrent(context), "cuCtxSetCurrent");
      CURRENT.set(this);
    }
  }

  CudaGpu gpu() {
    return gpu;
  }

  CudaStream stream() {
    return stream;
  }

  /** Waits for all work; errors of kernels show here. */
  void synchronize() {
    makeCurrent();
    stream.synchronize();
  }

  @Override
  public void close() {
    makeCurrent();
    stream.close();
    CURRENT.remove();
    JCudaDriver.cuDevicePrimaryCtxRelease(gpu.handle());
  }
}
