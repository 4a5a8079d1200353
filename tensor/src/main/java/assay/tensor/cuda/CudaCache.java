package assay.tensor.cuda;

import assay.tensor.InvalidInputException;
import assay.tensor.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Files that are made once and kept in the user's cache folder: compiled kernels, and JCuda's
 * libraries. Each lies in a folder named by a hash, so that what is there is never out of date, and
 * appears there whole, so that several processes may start at once.
 *
 * <p>The folder is what the property {@code assay.cuda.cache} names, {@code $XDG_CACHE_HOME/assay},
 * or {@code ~/.cache/assay}.
 */
final class CudaCache {
  private CudaCache() {}

  private static Path folder() {
    String chosen = System.getProperty("assay.cuda.cache");
    if (chosen != null) {
      return Path.of(chosen);
    }
    String base = System.getenv("XDG_CACHE_HOME");
    Path caches =
        base == null || base.isEmpty()
            ? Path.of(System.getProperty("user.home"), ".cache")
            : Path.of(base);
    return caches.resolve("assay");
  }

  /** Keeps a file under the hash of its content; returns where it is. */
  static Path keep(String kind, String name, byte[] content) {
    String hash = hash(new String(content, StandardCharsets.ISO_8859_1));
    return find(kind, hash, name).orElseGet(() -> keep(kind, hash, name, content));
  }

  static Optional<Path> find(String kind, String hash, String name) {
    return Optional.of(path(kind, hash, name)).filter(Files::exists);
  }

  /** Keeps a file under a hash of what it was made from; returns where it is. */
  static Path keep(String kind, String hash, String name, byte[] content) {
    Path path = path(kind, hash, name);
    try {
      Files.createDirectories(path.getParent());
      Path temporary = Files.createTempFile(path.getParent(), name, ".tmp");
      Files.write(temporary, content);
      return Files.move(temporary, path, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new InvalidInputException(
          "device: cuda keeps files in %s, which cannot be written (%s); XDG_CACHE_HOME names another folder"
              .formatted(folder(), e),
          e);
    }
  }

  private static Path path(String kind, String hash, String name) {
    return folder().resolve(kind).resolve(hash).resolve(name);
  }

  static String hash(String... parts) {
    MessageDigest digest = Sha256.begin();
    for (String part : parts) {
      digest.update(part.getBytes(StandardCharsets.UTF_8));
      digest.update((byte) 0);
    }
    return HexFormat.of().formatHex(digest.digest()).substring(0, 32);
  }
}
