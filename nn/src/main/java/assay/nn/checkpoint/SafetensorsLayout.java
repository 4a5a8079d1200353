package assay.nn.checkpoint;

import assay.tensor.DType;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.core.JsonGenerator;

/**
 * Where everything lies in a safetensors file that is to be written: the shapes alone decide it, so
 * the header can be written before any tensor.
 */
public final class SafetensorsLayout {
  private final List<TensorSpec> tensors;
  private final byte[] header;
  private final Map<String, Long> positionOf = new HashMap<>();
  private final long bytes;

  private SafetensorsLayout(List<TensorSpec> ordered) {
    tensors = List.copyOf(ordered);
    byte[] json = json(ordered);
    header =
        ByteBuffer.allocate(8 + json.length)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(json.length)
            .put(json)
            .array();
    long position = header.length;
    for (TensorSpec tensor : ordered) {
      positionOf.put(tensor.name(), position);
      position += tensor.bytes();
    }
    bytes = position;
  }

  /** The layout that the Python library would choose: wider elements first, then by name. */
  public static SafetensorsLayout of(List<TensorSpec> tensors) {
    Set<String> names = new HashSet<>(Set.of(SafetensorsHeader.METADATA_KEY));
    for (TensorSpec tensor : tensors) {
      if (!names.add(tensor.name())) {
        throw new IllegalArgumentException("tensor " + tensor.name() + " can't be written twice");
      }
    }
    List<DType> order = List.of(DType.F64, DType.F32, DType.I32, DType.BF16);
    List<TensorSpec> ordered = new ArrayList<>(tensors);
    ordered.sort(
        Comparator.<TensorSpec>comparingInt(tensor -> order.indexOf(tensor.dtype()))
            .thenComparing(TensorSpec::name));
    return new SafetensorsLayout(ordered);
  }

  private static byte[] json(List<TensorSpec> ordered) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = Json.generator(bytes)) {
      json.writeStartObject();
      json.writeName(SafetensorsHeader.METADATA_KEY);
      json.writeStartObject();
      json.writeStringProperty("format", "pt");
      json.writeEndObject();
      long begin = 0;
      for (TensorSpec tensor : ordered) {
        long end = begin + tensor.bytes();
        int[] dims = tensor.shape().toArray();
        json.writeName(tensor.name());
        json.writeStartObject();
        json.writeStringProperty("dtype", tensor.dtype().name());
        json.writeName("shape");
        json.writeArray(dims, 0, dims.length);
        json.writeName("data_offsets");
        json.writeArray(new long[] {begin, end}, 0, 2);
        json.writeEndObject();
        begin = end;
      }
      json.writeEndObject();
    }
    while (bytes.size() % 8 != 0) {
      bytes.write(' ');
    }
    return bytes.toByteArray();
  }

  /** In the order of their bytes, which follow each other without a gap. */
  public List<TensorSpec> tensors() {
    return tensors;
  }

  /** The bytes that the file begins with, a multiple of 8. */
  public byte[] header() {
    return header.clone();
  }

  /** Where in the file a tensor's bytes begin. */
  public long position(String name) {
    return positionOf.get(name);
  }

  /** Length of the file. */
  public long bytes() {
    return bytes;
  }
}
