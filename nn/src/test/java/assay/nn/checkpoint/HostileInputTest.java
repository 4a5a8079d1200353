package assay.nn.checkpoint;

import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.tensor.InvalidInputException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Mutated files: each is read or refused with the one exception type, whatever was done to it. The
 * mutations come from a fixed seed, so a failure can be had again.
 */
class HostileInputTest {
  private static final int HEADERS = 60_000;
  private static final int CONFIGS = 40_000;

  /** Read or refused; anything else that a reader does is thrown on and fails the test. */
  private static boolean reads(Runnable reader, byte[] input) {
    try {
      reader.run();
      return true;
    } catch (InvalidInputException e) {
      assertTrue(e.getMessage().length() < 1000, e.getMessage());
      return false;
    } catch (RuntimeException | Error e) {
      throw new AssertionError("input: " + new String(input, StandardCharsets.ISO_8859_1), e);
    }
  }

  @Test
  void oneHundredThousandMutatedFilesAreReadOrRefused() throws IOException {
    long start = System.nanoTime();
    Mutator mutator = new Mutator(new SplittableRandom(2026));
    int headersRead = 0;
    List<byte[]> headers = headers();
    for (int i = 0; i < HEADERS; i++) {
      byte[] file = mutator.mutate(headers.get(i % headers.size()), 8);
      if (reads(() -> SafetensorsHeader.parse(MemorySegment.ofArray(file), "x"), file)) {
        headersRead++;
      }
    }
    int configsRead = 0;
    List<byte[]> configs = configs();
    for (int i = 0; i < CONFIGS; i++) {
      byte[] file = mutator.mutate(configs.get(i % configs.size()), 0);
      String json = new String(file, StandardCharsets.ISO_8859_1);
      if (reads(() -> ModelConfig.parse(json, "x"), file)) {
        configsRead++;
      }
    }
    System.out.printf(
        "mutated files: %d headers (%d read, %d refused), %d configs (%d read, %d refused), %d s%n",
        HEADERS,
        headersRead,
        HEADERS - headersRead,
        CONFIGS,
        configsRead,
        CONFIGS - configsRead,
        (System.nanoTime() - start) / 1_000_000_000);
    // Mutations that are all refused at the first byte would test nothing.
    assertTrue(headersRead > HEADERS / 100 && configsRead > CONFIGS / 100);
    assertTrue(HEADERS - headersRead > HEADERS / 2);
  }

  /** Whole small files; the mutator repairs the length in front more often than not. */
  private static List<byte[]> headers() throws IOException {
    List<byte[]> files = new ArrayList<>();
    for (String json :
        List.of(
            "{'__metadata__':{'format':'pt'},'t':{'dtype':'F32','shape':[2,2],"
                + "'data_offsets':[0,16]},'u':{'dtype':'BF16','shape':[3],'data_offsets':[16,22]}}",
            "{'a':{'dtype':'I64','shape':[],'data_offsets':[0,8]},"
                + "'e':{'dtype':'F64','shape':[0,7],'data_offsets':[8,8]},"
                + "'\\u00e9':{'dtype':'F4','shape':[4],'data_offsets':[8,10]}}",
            "  {}  ")) {
      byte[] header = json.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
      int data = json.contains("F32") ? 22 : json.contains("I64") ? 10 : 0;
      ByteBuffer file = ByteBuffer.allocate(8 + header.length + data);
      file.order(ByteOrder.LITTLE_ENDIAN).putLong(header.length).put(header);
      files.add(file.array());
    }
    byte[] golden =
        Files.readAllBytes(TestResources.GOLDEN.resolve("qwen3").resolve("model.safetensors"));
    int headerEnd = 8 + (int) ByteBuffer.wrap(golden).order(ByteOrder.LITTLE_ENDIAN).getLong();
    files.add(Arrays.copyOf(golden, headerEnd + 1000)); // cut: refused after the whole header
    return files;
  }

  private static List<byte[]> configs() throws IOException {
    List<byte[]> files = new ArrayList<>();
    for (String model : TestResources.MODELS) {
      files.add(Files.readAllBytes(TestResources.GOLDEN.resolve(model).resolve("config.json")));
    }
    return files;
  }

