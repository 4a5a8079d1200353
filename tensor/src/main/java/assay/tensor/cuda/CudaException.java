package assay.tensor.cuda;

import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/** A call that a CUDA library answered with an error. */
final class CudaException extends RuntimeException {
  private CudaException(String message) {
    super(message);
  }

  /** Throws unless the driver answered CUDA_SUCCESS. */
  static void check(int result, String call) {
    if (result != CUresult.CUDA_SUCCESS) {
      String[] text = new String[1];
      JCudaDriver.cuGetErrorString(result, text);
      throw new CudaException(
          "CUDA: %s: %s (%s)".formatted(call, CUresult.stringFor(result), text[0]));
    }
  }

  /** Throws unless a library answered 0, which is success for all of them. */
  static void check(int status, String name, String call) {
    if (status != 0) {
      throw new CudaException("CUDA: %s: %s".formatted(call, name));
    }
  }
}
