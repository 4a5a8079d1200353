package assay.tensor.cuda;

import static assay.tensor.cuda.CudaException.check;

import assay.tensor.Bytes;
import assay.tensor.InvalidInputException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/**
 * One of the GPUs that the driver shows.
 *
 * @param capability ten times the compute capability: 90 for 9.0
 * @param bytes of memory in all
 */
record CudaGpu(int index, CUdevice handle, String name, int capability, long bytes) {
  /** The first capability with bfloat16: Ampere. */
  private static final int LEAST_CAPABILITY = 80;

  /**
   * A GPU that can be computed on.
   *
   * @throws InvalidInputException if there is none of this index, or it is too old
   */
  static CudaGpu of(int index) {
    List<CudaGpu> gpus = all();
    if (index >= gpus.size()) {
      throw new InvalidInputException(
          "device: cuda:%d was asked for, but the driver shows %s%s"
              .formatted(
                  index,
                  gpus.isEmpty()
                      ? "no GPU"
                      : gpus.stream().map(CudaGpu::toString).collect(Collectors.joining("; ")),
                  visibleDevices()));
    }
    CudaGpu gpu = gpus.get(index);
    if (gpu.capability < LEAST_CAPABILITY) {
      throw new InvalidInputException(
          "device: " + gpu + " is too old: expected compute capability 8.0 (Ampere) or newer");
    }
    return gpu;
  }

  private static String visibleDevices() {
    String visible = System.getenv("CUDA_VISIBLE_DEVICES");
    return visible == null ? "" : " (CUDA_VISIBLE_DEVICES is '" + visible + "')";
  }

  /** All that the driver shows. */
  static List<CudaGpu> all() {
    CudaLibraries libraries = CudaLibraries.load();
    int result = JCudaDriver.cuInit(0);
    if (result == CUresult.CUDA_ERROR_NO_DEVICE) {
      return List.of();
    }
    if (result != CUresult.CUDA_SUCCESS) {
      throw new InvalidInputException(
          "device: NVIDIA's driver %s does not start: %s; does `nvidia-smi` work?"
              .formatted(libraries.driver(), CUresult.stringFor(result)));
    }
    int[] count = new int[1];
    check(JCudaDriver.cuDeviceGetCount(count), "cuDeviceGetCount");
    List<CudaGpu> gpus = new ArrayList<>();
    for (int index = 0; index < count[0]; index++) {
      gpus.add(describe(index));
    }
    return gpus;
  }

  private static CudaGpu describe(int index) {
    CUdevice handle = new CUdevice();
    check(JCudaDriver.cuDeviceGet(handle, index), "cuDeviceGet");
    byte[] name = new byte[256];
    check(JCudaDriver.cuDeviceGetName(name, name.length, handle), "cuDeviceGetName");
    int length = 0;
    while (length < name.length && name[length] != 0) {
      length++;
    }
    long[] bytes = new long[1];
    check(JCudaDriver.cuDeviceTotalMem(bytes, handle), "cuDeviceTotalMem");
    int capability =
        10 * attribute(handle, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR)
            + attribute(handle, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
    return new CudaGpu(
        index, handle, new String(name, 0, length, StandardCharsets.UTF_8), capability, bytes[0]);
  }

  int attribute(int attribute) {
    return attribute(handle, attribute);
  }

  private static int attribute(CUdevice handle, int attribute) {
    int[] value = new int[1];
    check(JCudaDriver.cuDeviceGetAttribute(value, attribute, handle), "cuDeviceGetAttribute");
    return value[0];
  }

  /** What people call it. */
  String description() {
    return "%s, compute capability %d.%d, %s"
        .formatted(name, capability / 10, capability % 10, Bytes.format(bytes));
  }

  @Override
  public String toString() {
    return "cuda:" + index + ", " + description();
  }
}
