package assay.nn.checkpoint;

import assay.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;

/**
 * The header of a safetensors file, validated in full before anything is made from it.
 *
 * <p>A file is the header's length (8 bytes, little-endian), the header (JSON, may be padded with
 * white space on both sides), and the tensors' bytes, which the header's offsets must cover without
 * gap or overlap up to the last byte of the file: no byte has two meanings, and none is free to
 * hold another format.
 *
 * @param entries in the order of their bytes
 * @param metadata the free texts under {@code __metadata__}
 * @param dataStart where in the file the tensors' bytes begin
 */
record SafetensorsHeader(Map<String, Entry> entries, Map<String, String> metadata, long dataStart) {

  /**
   * One tensor; offsets count from {@link #dataStart}.
   *
   * @param dtype as the file names it, perhaps unknown here
   */
  record Entry(String name, String dtype, Shape shape, long begin, long end) {}

  static final String METADATA_KEY = "__metadata__";

  /** The format's own limit. */
  static final long MAX_HEADER_BYTES = 100_000_000;

  private static final ValueLayout.OfLong LITTLE_ENDIAN_LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** Bits per element of the element types that the format defines. */
  static final Map<String, Integer> BITS =
      Map.ofEntries(
          Map.entry("F4", 4),
          Map.entry("F6_E2M3", 6),
          Map.entry("F6_E3M2", 6),
          Map.entry("BOOL", 8),
          Map.entry("U8", 8),
          Map.entry("I8", 8),
          Map.entry("F8_E5M2", 8),
          Map.entry("F8_E4M3", 8),
          Map.entry("F8_E8M0", 8),
          Map.entry("F8_E4M3FNUZ", 8),
          Map.entry("F8_E5M2FNUZ", 8),
          Map.entry("I16", 16),
          Map.entry("U16", 16),
          Map.entry("F16", 16),
          Map.entry("BF16", 16),
          Map.entry("I32", 32),
          Map.entry("U32", 32),
          Map.entry("F32", 32),
          Map.entry("C64", 64),
          Map.entry("F64", 64),
          Map.entry("I64", 64),
          Map.entry("U64", 64));

  /**
   * Reads and checks the header of a whole file.
   *
   * @param source the file's name, for messages
   * @throws SafetensorsException if any rule is broken
   */
  static SafetensorsHeader parse(MemorySegment file, String source) {
    if (file.byteSize() < 8) {
      throw new SafetensorsException(
          source + ": is " + file.byteSize() + " bytes long; expected 8 bytes of header length");
    }
    long headerBytes = file.get(LITTLE_ENDIAN_LONG, 0);
    if (headerBytes < 0 || headerBytes > MAX_HEADER_BYTES) {
      throw new SafetensorsException(
          String.format(
              "%s: header length %s is over the limit of %d bytes; is this a safetensors file?",
              source, Long.toUnsignedString(headerBytes), MAX_HEADER_BYTES));
    }
    if (headerBytes > file.byteSize() - 8) {
      throw new SafetensorsException(
          String.format(
              "%s: header length %d goes past the end of the file (%d bytes); cut short?",
              source, headerBytes, file.byteSize()));
    }
    byte[] json = file.asSlice(8, headerBytes).toArray(ValueLayout.JAVA_BYTE);
    SafetensorsHeader header;
    try (JsonParser parser = Json.parser(json)) {
      header = new SafetensorsHeaderReader(parser, source).read(8 + headerBytes);
    } catch (JacksonException e) {
      throw new SafetensorsException(source + ": header: " + Json.describe(e), e);
    }
    header.checkCovers(file.byteSize(), source);
    return header;
  }

  /** The entries, in the order of their bytes, must follow each other up to the file's end. */
  private void checkCovers(long fileBytes, String source) {
    long position = 0;
    for (Entry entry : entries.values()) {
      if (entry.begin != position) {
        throw new SafetensorsException(
            String.format(
                "%s: tensor %s: data_offsets begin at %d, expected %d (%s)",
                source,
                Quote.of(entry.name),
                entry.begin,
                position,
                entry.begin < position ? "overlap" : "hole"));
      }
      position = entry.end;
    }
    if (position != fileBytes - dataStart) {
      throw new SafetensorsException(
          String.format(
              "%s: the header describes %d bytes of tensors, the file holds %d; %s",
              source,
              position,
              fileBytes - dataStart,
              position > fileBytes - dataStart ? "cut short?" : "something was appended"));
    }
  }
}
