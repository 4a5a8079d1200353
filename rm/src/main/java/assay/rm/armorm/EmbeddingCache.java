package assay.rm.armorm;

import assay.nn.checkpoint.Safetensors;
import assay.nn.checkpoint.SafetensorsWriter;
import assay.nn.checkpoint.TensorSpec;
import assay.tensor.DType;
import assay.tensor.Device;
import assay.tensor.InvalidInputException;
import assay.tensor.Shape;
import assay.tensor.Tensor;
import assay.tensor.TensorArena;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * The states of all texts of a run, on disk: computing them takes nearly all the time of training
 * an ArmoRM, and they are needed more than once.
 *
 * <p>A folder holds {@code cache.txt}, which names the model, and shards of {@value #SHARD_ROWS}
 * texts: {@code shard-00000.safetensors} with the states and {@code shard-00000.txt} with each
 * text's hash and place. A shard appears whole, so a run that was interrupted goes on with the
 * first that is missing; states of another model or other texts are refused, not used.
 */
final class EmbeddingCache {
  static final int SHARD_ROWS = 512;

  private static final String DESCRIPTION = "cache.txt";
  private static final String STATES = "states";

  private final Path folder;
  private final String modelHash;
  private final List<EmbeddedText> texts;
  private final int hiddenSize;
  private final int numStates;

  /**
   * Opens a cache, or begins one in a folder that has none.
   *
   * @param texts all with as many states, at least one
   * @throws InvalidInputException if the folder holds states of another model or other texts
   */
  EmbeddingCache(Path folder, String modelHash, List<EmbeddedText> texts, int hiddenSize) {
    this.folder = folder;
    this.modelHash = modelHash;
    this.texts = texts;
    this.hiddenSize = hiddenSize;
    this.numStates = texts.getFirst().numStates();
    check();
  }

  /** Computes what is missing. */
  interface Embedder {
    /**
     * The states of some texts, {@code [texts * states * hidden]}.
     *
     * @return null if it was stopped
     */
    float[] embed(List<EmbeddedText> texts);
  }

  private void check() {
    Path file = folder.resolve(DESCRIPTION);
    if (Files.exists(file) && !lines(file).equals(description())) {
      throw new InvalidInputException(
          file
              + ": the states here are of another model (or were computed in another dtype); name"
              + " another folder in armorm.embeddings, or delete this one");
    }
    for (int shard = 0; shard < numShards(); shard++) {
      if (Files.exists(statesFile(shard))) {
        checkRows(shard);
      }
    }
  }

  private void checkRows(int shard) {
    List<String> stored = lines(rowsFile(shard));
    List<String> expected = rowLines(shard);
    for (int i = 0; i < stored.size(); i++) {
      if (i >= expected.size() || !hash(stored.get(i)).equals(hash(expected.get(i)))) {
        throw new InvalidInputException(
            rowsFile(shard)
                + ":"
                + (i + 1)
                + ": the states here are of "
                + stored.get(i)
                + ", where this run has "
                + (i < expected.size() ? expected.get(i) : "no more texts")
                + "; name another folder in armorm.embeddings, or delete this one");
      }
    }
  }

  private static String hash(String line) {
    return line.substring(0, Math.max(0, line.indexOf(' ')));
  }

  private List<String> description() {
    return List.of(
        "model " + modelHash, "hidden_size " + hiddenSize, "states_per_text " + numStates);
  }

  private List<String> rowLines(int shard) {
    return shard(shard).stream().map(text -> text.hash() + " " + text.place()).toList();
  }

  /** Whether a shard is there with all its rows: the last one is made again if data was added. */
  private boolean isComplete(int shard) {
    return Files.exists(statesFile(shard)) && lines(rowsFile(shard)).size() == shard(shard).size();
  }

  /** Texts whose states are not here yet. */
  List<EmbeddedText> missing() {
    List<EmbeddedText> missing = new ArrayList<>();
    for (int shard = 0; shard < numShards(); shard++) {
      if (!isComplete(shard)) {
        missing.addAll(shard(shard));
      }
    }
    return missing;
  }

  /**
   * Computes and stores what is missing, shard by shard.
   *
   * @param dtype what states are stored in: BF16 loses nothing of a trunk that computes in it
   * @param stop asked between shards; true ends it
   * @return whether all is there
   */
  boolean fill(Device device, DType dtype, Embedder embedder, BooleanSupplier stop) {
    write(folder.resolve(DESCRIPTION), description());
    for (int shard = 0; shard < numShards(); shard++) {
      if (!isComplete(shard)) {
        float[] states = stop.getAsBoolean() ? null : embedder.embed(shard(shard));
        if (states == null) {
          return false;
        }
        store(device, dtype, shard, states);
      }
    }
    return true;
  }

  private void store(Device device, DType dtype, int shard, float[] states) {
    write(rowsFile(shard), rowLines(shard));
    Shape shape = Shape.of(shard(shard).size(), numStates * hiddenSize);
    List<TensorSpec> specs = List.of(new TensorSpec(STATES, dtype, shape));
    try (TensorArena arena = TensorArena.open(device, "embeddings");
        SafetensorsWriter writer = new SafetensorsWriter(statesFile(shard), specs)) {
      Tensor tensor = arena.empty(DType.F32, shape).copyFrom(states);
      writer.write(STATES, tensor);
      writer.commit();
    }
  }

  /**
   * One state of every text.
   *
   * @param state in the order of {@link EmbeddedText#numStates}
   */
  EmbeddedRows rows(int state) {
    return new EmbeddedRows() {
      @Override
      public int numRows() {
        return texts.size();
      }

      @Override
      public int hiddenSize() {
        return hiddenSize;
      }

      @Override
      public void forEach(Visitor visitor) {
        for (int shard = 0; shard < numShards(); shard++) {
          visitor.visit(shard * SHARD_ROWS, read(shard, state));
        }
      }
    };
  }

  private float[][] read(int shard, int state) {
    try (Safetensors file = Safetensors.open(statesFile(shard))) {
      float[] flat = file.entry(STATES).toFloats();
      float[][] rows = new float[shard(shard).size()][];
      for (int i = 0; i < rows.length; i++) {
        int start = (i * numStates + state) * hiddenSize;
        rows[i] = Arrays.copyOfRange(flat, start, start + hiddenSize);
      }
      return rows;
    }
  }

  private int numShards() {
    return Math.ceilDiv(texts.size(), SHARD_ROWS);
  }

  private List<EmbeddedText> shard(int shard) {
    int start = shard * SHARD_ROWS;
    return texts.subList(start, Math.min(texts.size(), start + SHARD_ROWS));
  }

  private Path statesFile(int shard) {
    return folder.resolve("shard-%05d.safetensors".formatted(shard));
  }

  private Path rowsFile(int shard) {
    return folder.resolve("shard-%05d.txt".formatted(shard));
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      throw new InvalidInputException(file + ": cannot be read: " + e, e);
    }
  }

  private static void write(Path file, List<String> lines) {
    try {
      Files.createDirectories(file.getParent());
      Files.write(file, lines);
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be written", e);
    }
  }
}
