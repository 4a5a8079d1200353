package assay.nn.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.tensor.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelFolderTest {
  private static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

  @TempDir Path home;

  private Path cacheModel(Path cache, String commit) throws IOException {
    Path repository = cache.resolve("models--acme--tiny-rm");
    Files.createDirectories(repository.resolve("refs"));
    Files.writeString(repository.resolve("refs/main"), commit + "\n");
    return Files.createDirectories(repository.resolve("snapshots").resolve(COMMIT));
  }

  private Path find(Map<String, String> environment) {
    return new ModelFolder(environment, home).find("acme/tiny-rm");
  }

  private String refusal(String model) {
    return assertThrows(
            InvalidInputException.class, () -> new ModelFolder(Map.of(), home).find(model))
        .getMessage();
  }

  @Test
  void aFolderIsTakenAsItIs() {
    assertEquals(home, new ModelFolder(Map.of(), home).find(home.toString()));
  }

  @Test
  void aHubIdIsFoundInTheCacheUnderTheHome() throws IOException {
    Path snapshot = cacheModel(home.resolve(".cache/huggingface/hub"), COMMIT);
    assertEquals(snapshot, find(Map.of()));
  }

  @Test
  void theEnvironmentMovesTheCache() throws IOException {
    Path hub = home.resolve("hub-cache");
    Path snapshot = cacheModel(hub, COMMIT);
    assertEquals(snapshot, find(Map.of("HF_HUB_CACHE", hub.toString(), "HF_HOME", "/no/such")));
    snapshot = cacheModel(home.resolve("hf/hub"), COMMIT);
    assertEquals(snapshot, find(Map.of("HF_HOME", home.resolve("hf").toString())));
    snapshot = cacheModel(home.resolve("xdg/huggingface/hub"), COMMIT);
    assertEquals(snapshot, find(Map.of("XDG_CACHE_HOME", home.resolve("xdg").toString())));
  }

  @Test
  void whatWasLookedForIsSaid() {
    String message = refusal("acme/tiny-rm");
    String reference = ".cache/huggingface/hub/models--acme--tiny-rm/refs/main";
    assertTrue(message.contains(home.resolve(reference).toString()), message);
    assertTrue(message.contains("hf download acme/tiny-rm"), message);
  }

  @Test
  void neitherAFolderNorAHubIdIsAnError() throws IOException {
    assertTrue(refusal("no/such/folder").contains("no such folder"));
    assertTrue(refusal("../x").contains("no such folder"));
    assertTrue(refusal("a\0b").contains("is not a folder's name"));
    Path file = Files.createFile(home.resolve("file"));
    assertTrue(refusal(file.toString()).contains("is a file"));
  }

  @Test
  void aCommitThatLeadsOutOfTheCacheIsRefused() throws IOException {
    cacheModel(home.resolve(".cache/huggingface/hub"), "../../../../etc");
    assertTrue(refusal("acme/tiny-rm").contains("expected a commit"));
  }

  @Test
  void aMissingSnapshotIsNamed() throws IOException {
    cacheModel(home.resolve(".cache/huggingface/hub"), "abcdef0");
    assertTrue(refusal("acme/tiny-rm").contains("snapshots/abcdef0"));
  }
}
