package assay.tensor.cpu;

import assay.tensor.Backend;
import assay.tensor.FusedKernels;

/**
 * The CPU's backend and kernels, and the pool of threads that they share.
 *
 * @param description which path runs here, for people
 */
public record CpuDevice(
    String description, Backend backend, FusedKernels kernels, AutoCloseable threads) {

  /** The fastest path of this machine and JVM. */
  public static CpuDevice fastest(int numThreads) {
    return reference(numThreads);
  }

  /** Plain loops and the default fused kernels. */
  public static CpuDevice reference(int numThreads) {
    WorkerPool pool = new WorkerPool(numThreads);
    Backend backend = new ReferenceBackend(pool);
    FusedKernels kernels = () -> backend;
    return new CpuDevice(
        "cpu, reference loops, " + numThreads + " threads", backend, kernels, pool);
  }

  public void close() {
    try {
      threads.close();
    } catch (Exception e) {
      throw new IllegalStateException("closing the CPU's threads", e);
    }
  }
}
