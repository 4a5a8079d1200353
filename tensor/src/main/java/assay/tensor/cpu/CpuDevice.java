package assay.tensor.cpu;

import assay.tensor.Backend;
import assay.tensor.FusedKernels;

/**
 * The CPU's backend and kernels, and the pool of threads that they share.
 *
 * @param description which path runs here, for people
 * @param onClose ends the threads and frees their buffers
 */
public record CpuDevice(
    String description, Backend backend, FusedKernels kernels, Runnable onClose) {

  /** The fastest path of this machine and JVM. */
  public static CpuDevice fastest(int numThreads) {
    return of(CpuLoops.fastest(), numThreads);
  }

  /** The fast backend on these loops. */
  static CpuDevice of(CpuLoops loops, int numThreads) {
    WorkerPool pool = new WorkerPool(numThreads);
    FastBackend backend = new FastBackend(pool, loops);
    CpuKernels kernels = new CpuKernels(backend);
    return new CpuDevice(
        "cpu, " + loops.description() + ", " + numThreads + " threads",
        backend,
        kernels,
        () -> {
          pool.close();
          kernels.close();
          backend.close();
        });
  }

  /** Plain loops and the default fused kernels. */
  public static CpuDevice reference(int numThreads) {
    WorkerPool pool = new WorkerPool(numThreads);
    Backend backend = new ReferenceBackend(pool);
    return new CpuDevice(
        "cpu, reference loops, " + numThreads + " threads", backend, () -> backend, pool::close);
  }

  public void close() {
    onClose.run();
  }
}
