package assay.nn.checkpoint;

import assay.tensor.InvalidInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * The weights of a model folder as one set of tensors, whether they are in one file ({@code
 * model.safetensors}) or in several with an index ({@code model.safetensors.index.json}).
 */
public final class ShardedCheckpoint implements AutoCloseable {
  /** The one file of an unsharded checkpoint. */
  public static final String SINGLE_FILE = "model.safetensors";

  /** Says which file holds which tensor. */
  public static final String INDEX_FILE = "model.safetensors.index.json";

  private final String source;
  private final Map<String, Safetensors> files = new LinkedHashMap<>(); // by file name
  private final Map<String, Safetensors> fileOf = new LinkedHashMap<>(); // by tensor name

  private ShardedCheckpoint(Path folder) {
    source = folder.toString();
    try {
      openAll(folder);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /**
   * Opens the weights of a model folder; if both forms are there, the single file is taken, as
   * transformers does.
   *
   * @throws InvalidInputException if the folder has no weights
   * @throws SafetensorsException if a file or the index breaks a rule
   */
  public static ShardedCheckpoint open(Path folder) {
    return new ShardedCheckpoint(folder);
  }

  /** Whether a model folder has weights; before a run is planned it need not. */
  public static boolean exists(Path folder) {
    return Files.exists(folder.resolve(SINGLE_FILE)) || Files.exists(folder.resolve(INDEX_FILE));
  }

  private void openAll(Path folder) {
    if (Files.exists(folder.resolve(SINGLE_FILE))) {
      openFile(folder, SINGLE_FILE);
    } else if (Files.exists(folder.resolve(INDEX_FILE))) {
      openShards(folder, Json.readObject(folder.resolve(INDEX_FILE)));
    } else {
      throw new InvalidInputException(
          folder
              + ": has no weights; expected "
              + SINGLE_FILE
              + " or "
              + INDEX_FILE
              + " (weights in PyTorch's pickle format are not read: convert them to safetensors)");
    }
  }

  private void openShards(Path folder, JsonObject index) {
    JsonObject weightMap = index.object("weight_map");
    if (weightMap.values().isEmpty()) {
      throw new SafetensorsException(index.source() + ": weight_map is missing or empty");
    }
    for (String tensor : weightMap.values().keySet()) {
      String name = shardName(weightMap, tensor);
      if (!files.containsKey(name)) {
        openFile(folder, name);
      }
      if (!files.get(name).contains(tensor)) {
        throw new SafetensorsException(
            String.format(
                "%s: says that %s holds %s, but it does not",
                index.source(), name, Quote.of(tensor)));
      }
    }
  }

  /** Tensors that the index does not name are part of the checkpoint, as in transformers. */
  private void openFile(Path folder, String name) {
    Safetensors file = Safetensors.open(folder.resolve(name));
    files.put(name, file);
    for (String tensor : file.names()) {
      Safetensors other = fileOf.put(tensor, file);
      if (other != null) {
        throw new SafetensorsException(
            file.source() + ": tensor " + Quote.of(tensor) + " is also in " + other.source());
      }
    }
  }

  /** A shard is a file of the folder itself: a name that leads anywhere else is refused. */
  private static String shardName(JsonObject weightMap, String tensor) {
    String name = weightMap.string(tensor, "");
    boolean plain =
        name.endsWith(".safetensors")
            && name.chars().noneMatch(c -> c == '/' || c == '\\' || c == ':' || c < ' ')
            && name.length() <= 255;
    if (!plain) {
      throw new SafetensorsException(
          weightMap.source()
              + ": weight_map: "
              + Quote.of(tensor)
              + ": "
              + Quote.of(name)
              + " is not a safetensors file's name; expected one without a path");
    }
    return name;
  }

  /** The folder, as it was given. */
  public String source() {
    return source;
  }

  /** All tensors' names, file by file, in the order of their bytes. */
  public Set<String> names() {
    return Collections.unmodifiableSet(fileOf.keySet());
  }

  public boolean contains(String name) {
    return fileOf.containsKey(name);
  }

  /**
   * One tensor.
   *
   * @throws SafetensorsException if there is none of that name
   */
  public TensorEntry entry(String name) {
    Safetensors file = fileOf.get(name);
    if (file == null) {
      throw new SafetensorsException(source + ": has no tensor " + Quote.of(name));
    }
    return file.entry(name);
  }

  @Override
  public void close() {
    files.values().forEach(Safetensors::close);
  }
}
