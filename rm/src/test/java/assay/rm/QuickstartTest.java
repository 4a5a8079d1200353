package assay.rm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import assay.rm.recipe.Recipe;
import assay.tensor.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

/** The quickstart's first steps, on batches of a few pairs, on a GPU and on the CPU. */
@Tag("gpu")
class QuickstartTest {
  private static final int NUM_STEPS = 4;

  @TempDir private Path temporary;

  /** In BF16 within a few of its roundings, each 1/256. */
  @ParameterizedTest
  @CsvSource({"fp32, 1e-5", "bf16, 2e-2"})
  void itsLossesOnAGpuAreThoseOfTheCpu(String precision, double tolerance) throws IOException {
    double[] onCpu;
    double[] onGpu;
    try (Device device = Device.cpu(2)) {
      onCpu = losses("cpu", device, "fp32");
    }
    try (Device device = TestDevice.open()) {
      onGpu = losses("cuda", device, precision);
    }
    System.out.println("quickstart on the CPU: " + Arrays.toString(onCpu));
    System.out.println("quickstart on the GPU in " + precision + ": " + Arrays.toString(onGpu));
    for (int i = 0; i < NUM_STEPS; i++) {
      assertEquals(onCpu[i], onGpu[i], tolerance * Math.abs(onCpu[i]), "loss of step " + (i + 1));
    }
  }

  private double[] losses(String device, Device computing, String precision) throws IOException {
    Path root = Path.of(System.getProperty("assay.root"));
    String yaml =
        Files.readString(root.resolve("recipes/quickstart.yaml"))
            .replace("test-resources/", root.resolve("test-resources") + "/");
    List<String> overrides =
        List.of(
            "output=" + temporary.resolve(device + precision),
            "device=" + device,
            "training.precision=" + precision,
            "data.max_length=64",
            "data.eval_fraction=0.0",
            "training.epochs=1",
            "training.max_steps=" + NUM_STEPS,
            "training.batch_size=4");
    try (TrainingSetup setup = TrainingSetup.of(Recipe.parse("quickstart", yaml, overrides))) {
      RewardTraining.run(
          setup, computing, RunFolder.Existing.REFUSE, TrainingListener.silent(), () -> false);
    }
    return Files.readAllLines(temporary.resolve(device + precision).resolve("metrics.jsonl"))
        .stream()
        .map(line -> JsonMapper.shared().readTree(line).path("loss"))
        .filter(loss -> loss.isNumber())
        .mapToDouble(loss -> loss.asDouble())
        .toArray();
  }
}
