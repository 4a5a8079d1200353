package assay.tensor.cuda;

import jcuda.driver.CUdeviceptr;

/** An address in device memory, as JCuda takes and gives it. */
final class DevicePointer extends CUdeviceptr {
  /** To be set by the driver. */
  DevicePointer() {}

  DevicePointer(long address) {
    super(new CUdeviceptr(), address);
  }

  long address() {
    return getNativePointer() + getByteOffset();
  }
}
