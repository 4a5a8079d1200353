package assay.tensor.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.tensor.cuda.CudaToolkit.Library;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which of the libraries on a machine are taken; the files here are empty. */
class CudaFoldersTest {
  private static final List<Library> ALL = List.of(Library.NVRTC, Library.CUBLAS);

  @TempDir private Path root;
  private Path toolkit12;
  private Path toolkit13;
  private Path environment;

  @BeforeEach
  void installEverything() throws IOException {
    toolkit12 = install("usr/local/cuda-12.6/lib64", "libnvrtc.so.12", "libcublas.so.12");
    toolkit13 = install("usr/local/cuda-13.0/lib64", "libnvrtc.so.13", "libcublas.so.13");
    environment = root.resolve("venv");
    install("venv/lib/python3.12/site-packages/nvidia/cuda_nvrtc/lib", "libnvrtc.so.12");
    install("venv/lib/python3.12/site-packages/nvidia/cublas/lib", "libcublas.so.12");
  }

  private Path install(String folder, String... names) throws IOException {
    Path created = Files.createDirectories(root.resolve(folder));
    for (String name : names) {
      Files.createFile(created.resolve(name));
    }
    return created;
  }

  private static void remove(Path folder) throws IOException {
    for (Path file : CudaFolders.below(folder, "*")) {
      Files.delete(file);
    }
  }

  private Optional<CudaToolkit> find(Map<String, String> variables, int newestVersion) {
    return CudaToolkit.find(ALL, CudaFolders.installed(variables, root), newestVersion);
  }

  @Test
  void cuda12ComesBeforeCuda13() {
    CudaToolkit found = find(Map.of(), 13).orElseThrow();
    assertEquals(toolkit12.resolve("libnvrtc.so.12"), found.paths().get(Library.NVRTC));
    assertEquals(toolkit12.resolve("libcublas.so.12"), found.paths().get(Library.CUBLAS));
  }

  @Test
  void cuda13IsTakenWhereThereIsNoCuda12() throws IOException {
    remove(toolkit12);
    CudaToolkit found = find(Map.of(), 13).orElseThrow();
    assertEquals(13, found.version());
    assertEquals(toolkit13.resolve("libcublas.so.13"), found.paths().get(Library.CUBLAS));
  }

  @Test
  void halfOfAVersionIsNotTaken() throws IOException {
    Files.delete(toolkit12.resolve("libcublas.so.12"));
    assertEquals(13, find(Map.of(), 13).orElseThrow().version());
  }

  @Test
  void whatPipInstalledIntoTheActiveEnvironmentComesBeforeTheSystems() {
    CudaToolkit found = find(Map.of("VIRTUAL_ENV", environment.toString()), 13).orElseThrow();
    assertTrue(found.paths().get(Library.CUBLAS).startsWith(environment));
  }

  @Test
  void foldersThatTheUserNamesComeFirst() throws IOException {
    Path named = install("opt/mine", "libnvrtc.so.12", "libcublas.so.12");
    Map<String, String> variables =
        Map.of("VIRTUAL_ENV", environment.toString(), "LD_LIBRARY_PATH", ":" + named);
    assertEquals(named, find(variables, 13).orElseThrow().paths().get(Library.NVRTC).getParent());
    Path home = install("opt/cuda-12.4/lib64", "libnvrtc.so.12", "libcublas.so.12").getParent();
    assertTrue(
        find(Map.of("CUDA_HOME", home.toString()), 13)
            .orElseThrow()
            .paths()
            .get(Library.NVRTC)
            .startsWith(home));
  }

  @Test
  void librariesThatTheDriverIsTooOldForAreLeftAndNamed() throws IOException {
    remove(toolkit12);
    assertEquals(Optional.empty(), find(Map.of(), 12));
    CudaFolders folders = CudaFolders.installed(Map.of(), root);
    String message = CudaToolkit.missing(ALL, folders, 12).getMessage();
    assertTrue(message.contains("libnvrtc.so.12 was not found"), message);
    assertTrue(message.contains(toolkit13 + "/libcublas.so.13 is newer than the driver"), message);
    assertTrue(message.contains("./mvnw -Pcuda"), message);
  }
}
