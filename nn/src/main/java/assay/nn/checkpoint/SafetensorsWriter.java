package assay.nn.checkpoint;

import assay.tensor.DType;
import assay.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Writes one safetensors file, tensor by tensor and in any order: the header, and with it every
 * tensor's place, is known from the shapes. The bytes are those that the Python library would
 * write.
 *
 * <p>The file appears at {@link #commit}, complete and flushed to the disk; closed without it,
 * there is none.
 */
public final class SafetensorsWriter implements AutoCloseable {
  private static final int STAGING_ELEMENTS = 1 << 18;

  private final Path path;
  private final SafetensorsLayout layout;
  private final FileChannel channel;
  private final Map<String, TensorSpec> unwritten = new HashMap<>();
  private final float[] floats = new float[STAGING_ELEMENTS];
  private final byte[] staging = new byte[4 * STAGING_ELEMENTS];

  /**
   * Starts a file.
   *
   * @param path where it will be; a file there is replaced at {@link #commit}
   * @param tensors all that will be in it
   */
  public SafetensorsWriter(Path path, List<TensorSpec> tensors) {
    this.path = path;
    layout = SafetensorsLayout.of(tensors);
    for (TensorSpec tensor : tensors) {
      unwritten.put(tensor.name(), tensor);
    }
    channel = open();
    try {
      write(ByteBuffer.wrap(layout.header()), 0);
    } catch (UncheckedIOException e) {
      close();
      throw e;
    }
  }

  private FileChannel open() {
    try {
      return FileChannel.open(
          DurableFiles.temporary(path),
          StandardOpenOption.CREATE,
          StandardOpenOption.TRUNCATE_EXISTING,
          StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw failed(e);
    }
  }

  /** Writes a tensor whose bytes are as they will be stored. */
  public void writeBytes(String name, MemorySegment bytes) {
    TensorSpec tensor = next(name);
    checkSize(tensor, bytes.byteSize(), tensor.dtype().bytes());
    long position = layout.position(name);
    for (long start = 0; start < bytes.byteSize(); start += staging.length) {
      int length = (int) Math.min(staging.length, bytes.byteSize() - start);
      MemorySegment.copy(bytes, start, MemorySegment.ofArray(staging), 0, length);
      write(ByteBuffer.wrap(staging, 0, length), position + start);
    }
  }

  /** Writes float32 values as F32, or rounded to nearest even as BF16. */
  public void writeFloat32(String name, MemorySegment float32) {
    TensorSpec tensor = next(name);
    checkSize(tensor, float32.byteSize(), 4);
    writeFloats(tensor, (start, chunk) -> chunk.copyFrom(float32.asSlice(start, chunk.byteSize())));
  }

  /** Writes an F32 tensor from its device, as F32 or rounded to nearest even as BF16. */
  public void write(String name, Tensor tensor) {
    TensorSpec spec = next(name);
    if (tensor.dtype() != DType.F32 || !tensor.shape().equals(spec.shape())) {
      throw new IllegalArgumentException(
          name + ": expected F32" + spec.shape() + ", got " + tensor);
    }
    writeFloats(
        spec, (start, chunk) -> tensor.device().backend().copyOut(tensor.address() + start, chunk));
  }

  /** Fills a chunk of float32 with the values that begin at a byte offset. */
  private interface FloatSource {
    void read(long startByte, MemorySegment chunk);
  }

  private void writeFloats(TensorSpec tensor, FloatSource source) {
    if (tensor.dtype() != DType.F32 && tensor.dtype() != DType.BF16) {
      throw new IllegalArgumentException(tensor + " is not made from float32 values");
    }
    long position = layout.position(tensor.name());
    for (long start = 0; start < tensor.shape().size(); start += STAGING_ELEMENTS) {
      int length = (int) Math.min(STAGING_ELEMENTS, tensor.shape().size() - start);
      MemorySegment chunk = MemorySegment.ofArray(floats).asSlice(0, 4L * length);
      source.read(4 * start, chunk);
      int bytes = length * tensor.dtype().bytes();
      MemorySegment converted = MemorySegment.ofArray(staging).asSlice(0, bytes);
      if (tensor.dtype() == DType.BF16) {
        FloatConversion.toBfloat16(chunk, converted);
      } else {
        converted.copyFrom(chunk);
      }
      write(ByteBuffer.wrap(staging, 0, bytes), position + start * tensor.dtype().bytes());
    }
  }

  private TensorSpec next(String name) {
    TensorSpec tensor = unwritten.remove(name);
    if (tensor == null) {
      throw new IllegalArgumentException(name + " was not announced, or was written before");
    }
    return tensor;
  }

  private static void checkSize(TensorSpec tensor, long bytes, int bytesPerElement) {
    if (bytes != tensor.shape().size() * bytesPerElement) {
      throw new IllegalArgumentException(
          tensor + ": got " + bytes + " bytes of " + bytesPerElement + " an element");
    }
  }

  private void write(ByteBuffer bytes, long position) {
    try {
      long next = position;
      while (bytes.hasRemaining()) {
        next += channel.write(bytes, next);
      }
    } catch (IOException e) {
      throw failed(e);
    }
  }

  /** Flushes the file to the disk and gives it its name; every tensor must have been written. */
  public void commit() {
    if (!unwritten.isEmpty()) {
      throw new IllegalStateException(
          path
              + ": not written: "
              + unwritten.keySet().stream().sorted().limit(5).collect(Collectors.joining(", ")));
    }
    try {
      channel.force(true);
      channel.close();
      DurableFiles.publish(path);
    } catch (IOException e) {
      throw failed(e);
    }
  }

  /** Gives up what was not committed. */
  @Override
  public void close() {
    try {
      channel.close();
      Files.deleteIfExists(DurableFiles.temporary(path));
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private UncheckedIOException failed(IOException e) {
    return new UncheckedIOException(path + " can't be written: " + e.getMessage(), e);
  }
}
