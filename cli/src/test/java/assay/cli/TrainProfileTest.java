package assay.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code assay train --profile}. */
class TrainProfileTest {
  private static final Path RESOURCES = Path.of(System.getProperty("assay.test-resources"));

  @TempDir private Path folder;

  private final StringWriter err = new StringWriter();

  /** Two steps of two pairs. */
  private int train(String... more) throws IOException {
    List<String> rows = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      rows.add("{\"chosen_ids\": [1, 40, %d], \"rejected_ids\": [1, 40, 9, 6]}".formatted(10 + i));
    }
    Path recipe = folder.resolve("recipe.yaml");
    Files.writeString(
        recipe,
        """
        model: %s
        output: %s
        data: {train: [%s], max_length: 64}
        training: {max_steps: 2, batch_size: 2}
        """
            .formatted(
                RESOURCES.resolve("golden/llama"),
                folder.resolve("run"),
                Files.write(folder.resolve("pairs.jsonl"), rows)));
    List<String> arguments = new ArrayList<>(List.of("train", recipe.toString()));
    arguments.addAll(List.of(more));
    return Main.run(
        new PrintWriter(new StringWriter()),
        new PrintWriter(err),
        arguments.toArray(String[]::new));
  }

  @Test
  void everyRankOfOneProgramHasItsTimeLine() throws IOException {
    Path file = folder.resolve("step.json");
    assertEquals(
        0, train("--ranks", "2", "--profile", "" + file, "--profile-steps", "1-2"), "" + err);
    JsonNode trace = JsonMapper.shared().readTree(Files.readString(file));
    TreeSet<String> names = new TreeSet<>();
    TreeSet<String> threads = new TreeSet<>();
    for (JsonNode event : trace.path("traceEvents")) {
      names.add(event.path("name").asString());
      threads.add(event.path("args").path("name").asString(""));
    }
    assertTrue(threads.containsAll(List.of("rank 0", "rank 1")), threads.toString());
    assertTrue(names.containsAll(List.of("MatMul", "reduce_scatter", "update")), names.toString());
    assertTrue(err.toString().contains("rank 1: 2 steps of"), err.toString());
  }

  @Test
  void stepsThatARunDoesNotHaveAreNamed() throws IOException {
    Path file = folder.resolve("step.json");
    assertEquals(0, train("--profile", "" + file));
    assertTrue(err.toString().contains("the run has no step 6"), err.toString());
    assertFalse(Files.exists(file));
  }

  @Test
  void aRangeThatIsNoneIsRefusedBeforeTheRun() throws IOException {
    assertEquals(2, train("--profile", "" + folder.resolve("x.json"), "--profile-steps", "8-6"));
    assertTrue(err.toString().contains("--profile-steps"), err.toString());
    assertFalse(Files.exists(folder.resolve("run")));
  }
}
