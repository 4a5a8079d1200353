package assay.nn.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.tensor.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShardedCheckpointTest {
  private static final Path GOLDEN = TestResources.GOLDEN.resolve("llama3-legacy-sharded-bf16");

  @TempDir Path folder;

  @BeforeEach
  void copyGolden() throws IOException {
    for (String name :
        new String[] {
          "model-00001-of-00003.safetensors",
          "model-00002-of-00003.safetensors",
          "model-00003-of-00003.safetensors",
          "model.safetensors.index.json"
        }) {
      Files.copy(GOLDEN.resolve(name), folder.resolve(name));
    }
  }

  private void editIndex(String from, String to) throws IOException {
    Path index = folder.resolve("model.safetensors.index.json");
    String text = Files.readString(index);
    assertTrue(text.contains(from), from);
    Files.writeString(index, text.replace(from, to));
  }

  private void assertRefused(String named) {
    InvalidInputException e =
        assertThrows(InvalidInputException.class, () -> ShardedCheckpoint.open(folder).close());
    assertTrue(e.getMessage().contains(named), e.getMessage());
  }

  @Test
  void tensorsOfAllShardsAreOneSet() {
    try (ShardedCheckpoint checkpoint = ShardedCheckpoint.open(folder)) {
      assertEquals(30, checkpoint.names().size());
      assertEquals("BF16", checkpoint.entry("score.weight").dtype());
      assertTrue(
          checkpoint.entry("score.weight").source().endsWith("model-00003-of-00003.safetensors"));
      SafetensorsException e =
          assertThrows(SafetensorsException.class, () -> checkpoint.entry("lm_head.weight"));
      assertTrue(e.getMessage().contains("has no tensor \"lm_head.weight\""), e.getMessage());
    }
  }

  @Test
  void aMissingShardIsNamed() throws IOException {
    Files.delete(folder.resolve("model-00002-of-00003.safetensors"));
    assertRefused("model-00002-of-00003.safetensors: no such file");
  }

  @Test
  void aTensorThatIsNotInItsShardIsNamed() throws IOException {
    editIndex("\"model.norm.weight\"", "\"model.norm.wait\"");
    assertRefused("holds \"model.norm.wait\", but it does not");
  }

  @Test
  void aTensorInTwoShardsIsNamed() throws IOException {
    Files.copy(
        folder.resolve("model-00001-of-00003.safetensors"),
        folder.resolve("model-00002-of-00003.safetensors"),
        StandardCopyOption.REPLACE_EXISTING);
    assertRefused("is also in");
  }

  @Test
  void aShardOutsideTheFolderIsRefused() throws IOException {
    String shard = "\"model-00001-of-00003.safetensors\"";
    for (String name :
        new String[] {
          "../model-00001-of-00003.safetensors",
          "/etc/x.safetensors",
          "a\\\\b.safetensors",
          "..",
          ""
        }) {
      editIndex(shard, "\"" + name + "\"");
      assertRefused("expected one without a path");
      editIndex("\"" + name + "\"", shard);
    }
  }

  @Test
  void anIndexWithoutAWeightMapIsRefused() throws IOException {
    editIndex("\"weight_map\"", "\"weights\"");
    assertRefused("weight_map is missing or empty");
  }

  @Test
  void aFolderWithoutWeightsSaysWhatWasExpected() throws IOException {
    Files.delete(folder.resolve("model.safetensors.index.json"));
    assertRefused("expected model.safetensors or model.safetensors.index.json");
  }
}
