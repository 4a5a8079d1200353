package assay.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** What the user is told of the devices, and when one is asked for that is not there. */
class DevicesTest {
  private static final String MODEL =
      Path.of(System.getProperty("assay.test-resources"), "golden", "llama").toString();

  @TempDir private Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... arguments) {
    return Main.run(new PrintWriter(out), new PrintWriter(err), arguments);
  }

  private String rows() throws IOException {
    return Files.writeString(folder.resolve("rows.jsonl"), "{\"input_ids\": [1, 2, 3]}\n")
        .toString();
  }

  @Test
  void inspectWithoutAModelShowsTheDevices() {
    assertEquals(0, run("inspect", "--threads", "2"), err.toString());
    assertTrue(out.toString().startsWith("devices\n  cpu, "), out.toString());
    assertTrue(out.toString().contains("2 threads\n"), out.toString());
  }

  @Test
  @Tag("device")
  @EnabledIfSystemProperty(named = "assay.test-device", matches = "cuda")
  void inspectShowsTheLibrariesAndTheGpus() {
    assertEquals(0, run("inspect", "--model", MODEL), err.toString());
    String libraries = System.getProperty("assay.cuda.libraries");
    assertTrue(out.toString().contains(libraries + "/libcublas.so.12\n"), out.toString());
    assertTrue(out.toString().contains("cuda:0: Emulated"), out.toString());
  }

  @Test
  void scoreWithoutAModelIsWrongUse() {
    assertEquals(2, run("score", "--device", "cuda:7"));
    assertTrue(err.toString().contains("--model=DIR"), err.toString());
  }

  /** Whether there is a GPU or not: nobody has a thousand. */
  @Test
  void aDeviceThatIsNotThereIsOneMessageAndNoFile() throws IOException {
    String output = folder.resolve("scores.jsonl").toString();
    assertEquals(
        2,
        run(
            "score",
            "--model",
            MODEL,
            "--device",
            "cuda:999",
            "--input",
            rows(),
            "--output",
            output));
    assertTrue(err.toString().startsWith("assay: device: cuda"), err.toString());
    assertFalse(err.toString().contains("\tat "), err.toString());
    assertFalse(Files.exists(Path.of(output)));
  }
}
