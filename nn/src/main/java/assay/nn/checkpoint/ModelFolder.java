package assay.nn.checkpoint;

import assay.tensor.InvalidInputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Where a model is: a folder, or a hub id that the Hugging Face tools have downloaded before.
 * Nothing is ever fetched.
 */
public final class ModelFolder {
  /** Beside weights, too, it would be wrong to pass over: others add the adapter to them. */
  private static final String ADAPTER = "adapter_config.json";

  private static final Pattern HUB_ID = Pattern.compile("[\\w.-]+/[\\w.-]+");

  /** A commit, as the cache names it; anything else could lead out of the cache. */
  private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{7,64}");

  private final Map<String, String> environment;
  private final Path home;

  ModelFolder(Map<String, String> environment, Path home) {
    this.environment = environment;
    this.home = home;
  }

  /**
   * The folder of a model.
   *
   * @param model a folder, or {@code organization/name}; if both could be meant, the folder is
   * @throws InvalidInputException if there is neither, where the message says where was looked; or
   *     if it is no model but an adapter to one
   */
  public static Path resolve(String model) {
    ModelFolder folders =
        new ModelFolder(System.getenv(), Path.of(System.getProperty("user.home")));
    return whole(folders.find(model));
  }

  private static Path whole(Path folder) {
    if (Files.exists(folder.resolve(ADAPTER))) {
      throw new InvalidInputException(
          "%s: holds an adapter (%s), which is a part of a model: add it to its base model with"
                  .formatted(folder, ADAPTER)
              + " PEFT's merge_and_unload(), save that with save_pretrained(), put"
              + " value_head.safetensors beside it if this folder has one, and give the new folder");
    }
    return folder;
  }

  Path find(String model) {
    Path folder = path(model);
    if (Files.isDirectory(folder)) {
      return folder;
    }
    if (Files.exists(folder)) {
      throw new InvalidInputException(model + ": is a file; expected a model's folder");
    }
    if (!HUB_ID.matcher(model).matches() || model.contains("..")) {
      throw new InvalidInputException(model + ": no such folder");
    }
    return inCache(model);
  }

  private static Path path(String model) {
    try {
      return Path.of(model);
    } catch (InvalidPathException e) {
      throw new InvalidInputException(Quote.of(model) + ": is not a folder's name", e);
    }
  }

  /** models--org--name/refs/main holds the commit whose files are under snapshots. */
  private Path inCache(String model) {
    Path repository = cache().resolve("models--" + model.replace("/", "--"));
    Path reference = repository.resolve("refs/main");
    if (!Files.isRegularFile(reference)) {
      throw new InvalidInputException(
          String.format(
              "%s: no such folder, and not in the local Hugging Face cache (looked for %s);"
                  + " download it with: hf download %s",
              model, reference, model));
    }
    String commit = read(reference).strip();
    if (!COMMIT.matcher(commit).matches()) {
      throw new InvalidInputException(reference + ": expected a commit, found " + Quote.of(commit));
    }
    Path snapshot = repository.resolve("snapshots").resolve(commit);
    if (!Files.isDirectory(snapshot)) {
      throw new InvalidInputException(
          String.format(
              "%s: the cache names commit %s, but there is no %s", model, commit, snapshot));
    }
    return snapshot;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(file + " can't be read", e);
    }
  }

  /** The order in which huggingface_hub looks. */
  private Path cache() {
    if (isSet("HF_HUB_CACHE")) {
      return Path.of(environment.get("HF_HUB_CACHE"));
    }
    if (isSet("HF_HOME")) {
      return Path.of(environment.get("HF_HOME"), "hub");
    }
    Path caches =
        isSet("XDG_CACHE_HOME")
            ? Path.of(environment.get("XDG_CACHE_HOME"))
            : home.resolve(".cache");
    return caches.resolve("huggingface/hub");
  }

  private boolean isSet(String variable) {
    return !environment.getOrDefault(variable, "").isEmpty();
  }
}
