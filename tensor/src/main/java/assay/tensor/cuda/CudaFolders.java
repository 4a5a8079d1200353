package assay.tensor.cuda;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Where NVIDIA's libraries may lie: first what the user names, then where installers put them.
 *
 * @param all in the order in which they are looked at; only folders that exist
 */
record CudaFolders(List<Path> all) {
  /** A folder instead of all others. */
  private static final String ONLY = "assay.cuda.libraries";

  /** The folder that {@code ./mvnw -Pcuda} fills, as the launcher tells it. */
  private static final String DOWNLOADED = "assay.cuda.downloaded";

  private static final List<String> SYSTEM =
      List.of(
          "usr/lib/x86_64-linux-gnu", // Debian, Ubuntu
          "usr/lib64", // Fedora, SUSE
          "opt/cuda/lib64", // Arch
          "usr/local/nvidia/lib64", // containers into which the host's driver is mounted
          "usr/lib/wsl/lib"); // Windows

  /** The only folder, if the property {@value #ONLY} names one: even the driver is then its. */
  static boolean isExclusive() {
    return !System.getProperty(ONLY, "").isEmpty();
  }

  /** Where this process finds a CUDA that was installed. */
  static CudaFolders installed() {
    return isExclusive()
        ? existing(Stream.of(Path.of(System.getProperty(ONLY))))
        : installed(System.getenv(), Path.of("/"));
  }

  /** Where the build puts the libraries that it downloads. */
  static CudaFolders downloaded() {
    String folder = System.getProperty(DOWNLOADED);
    return existing(folder == null || isExclusive() ? Stream.of() : Stream.of(Path.of(folder)));
  }

  static CudaFolders installed(Map<String, String> environment, Path root) {
    List<Path> folders = new ArrayList<>();
    for (String folder :
        environment.getOrDefault("LD_LIBRARY_PATH", "").split(File.pathSeparator, -1)) {
      if (!folder.isEmpty()) {
        folders.add(Path.of(folder));
      }
    }
    for (String variable : List.of("CUDA_HOME", "CUDA_PATH")) {
      if (environment.containsKey(variable)) {
        folders.addAll(ofToolkit(Path.of(environment.get(variable))));
      }
    }
    for (String variable : List.of("VIRTUAL_ENV", "CONDA_PREFIX")) {
      if (environment.containsKey(variable)) {
        Path home = Path.of(environment.get(variable));
        folders.addAll(below(home, "lib", "python3*", "site-packages", "nvidia", "*", "lib"));
        folders.add(home.resolve("lib"));
      }
    }
    Path local = root.resolve("usr/local");
    folders.addAll(ofToolkit(local.resolve("cuda")));
    below(local, "cuda-*").forEach(toolkit -> folders.addAll(ofToolkit(toolkit)));
    SYSTEM.forEach(folder -> folders.add(root.resolve(folder)));
    return existing(folders.stream());
  }

  CudaFolders and(CudaFolders more) {
    return existing(Stream.concat(all.stream(), more.all.stream()));
  }

  private static List<Path> ofToolkit(Path home) {
    return List.of(home.resolve("lib64"), home.resolve("targets/x86_64-linux/lib"));
  }

  private static CudaFolders existing(Stream<Path> folders) {
    return new CudaFolders(
        folders.map(Path::toAbsolutePath).filter(Files::isDirectory).distinct().toList());
  }

  /** The files below a folder that match a pattern at each level, last names first. */
  static List<Path> below(Path folder, String... patterns) {
    List<Path> found = List.of(folder);
    for (String pattern : patterns) {
      found = found.stream().flatMap(each -> matches(each, pattern).stream()).toList();
    }
    return found;
  }

  private static List<Path> matches(Path folder, String pattern) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, pattern)) {
      entries.forEach(found::add);
    } catch (IOException e) {
      throw new UncheckedIOException(folder + " cannot be listed", e);
    }
    found.sort(Comparator.reverseOrder());
    return found;
  }
}
