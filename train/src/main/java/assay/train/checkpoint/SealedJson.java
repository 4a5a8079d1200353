package assay.train.checkpoint;

import assay.nn.checkpoint.Json;
import assay.nn.checkpoint.JsonObject;
import assay.nn.checkpoint.JsonPrinter;
import assay.tensor.InvalidInputException;
import assay.tensor.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;

/**
 * JSON files whose last key is the SHA-256 of the text before it. The end of the file is compared
 * with the one bytes that fit to its beginning, so there is no byte that may change unseen.
 */
final class SealedJson {
  private static final String KEY = ",\n  \"sha256\": \"";
  private static final int SEAL_BYTES = KEY.length() + 64 + "\"\n}\n".length();

  private SealedJson() {}

  /**
   * Writes and flushes a file; its folder is the caller's to flush.
   *
   * @throws IllegalArgumentException if JSON can't hold it
   */
  static void write(Path file, Map<String, ?> object) throws IOException {
    String printed = print(file, object);
    String text = printed.substring(0, printed.length() - "\n}\n".length());
    String sealed = text + seal(text.getBytes(StandardCharsets.UTF_8));
    writeFlushed(file, sealed);
  }

  private static String print(Path file, Map<String, ?> object) {
    try {
      String text = JsonPrinter.print(object);
      Json.parseObject(text.getBytes(StandardCharsets.UTF_8), file.toString());
      return text;
    } catch (NumberFormatException | InvalidInputException e) {
      throw new IllegalArgumentException(file + ": JSON can't hold all of " + object, e);
    }
  }

  /** Writes a new file and flushes it. */
  static void writeFlushed(Path file, String text) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
  }

  private static String seal(byte[] text) {
    return KEY + sha256(text) + "\"\n}\n";
  }

  static String sha256(byte[] bytes) {
    return HexFormat.of().formatHex(Sha256.begin().digest(bytes));
  }

  /**
   * Reads a file.
   *
   * @throws InvalidInputException if a byte of it is not as it was written
   */
  static JsonObject read(Path file) throws IOException {
    return parse(Files.readAllBytes(file), file.toString());
  }

  static JsonObject parse(byte[] bytes, String source) {
    int sealed = Math.max(0, bytes.length - SEAL_BYTES);
    byte[] seal = seal(Arrays.copyOf(bytes, sealed)).getBytes(StandardCharsets.UTF_8);
    if (!Arrays.equals(seal, Arrays.copyOfRange(bytes, sealed, bytes.length))) {
      throw new InvalidInputException(
          source + ": is damaged: its text doesn't fit to the checksum at its end");
    }
    return Json.parseObject(bytes, source);
  }
}
