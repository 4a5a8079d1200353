package assay.rm.armorm;

import assay.tensor.DType;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/** What the states of a model depend on: its config, its weights and what it computes in. */
final class ModelHash {
  private static final int CHUNK = 1 << 20;

  private ModelHash() {}

  /** SHA-256, in hexadecimal digits; reads all weights, about a second for each gigabyte. */
  static String of(Path folder, DType dtype) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(dtype.name().getBytes(StandardCharsets.UTF_8));
      for (Path file : files(folder)) {
        digest.update(file.getFileName().toString().getBytes(StandardCharsets.UTF_8));
        try (InputStream in = Files.newInputStream(file)) {
          byte[] chunk = new byte[CHUNK];
          for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
            digest.update(chunk, 0, read);
          }
        }
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (IOException e) {
      throw new UncheckedIOException(folder + " cannot be read", e);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java has SHA-256", e);
    }
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.toString().endsWith(".safetensors") || file.endsWith("config.json"))
          .sorted()
          .toList();
    }
  }
}