  /** Changes bytes, or the JSON's pieces: numbers, strings, brackets, whole spans. */
  private static final class Mutator {
    private static final List<String> PIECES =
        List.of(
            "0",
            "-1",
            "-0",
            "1",
            "2",
            "3",
            "16",
            "2147483647",
            "2147483648",
            "4294967296",
            "9223372036854775807",
            "9223372036854775808",
            "18446744073709551615",
            "1e999",
            "1e-999",
            "0.5",
            "1.0",
            "NaN",
            "Infinity",
            "null",
            "true",
            "false",
            "\"\"",
            "\"\\ud800\"",
            "\"\\u0000\"",
            "\"F32\"",
            "\"BF16\"",
            "\"F4\"",
            "\"dtype\"",
            "\"shape\"",
            "\"llama\"",
            "\"gemma3_text\"",
            "\"qwen3\"",
            "\"yarn\"",
            "\"linear\"",
            "\"full_attention\"",
            "[]",
            "{}",
            "[[",
            "]]",
            "{\"a\":",
            "}",
            ",",
            ":",
            "[0,0]",
            "\"__metadata__\":{}",
            "\u00ef",
            "\"rope_scaling\":{\"type\":\"linear\",\"factor\":0},",
            "\"num_labels\":65536,",
            " ");

    private final SplittableRandom random;

    Mutator(SplittableRandom random) {
      this.random = random;
    }

    /** One or two mutations behind the first {@code fixed} bytes, or rarely of all bytes. */
    byte[] mutate(byte[] file, int fixed) {
      byte[] mutated = file;
      int rounds = 1 + random.nextInt(2);
      for (int i = 0; i < rounds; i++) {
        mutated = once(mutated, random.nextInt(20) == 0 ? 0 : fixed);
      }
      if (fixed == 8 && mutated.length >= 8 && random.nextInt(10) > 0) {
        // The header grew or shrank by what the file did, so that mutations reach the JSON.
        long length = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong();
        ByteBuffer.wrap(mutated)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(length + mutated.length - file.length);
      }
      return mutated;
    }

    private byte[] once(byte[] file, int fixed) {
      if (file.length <= fixed + 1) {
        return file.clone();
      }
      int at = fixed + random.nextInt(file.length - fixed);
      return switch (random.nextInt(7)) {
        case 0 -> flip(file, at);
        case 1 -> replace(file, at, at + 1, bytes((char) random.nextInt(256) + ""));
        case 2 -> replace(file, at, end(file, at, 30), new byte[0]);
        case 3 -> replace(file, at, at, Arrays.copyOfRange(file, at, end(file, at, 120)));
        case 4 -> replace(file, at, at, piece());
        default -> replaceToken(file, at);
      };
    }

    private int end(byte[] file, int at, int most) {
      return Math.min(file.length, at + 1 + random.nextInt(most));
    }

    private byte[] piece() {
      return bytes(PIECES.get(random.nextInt(PIECES.size())));
    }

    private static byte[] bytes(String text) {
      return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private byte[] flip(byte[] file, int at) {
      byte[] flipped = file.clone();
      flipped[at] ^= (byte) (1 << random.nextInt(8));
      return flipped;
    }

    /** Replaces the JSON token around a place by another. */
    private byte[] replaceToken(byte[] file, int at) {
      int from = at;
      int to = at;
      while (from > 8 && isInToken(file[from - 1])) {
        from--;
      }
      while (to < file.length && isInToken(file[to])) {
        to++;
      }
      return replace(file, from, to, piece());
    }

    private static boolean isInToken(byte b) {
      return Character.isLetterOrDigit(b) || b == '"' || b == '_' || b == '.' || b == '-';
    }

    private static byte[] replace(byte[] file, int from, int to, byte[] by) {
      byte[] result = new byte[file.length - (to - from) + by.length];
      System.arraycopy(file, 0, result, 0, from);
      System.arraycopy(by, 0, result, from, by.length);
      System.arraycopy(file, to, result, from + by.length, file.length - to);
      return result;
    }
  }
}
