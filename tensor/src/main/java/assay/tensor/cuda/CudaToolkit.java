package assay.tensor.cuda;

import assay.tensor.InvalidInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The libraries of one version of CUDA, without the driver.
 *
 * @param version the first number of CUDA's version, which is part of the libraries' names
 * @param paths where each was found
 */
record CudaToolkit(int version, Map<Library, Path> paths) {
  /** Those that JCuda can work with, the one that it was made for first. */
  private static final List<Integer> VERSIONS = List.of(12, 13);

  /** A library, and the part of it that it loads by itself but finds only beside itself. */
  enum Library {
    NVRTC("libnvrtc.so.%d", "libnvrtc-builtins.so.%d.*"),
    CUBLAS("libcublas.so.%d", "libcublasLt.so.%d"),
    CUDNN("libcudnn.so.9", "libcudnn_graph.so.9"); // one name, whatever CUDA it was made for

    private final String name;
    private final String part;

    Library(String name, String part) {
      this.name = name;
      this.part = part;
    }

    String fileName(int version) {
      return name.formatted(version);
    }
  }

  /**
   * The first version of which all of these libraries are there.
   *
   * @param newestVersion the last that the driver can work with
   */
  static Optional<CudaToolkit> find(List<Library> wanted, CudaFolders folders, int newestVersion) {
    for (int version : VERSIONS) {
      Map<Library, Path> paths = new LinkedHashMap<>();
      for (Library library : wanted) {
        find(library.fileName(version), folders).ifPresent(path -> paths.put(library, path));
      }
      if (version <= newestVersion && paths.size() == wanted.size()) {
        return Optional.of(new CudaToolkit(version, paths));
      }
    }
    return Optional.empty();
  }

  private static Optional<Path> find(String name, CudaFolders folders) {
    return folders.all().stream().map(each -> each.resolve(name)).filter(Files::exists).findFirst();
  }

  /** For the user: why {@link #find} found nothing. */
  static InvalidInputException missing(
      List<Library> wanted, CudaFolders folders, int newestVersion) {
    Set<String> lines = new LinkedHashSet<>();
    for (int version : VERSIONS) {
      for (Library library : wanted) {
        String name = library.fileName(version);
        Optional<Path> path = find(name, folders);
        if (path.isPresent() && version > newestVersion) {
          lines.add(path.get() + " is newer than the driver, which knows CUDA " + newestVersion);
        } else {
          lines.add(name + path.map(found -> " is " + found).orElse(" was not found"));
        }
      }
    }
    return new InvalidInputException(
        """
        device: cuda needs NVIDIA's libraries of CUDA 12 (or of CUDA 13):
          %s
        These folders were looked at: %s
        Install the CUDA toolkit, or have them downloaded (2 GB): \
        ./mvnw -Pcuda -Dmaven.test.skip=true package"""
            .formatted(String.join("\n  ", lines), folders.all()));
  }

  /** Loads them, each after the part that it needs. */
  void load() {
    paths.forEach(
        (library, path) -> {
          CudaFolders.below(path.getParent(), library.part.formatted(version))
              .forEach(CudaToolkit::load);
          load(path);
        });
  }

  /** Loads a library by its path; whoever names it without one then gets the same. */
  static void load(Path path) {
    try {
      System.load(path.toString());
    } catch (UnsatisfiedLinkError e) {
      throw new InvalidInputException(
          "device: cuda: this library cannot be loaded: " + e.getMessage(), e);
    }
  }
}
