package assay.tensor.cuda;

import static assay.tensor.cuda.CudaException.check;

import assay.tensor.InvalidInputException;
import assay.tensor.cuda.CudaToolkit.Library;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import jcuda.driver.JCudaDriver;
import jcuda.jcublas.JCublas2;
import jcuda.jcudnn.JCudnn;
import jcuda.nvrtc.JNvrtc;

/**
 * NVIDIA's libraries, found and loaded once for the process, and JCuda's after them.
 *
 * @param driver where {@code libcuda.so.1} lies
 * @param driverVersion the newest CUDA that the driver knows, for example 12060
 */
record CudaLibraries(Path driver, int driverVersion, CudaToolkit toolkit) {
  private static final String DRIVER = "libcuda.so.1";

  private static final List<Library> ALWAYS = List.of(Library.NVRTC, Library.CUBLAS);

  private static CudaLibraries loaded;

  /**
   * Loads all that a GPU needs: CUDA 12 that is installed, or else CUDA 13, or else what the build
   * downloaded.
   *
   * @throws InvalidInputException if something is missing, saying what, and what brings it
   */
  static synchronized CudaLibraries load() {
    if (loaded == null) {
      Path driver = loadDriver(CudaFolders.installed());
      int[] version = new int[1];
      JCudaNatives.load(
          "JCudaDriver",
          () -> check(JCudaDriver.cuDriverGetVersion(version), "cuDriverGetVersion"));
      CudaToolkit toolkit = find(ALWAYS, version[0] / 1000);
      toolkit.load();
      loadNvrtc(toolkit.version());
      JCudaNatives.load(
          "JCublas2",
          Library.CUBLAS,
          toolkit.version(),
          () -> JCublas2.setExceptionsEnabled(false));
      loaded = new CudaLibraries(driver, version[0], toolkit);
    }
    return loaded;
  }

  /** Loads cuDNN, which is large, and which few models need. */
  static synchronized void loadCudnn() {
    int version = load().toolkit.version();
    find(List.of(Library.CUDNN), version).load();
    JCudaNatives.load("JCudnn", () -> JCudnn.setExceptionsEnabled(false));
  }

  /** Where each library lies that this process uses, or would use. */
  List<Path> paths() {
    List<Path> paths = new ArrayList<>(toolkit.paths().values());
    tryToFind(List.of(Library.CUDNN), toolkit.version())
        .ifPresent(cudnn -> paths.addAll(cudnn.paths().values()));
    return paths;
  }

  /** Loads the compiler alone, which needs neither a driver nor a GPU. */
  static synchronized void loadCompiler() {
    if (loaded == null) {
      CudaToolkit compiler = find(List.of(Library.NVRTC), Integer.MAX_VALUE);
      compiler.load();
      loadNvrtc(compiler.version());
    }
  }

  private static void loadNvrtc(int version) {
    JCudaNatives.load("JNvrtc", Library.NVRTC, version, () -> JNvrtc.setExceptionsEnabled(false));
  }

  private static CudaToolkit find(List<Library> wanted, int newestVersion) {
    CudaFolders all = CudaFolders.installed().and(CudaFolders.downloaded());
    return tryToFind(wanted, newestVersion)
        .orElseThrow(() -> CudaToolkit.missing(wanted, all, newestVersion));
  }

  private static Optional<CudaToolkit> tryToFind(List<Library> wanted, int newestVersion) {
    return CudaToolkit.find(wanted, CudaFolders.installed(), newestVersion)
        .or(() -> CudaToolkit.find(wanted, CudaFolders.downloaded(), newestVersion));
  }

  /** The driver that the system's loader gives every program; it may not know the folder. */
  private static Path loadDriver(CudaFolders folders) {
    if (!CudaFolders.isExclusive()) {
      try {
        SymbolLookup.libraryLookup(DRIVER, Arena.global());
        return pathOfLoadedDriver();
      } catch (IllegalArgumentException e) {
        // Not known to the loader; some containers have it in a folder of its own.
      }
    }
    for (Path folder : folders.all()) {
      Path path = folder.resolve(DRIVER);
      if (Files.exists(path)) {
        CudaToolkit.load(path);
        return path;
      }
    }
    throw new InvalidInputException(
        """
        device: cuda needs NVIDIA's driver, but %s was found neither by the system's loader nor in %s
        Install the driver (`nvidia-smi` should then show the GPU), or use the device cpu"""
            .formatted(DRIVER, folders.all()));
  }

  private static Path pathOfLoadedDriver() {
    try (Stream<String> mappings = Files.lines(Path.of("/proc/self/maps"))) {
      return mappings
          .filter(line -> line.contains("/libcuda.so"))
          .map(line -> Path.of(line.substring(line.indexOf('/'))))
          .findFirst()
          .orElse(Path.of(DRIVER));
    } catch (IOException e) {
      throw new UncheckedIOException("/proc/self/maps", e);
    }
  }
}
