package assay.rm.armorm;

import assay.rm.TrainingSetup;
import assay.rm.recipe.Recipe;
import assay.tensor.DType;
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

/** What the states of a model depend on: its config, its weights and what it computes in. */
final class ModelHash {
  private ModelHash() {}

  /** SHA-256, in hexadecimal digits; reads all weights, about a second for each gigabyte. */
  static String of(TrainingSetup setup, DType dtype) {
    Path folder = setup.modelFolder();
    boolean isRandom = setup.recipe().init() == Recipe.Init.RANDOM;
    String weights = isRandom ? "seed " + setup.recipe().training().seed() : "as stored";
    String description = dtype + "\n" + weights + "\n" + setup.config().json() + "\n";
    try {
      MessageDigest digest = Sha256.begin();
      digest.update(description.getBytes(StandardCharsets.UTF_8));
      for (Path file : isRandom ? List.<Path>of() : weightFiles(folder)) {
        digest.update(file.getFileName().toString().getBytes(StandardCharsets.UTF_8));
        Sha256.update(digest, file);
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (IOException e) {
      throw new UncheckedIOException(folder + " cannot be read", e);
    }
  }

  private static List<Path> weightFiles(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".safetensors")).sorted().toList();
    }
  }
}
