package assay.tensor.cuda;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the user meets when libraries, the driver or the GPU are not as they should be. Each case is
 * a process of its own, since a process has one set of libraries and the emulated GPU takes what it
 * pretends to be from the environment.
 */
@Tag("device")
@EnabledIfSystemProperty(named = "assay.test-device", matches = "cuda")
class CudaLibrariesTest {
  private static final Path EMULATED = Path.of(System.getProperty("assay.cuda.libraries"));

  @TempDir private Path folder;

  private static String probe(Path libraries, Map<String, String> environment, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("-Dassay.cuda.libraries=" + libraries);
    command.add("-Dassay.cuda.cache=" + System.getProperty("assay.cuda.cache"));
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(DeviceProbe.class.getName());
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), output);
    return output;
  }

  private static void assertContains(String output, String... parts) {
    for (String part : parts) {
      assertTrue(output.contains(part), output);
    }
  }

  @Test
  void cuda13DoesWhatCuda12Does() throws Exception {
    Files.copy(EMULATED.resolve("libcuda.so.1"), folder.resolve("libcuda.so.1"));
    copyAsCuda13("libnvrtc.so.");
    copyAsCuda13("libcublas.so.");
    Files.createSymbolicLink(folder.resolve("include"), EMULATED.resolve("include"));
    Map<String, String> driver13 = Map.of("EMU_DRIVER", "13000");
    assertContains(probe(folder, driver13, "cuda", "product"), "product: [27.0]");
    assertContains(
        probe(folder, Map.of(), "cuda", "product"),
        "refused: ",
        "libcublas.so.13 is newer than the driver, which knows CUDA 12");
  }

  /** An emulated library under a name that it has in CUDA 13, which its symbols have too. */
  private void copyAsCuda13(String name) throws IOException {
    String content = Files.readString(EMULATED.resolve(name + 12), ISO_8859_1);
    String renamed =
        content
            .replace(name + 12, name + 13)
            .replace(JCudaNatives.hash(name + 12), JCudaNatives.hash(name + 13));
    Files.writeString(folder.resolve(name + 13), renamed, ISO_8859_1);
  }

  @Test
  void aMachineWithoutTheDriverIsTold() throws Exception {
    assertContains(
        probe(folder, Map.of(), "cuda", "product"),
        "refused: device: cuda needs NVIDIA's driver, but libcuda.so.1 was found neither",
        folder.toString());
  }

  @Test
  void eachMissingLibraryIsNamedAndWhatBringsIt() throws Exception {
    Files.copy(EMULATED.resolve("libcuda.so.1"), folder.resolve("libcuda.so.1"));
    Files.copy(EMULATED.resolve("libnvrtc.so.12"), folder.resolve("libnvrtc.so.12"));
    assertContains(
        probe(folder, Map.of(), "cuda", "product"),
        "libnvrtc.so.12 is " + folder,
        "libcublas.so.12 was not found",
        "./mvnw -Pcuda");
  }

  @Test
  void cudnnIsMissedOnlyBySoftmax() throws Exception {
    for (String name : List.of("libcuda.so.1", "libnvrtc.so.12", "libcublas.so.12", "include")) {
      Files.createSymbolicLink(folder.resolve(name), EMULATED.resolve(name));
    }
    assertContains(probe(folder, Map.of(), "cuda", "product"), "product: [27.0]");
    assertContains(
        probe(folder, Map.of(), "cuda", "softmax"), "refused: ", "libcudnn.so.9 was not found");
  }

  @Test
  void aDriverOlderThanTheLibrariesIsRefused() throws Exception {
    assertContains(
        probe(EMULATED, Map.of("EMU_DRIVER", "11080"), "cuda", "product"),
        "libnvrtc.so.12 is newer than the driver, which knows CUDA 11");
  }

  @Test
  void aDriverWithoutGpusIsRefused() throws Exception {
    assertContains(
        probe(EMULATED, Map.of("EMU_DEVICES", "0", "CUDA_VISIBLE_DEVICES", ""), "cuda", "product"),
        "refused: device: cuda:0 was asked for, but the driver shows no GPU",
        "(CUDA_VISIBLE_DEVICES is '')");
  }

  @Test
  void anIndexBeyondTheLastGpuIsAnsweredWithThoseThereAre() throws Exception {
    assertContains(
        probe(EMULATED, Map.of(), "cuda:3", "product"),
        "refused: device: cuda:3 was asked for, but the driver shows cuda:0, Emulated");
  }

  @Test
  void aGpuOlderThanAmpereIsRefused() throws Exception {
    assertContains(
        probe(EMULATED, Map.of("EMU_CAPABILITY", "75"), "cuda", "product"),
        "compute capability 7.5",
        "is too old: expected compute capability 8.0");
  }

  @Test
  void aGpuNewerThanTheCompilerIsRefused() throws Exception {
    assertContains(
        probe(EMULATED, Map.of("EMU_CAPABILITY", "100"), "cuda", "product"),
        "refused: device: this GPU's compute capability is 10.0, which NVRTC",
        "CUDA_HOME");
  }

  @Test
  void memoryThatIsTooSmallForASlabStillServesATensor() throws Exception {
    Map<String, String> smallGpu = Map.of("EMU_MEMORY_MIB", "124");
    assertContains(probe(EMULATED, smallGpu, "cuda", "fragments", "20"), "reserved: 116 MiB");
  }

  @Test
  void outOfMemorySaysHowMuchThereIsAndWhatToChange() throws Exception {
    Map<String, String> smallGpu = Map.of("EMU_MEMORY_MIB", "124");
    assertContains(
        probe(EMULATED, smallGpu, "cuda", "fragments", "30"),
        "refused: out of memory on cuda:0, Emulated",
        "a tensor of 30.00 MiB was asked for",
        "48.00 MiB are in use by tensors, 48.00 MiB are kept for reuse",
        "the GPU has 28.00 MiB left of 124.00 MiB",
        "training.micro_batch_tokens",
        "training.gradient_checkpointing",
        "`assay plan`");
  }
}
