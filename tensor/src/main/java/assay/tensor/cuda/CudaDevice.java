package assay.tensor.cuda;

import assay.tensor.Backend;
import assay.tensor.FusedKernels;

/**
 * A GPU's backend and kernels.
 *
 * @param description which GPU this is, for people
 */
public record CudaDevice(
    String description, Backend backend, FusedKernels kernels, Runnable onClose) {

  /**
   * Opens a GPU.
   *
   * @param index among those that the driver shows
   * @throws assay.tensor.InvalidInputException if there is none, or a library is missing
   */
  public static CudaDevice open(int index) {
    CudaContext context = new CudaContext(index);
    Kernels kernels =
        new Kernels(context, new KernelCompiler(context.capability(), KernelCompiler.userCache()));
    CudaBackend backend = new CudaBackend(context, kernels);
    CudnnSoftmax softmax = new CudnnSoftmax(context);
    return new CudaDevice(
        "cuda:%d, %s, compute capability %s"
            .formatted(index, context.name(), context.capability() / 10.0),
        backend,
        new CudaKernels(backend, kernels, softmax),
        () -> {
          softmax.close();
          backend.close();
          kernels.close();
          context.close();
        });
  }

  /** Gives the GPU back. */
  public void close() {
    onClose.run();
  }
}
