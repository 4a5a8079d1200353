package assay.tensor.cuda;

import assay.tensor.Backend;
import assay.tensor.FusedKernels;
import java.util.ArrayList;
import java.util.List;

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
        new Kernels(context, KernelCompiler.forCapability(context.gpu().capability()));
    CudaBackend backend = new CudaBackend(context, kernels);
    CudnnSoftmax softmax = new CudnnSoftmax(context);
    CudaAttention attention = CudaAttention.newest(backend, kernels);
    return new CudaDevice(
        context.gpu().toString(),
        backend,
        new CudaKernels(backend, kernels, softmax, attention),
        () -> {
          attention.close();
          softmax.close();
          backend.close();
          kernels.close();
          context.close();
        });
  }

  /**
   * What there is, for people: the libraries with their paths, and the GPUs.
   *
   * @throws assay.tensor.InvalidInputException if a library is missing
   */
  public static List<String> report() {
    List<CudaGpu> gpus = CudaGpu.all();
    CudaLibraries libraries = CudaLibraries.load();
    List<String> lines = new ArrayList<>();
    int version = libraries.driverVersion();
    lines.add(
        "cuda: driver for CUDA up to %d.%d, %s"
            .formatted(version / 1000, version % 1000 / 10, libraries.driver()));
    libraries.paths().forEach(path -> lines.add("cuda: " + path));
    if (gpus.isEmpty()) {
      lines.add("cuda: the driver shows no GPU");
    }
    gpus.forEach(gpu -> lines.add("cuda:" + gpu.index() + ": " + gpu.description()));
    return lines;
  }

  /** Gives the GPU back. */
  public void close() {
    onClose.run();
  }
}
