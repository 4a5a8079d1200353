package assay.nn.checkpoint;

import assay.tensor.InvalidInputException;
import assay.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes the weights of a model folder tensor by tensor: in one file, or, if that would be too
 * large, in several with an index.
 *
 * <p>Nothing has its name before {@link #commit}, and the index comes last: a folder whose writing
 * was cut off has no weights rather than half of them. To replace a model in one step, write a new
 * folder and rename it.
 */
public final class ShardedCheckpointWriter implements AutoCloseable {
  /** What the hub's tools are used to: 5 GB. */
  public static final long MAX_SHARD_BYTES = 5_000_000_000L;

  private final Path folder;
  private final List<TensorSpec> tensors;
  private final Map<String, SafetensorsWriter> shards = new LinkedHashMap<>(); // by file name
  private final Map<String, String> shardOf = new TreeMap<>(); // file name by tensor name

  /**
   * Starts the files.
   *
   * @param folder must exist, and must not hold weights
   * @param tensors all that will be written; shards are filled in this order
   * @param maxShardBytes most bytes of tensors in one file; a larger tensor has one of its own
   */
  public ShardedCheckpointWriter(Path folder, List<TensorSpec> tensors, long maxShardBytes) {
    this.folder = folder;
    this.tensors = List.copyOf(tensors);
    for (String name : List.of(ShardedCheckpoint.SINGLE_FILE, ShardedCheckpoint.INDEX_FILE)) {
      if (Files.exists(folder.resolve(name))) {
        throw new InvalidInputException(folder + ": holds weights already (" + name + ")");
      }
    }
    List<List<TensorSpec>> parts = split(tensors, maxShardBytes);
    try {
      for (int i = 0; i < parts.size(); i++) {
        open(shardName(i, parts.size()), parts.get(i));
      }
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private static List<List<TensorSpec>> split(List<TensorSpec> tensors, long maxShardBytes) {
    List<List<TensorSpec>> parts = new ArrayList<>();
    parts.add(new ArrayList<>());
    long bytes = 0;
    for (TensorSpec tensor : tensors) {
      if (!parts.getLast().isEmpty() && bytes + tensor.bytes() > maxShardBytes) {
        parts.add(new ArrayList<>());
        bytes = 0;
      }
      parts.getLast().add(tensor);
      bytes += tensor.bytes();
    }
    return parts;
  }

  private static String shardName(int index, int count) {
    return count == 1
        ? ShardedCheckpoint.SINGLE_FILE
        : String.format("model-%05d-of-%05d.safetensors", index + 1, count);
  }

  private void open(String name, List<TensorSpec> part) {
    for (TensorSpec tensor : part) {
      if (shardOf.put(tensor.name(), name) != null) {
        throw new IllegalArgumentException("tensor " + tensor.name() + " can't be written twice");
      }
    }
    shards.put(name, new SafetensorsWriter(folder.resolve(name), part));
  }

  /** Writes an F32 tensor from its device; {@link SafetensorsWriter#write}. */
  public void write(String name, Tensor tensor) {
    shard(name).write(name, tensor);
  }

  /** Writes float32 values; {@link SafetensorsWriter#writeFloat32}. */
  public void writeFloat32(String name, MemorySegment float32) {
    shard(name).writeFloat32(name, float32);
  }

  private SafetensorsWriter shard(String name) {
    String shard = shardOf.get(name);
    if (shard == null) {
      throw new IllegalArgumentException(name + " was not announced");
    }
    return shards.get(shard);
  }

  /** Gives all files their names, the index last; every tensor must have been written. */
  public void commit() {
    shards.values().forEach(SafetensorsWriter::commit);
    if (shards.size() == 1) {
      return;
    }
    Map<String, Object> metadata = new LinkedHashMap<>();
    metadata.put("total_parameters", tensors.stream().mapToLong(t -> t.shape().size()).sum());
    metadata.put("total_size", tensors.stream().mapToLong(TensorSpec::bytes).sum());
    Map<String, Object> index = new LinkedHashMap<>();
    index.put("metadata", metadata);
    index.put("weight_map", shardOf);
    try {
      Path file = folder.resolve(ShardedCheckpoint.INDEX_FILE);
      DurableFiles.write(file, JsonPrinter.print(index));
    } catch (IOException e) {
      throw new UncheckedIOException(folder + ": the index can't be written", e);
    }
  }

  /** Gives up what was not committed. */
  @Override
  public void close() {
    shards.values().forEach(SafetensorsWriter::close);
  }
}
