package assay.tensor.cuda;

import assay.tensor.InvalidInputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Finds NVIDIA's libraries and loads them by their paths. JCuda's own libraries name them without a
 * path; the system's loader then takes those that are loaded already.
 */
final class CudaLibraries {
  /** A folder to look in before all others. */
  static final String FOLDER_PROPERTY = "assay.cuda.libraries";

  private static final String DRIVER = "libcuda.so.1";

  /** In the order of loading: each needs those before it. */
  private static final List<String> NAMES =
      List.of(
          "libnvrtc-builtins.so.12.*",
          "libnvrtc.so.12",
          "libcublasLt.so.12",
          "libcublas.so.12",
          "libcudnn.so.9");

  private static Map<String, Path> loaded;

  private CudaLibraries() {}

  /**
   * Loads them once for the process.
   *
   * @return where each was found, by its name
   * @throws InvalidInputException if one is missing, saying which and what brings it
   */
  static synchronized Map<String, Path> load() {
    if (loaded == null) {
      Map<String, Path> found = find();
      found.values().forEach(path -> System.load(path.toString()));
      loaded = found;
    }
    return loaded;
  }

  private static Map<String, Path> find() {
    List<Path> folders = folders();
    Map<String, Path> found = new LinkedHashMap<>();
    find(DRIVER, folders)
        .ifPresentOrElse(
            path -> found.put(DRIVER, path),
            () -> {
              throw new InvalidInputException(
                  "device: cuda needs NVIDIA's driver, but %s was not found in %s"
                      .formatted(DRIVER, folders));
            });
    for (String name : NAMES) {
      Optional<Path> path = find(name, folders);
      path.ifPresent(p -> found.put(name, p));
      if (path.isEmpty() && !isPart(name)) {
        throw new InvalidInputException(
            "device: cuda needs %s of CUDA 12, which was not found in %s; ./mvnw -Pcuda package brings it"
                .formatted(name, folders));
      }
    }
    return found;
  }

  /** Libraries that others load from beside themselves; their absence shows when they are used. */
  private static boolean isPart(String name) {
    return name.startsWith("libnvrtc-builtins") || name.startsWith("libcublasLt");
  }

  private static List<Path> folders() {
    List<String> names = new ArrayList<>();
    names.add(System.getProperty(FOLDER_PROPERTY));
    for (String variable : List.of("CUDA_HOME", "CUDA_PATH")) {
      String home = System.getenv(variable);
      names.add(home == null ? null : home + "/lib64");
    }
    names.add("/usr/local/cuda/lib64");
    names.add("/usr/local/cuda/targets/x86_64-linux/lib");
    names.add("/usr/lib/x86_64-linux-gnu");
    names.add("/usr/lib64");
    names.add("/usr/local/nvidia/lib64");
    return names.stream()
        .filter(name -> name != null)
        .map(Path::of)
        .filter(Files::isDirectory)
        .toList();
  }

  private static Optional<Path> find(String pattern, List<Path> folders) {
    for (Path folder : folders) {
      try (DirectoryStream<Path> matches = Files.newDirectoryStream(folder, pattern)) {
        for (Path match : matches) {
          return Optional.of(match.toAbsolutePath());
        }
      } catch (IOException e) {
        throw new UncheckedIOException(folder + " cannot be listed", e);
      }
    }
    return Optional.empty();
  }
}
