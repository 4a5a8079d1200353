package assay.nn.checkpoint;

import assay.tensor.InvalidInputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;

/**
 * An open safetensors file, mapped into memory: opening reads the header, and a tensor's pages are
 * read when its bytes are.
 *
 * <p>Format: <a href="https://huggingface.co/docs/safetensors">huggingface.co/docs/safetensors</a>.
 * Any thread may read; closing ends the access to every tensor's bytes.
 */
public final class Safetensors implements AutoCloseable {
  @SuppressWarnings("MustBeClosed") // by close()
  private final Arena arena = Arena.ofShared();

  private final String source;
  private final MemorySegment file;
  private final SafetensorsHeader header;

  private Safetensors(Path path) {
    source = path.toString();
    try {
      file = map(path, arena);
      header = SafetensorsHeader.parse(file, source);
    } catch (RuntimeException e) {
      arena.close();
      throw e;
    }
  }

  /**
   * Opens a file.
   *
   * @throws SafetensorsException if it breaks any rule of the format
   * @throws InvalidInputException if there is no such file
   */
  public static Safetensors open(Path path) {
    return new Safetensors(path);
  }

  private static MemorySegment map(Path path, Arena arena) {
    if (Files.isDirectory(path)) {
      throw new InvalidInputException(path + ": is a folder; expected a safetensors file");
    }
    try (FileChannel channel = FileChannel.open(path)) {
      return channel.map(MapMode.READ_ONLY, 0, channel.size(), arena);
    } catch (NoSuchFileException e) {
      throw new InvalidInputException(path + ": no such file", e);
    } catch (IOException e) {
      throw new UncheckedIOException(path + " can't be read", e);
    }
  }

  /** The file's name, as it was given. */
  public String source() {
    return source;
  }

  /** The tensors' names, in the order of their bytes in the file. */
  public Set<String> names() {
    return header.entries().keySet();
  }

  /** The free texts that the file carries, {@code format} among them in most files. */
  public Map<String, String> metadata() {
    return header.metadata();
  }

  public boolean contains(String name) {
    return header.entries().containsKey(name);
  }

  /**
   * One tensor.
   *
   * @throws SafetensorsException if the file has no tensor of that name
   */
  public TensorEntry entry(String name) {
    SafetensorsHeader.Entry entry = header.entries().get(name);
    if (entry == null) {
      throw new SafetensorsException(source + ": has no tensor " + Quote.of(name));
    }
    MemorySegment bytes =
        file.asSlice(header.dataStart() + entry.begin(), entry.end() - entry.begin());
    return new TensorEntry(source, name, entry.dtype(), entry.shape(), bytes);
  }

  @Override
  public void close() {
    arena.close();
  }
}
