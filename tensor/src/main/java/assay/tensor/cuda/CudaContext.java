package assay.tensor.cuda;

import static assay.tensor.cuda.CudaException.check;

import assay.tensor.InvalidInputException;
import java.nio.charset.StandardCharsets;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;
import jcuda.driver.CUstream_flags;
import jcuda.driver.JCudaDriver;

/** One GPU: its context, which every calling thread must make its own, and the stream of work. */
final class CudaContext implements AutoCloseable {
  /** The first capability with bfloat16: Ampere. */
  private static final int LEAST_CAPABILITY = 80;

  private final CUdevice device = new CUdevice();
  private final CUcontext context = new CUcontext();
  private final CUstream stream = new CUstream();
  private final String name;
  private final int capability;
  private volatile Thread current;

  /**
   * @throws InvalidInputException if there is no such GPU, or it is too old, or its libraries are
   *     missing
   */
  CudaContext(int index) {
    CudaLibraries.load();
    int result = JCudaDriver.cuInit(0);
    int[] count = new int[1];
    if (result != CUresult.CUDA_ERROR_NO_DEVICE) {
      check(result, "cuInit");
      check(JCudaDriver.cuDeviceGetCount(count), "cuDeviceGetCount");
    }
    if (index < 0 || index >= count[0]) {
      throw new InvalidInputException(
          "device: cuda:%d was asked for, but the driver sees %d GPUs".formatted(index, count[0]));
    }
    check(JCudaDriver.cuDeviceGet(device, index), "cuDeviceGet");
    name = readName();
    capability =
        10 * attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR)
            + attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
    if (capability < LEAST_CAPABILITY) {
      throw new InvalidInputException(
          "device: cuda:%d is %s of compute capability %s; expected 8.0 (Ampere) or newer"
              .formatted(index, name, capability / 10.0));
    }
    check(JCudaDriver.cuDevicePrimaryCtxRetain(context, device), "cuDevicePrimaryCtxRetain");
    makeCurrent();
    check(
        JCudaDriver.cuStreamCreate(stream, CUstream_flags.CU_STREAM_NON_BLOCKING),
        "cuStreamCreate");
  }

  private String readName() {
    byte[] bytes = new byte[256];
    check(JCudaDriver.cuDeviceGetName(bytes, bytes.length, device), "cuDeviceGetName");
    int length = 0;
    while (length < bytes.length && bytes[length] != 0) {
      length++;
    }
    return new String(bytes, 0, length, StandardCharsets.UTF_8);
  }

  int attribute(int attribute) {
    int[] value = new int[1];
    check(JCudaDriver.cuDeviceGetAttribute(value, attribute, device), "cuDeviceGetAttribute");
    return value[0];
  }

  /** To be called before other calls: a context belongs to threads, and any thread may compute. */
  void makeCurrent() {
    if (current != Thread.currentThread()) {
      check(JCudaDriver.cuCtxSetCurrent(context), "cuCtxSetCurrent");
      current = Thread.currentThread();
    }
  }

  /** For example 90 for 9.0. */
  int capability() {
    return capability;
  }

  String name() {
    return name;
  }

  CUstream stream() {
    return stream;
  }

  /** Waits for all work; errors of kernels show here. */
  void synchronize() {
    makeCurrent();
    check(JCudaDriver.cuStreamSynchronize(stream), "the kernels before this point");
  }

  @Override
  public void close() {
    makeCurrent();
    JCudaDriver.cuStreamDestroy(stream);
    JCudaDriver.cuDevicePrimaryCtxRelease(device);
  }
}
