package assay.eval;

import assay.tensor.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/** SHA-256 of files, in hexadecimal digits. */
final class FileHash {
  /** Of a model's folder, all that scores depend on: weights, config, tokenizer, template. */
  private static final List<String> MODEL_FILES =
      List.of(".safetensors", ".json", ".jinja", ".model");

  private FileHash() {}

  /** Of the files' bytes, one after the other. */
  static String of(List<Path> files) {
    MessageDigest digest = Sha256.begin();
    for (Path file : files) {
      try {
        Sha256.update(digest, file);
      } catch (IOException e) {
        throw new UncheckedIOException(file + " cannot be read", e);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /** Of a model's files and their names; reads all weights. */
  static String ofModel(Path folder) {
    List<Path> files;
    try (Stream<Path> all = Files.list(folder)) {
      files = all.filter(FileHash::isModelFile).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(folder + " cannot be read", e);
    }
    MessageDigest digest = Sha256.begin();
    for (Path file : files) {
      String line = file.getFileName() + " " + of(List.of(file)) + "\n";
      digest.update(line.getBytes(StandardCharsets.UTF_8));
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static boolean isModelFile(Path file) {
    return MODEL_FILES.stream().anyMatch(file.toString()::endsWith);
  }
}
