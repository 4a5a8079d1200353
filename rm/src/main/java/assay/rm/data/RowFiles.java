package assay.rm.data;

import assay.tensor.InvalidInputException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Finds data files and opens each in its format, which its first bytes tell. */
public final class RowFiles {
  private static final int SNIFFED_BYTES = 8192;
  private static final String GLOB_CHARACTERS = "*?[{";

  private RowFiles() {}

  /**
   * The files that paths and globs such as {@code b/*.parquet} name: in the order of the patterns,
   * those of one glob by name. Globs match no hidden files.
   *
   * @throws InvalidInputException if a pattern names no file, or two name the same one
   */
  public static List<Path> find(List<String> patterns) {
    Map<Path, String> patternOf = new HashMap<>();
    List<Path> files = new ArrayList<>();
    for (String pattern : patterns) {
      for (Path file : find(pattern)) {
        String earlier = patternOf.putIfAbsent(file.toAbsolutePath().normalize(), pattern);
        if (earlier != null) {
          throw new InvalidInputException(
              "%s: is named twice, by '%s' and by '%s'; its rows would count double"
                  .formatted(file, earlier, pattern));
        }
        files.add(file);
      }
    }
    return files;
  }

  private static List<Path> find(String pattern) {
    Path path = Path.of(pattern);
    if (Files.isDirectory(path)) {
      throw new InvalidInputException(
          pattern + ": is a folder; name files, or a glob such as " + path.resolve("*.jsonl"));
    }
    if (Files.exists(path)) {
      return List.of(path);
    }
    if (!hasGlob(pattern)) {
      throw new InvalidInputException(pattern + ": no such file");
    }
    List<Path> files = glob(pattern);
    if (files.isEmpty()) {
      throw new InvalidInputException(pattern + ": no file matches");
    }
    return files;
  }

  private static List<Path> glob(String pattern) {
    Path path = Path.of(pattern);
    Path folder = path.getRoot() == null ? Path.of("") : path.getRoot();
    int depth = path.getNameCount();
    for (Path part : path) {
      if (hasGlob(part.toString())) {
        break;
      }
      folder = folder.resolve(part);
      depth--;
    }
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + path);
    try (Stream<Path> files =
        Files.walk(folder, pattern.contains("**") ? Integer.MAX_VALUE : depth)) {
      return files
          .filter(matcher::matches)
          .filter(file -> !file.getFileName().toString().startsWith("."))
          .filter(Files::isRegularFile)
          .sorted()
          .toList();
    } catch (IOException | UncheckedIOException e) {
      throw new InvalidInputException(pattern + ": cannot be searched: " + e, e);
    }
  }

  private static boolean hasGlob(String text) {
    return text.chars().anyMatch(c -> GLOB_CHARACTERS.indexOf(c) >= 0);
  }

  /** Opens JSON Lines, a JSON array or Parquet. */
  public static RowReader open(Path file) {
    try {
      BufferedInputStream in = new BufferedInputStream(Files.newInputStream(file));
      if (startsWith(peek(in), "PAR1")) {
        in.close();
        return ParquetReader.open(file.toString(), file);
      }
      return open(file.toString(), in);
    } catch (NoSuchFileException e) {
      throw new InvalidInputException(file + ": no such file", e);
    } catch (IOException e) {
      throw new InvalidInputException(file + ": cannot be read: " + e, e);
    }
  }

  /**
   * Opens JSON Lines or a JSON array from a stream, which {@link RowReader#close} closes.
   *
   * @param name stands for the file in messages
   */
  public static RowReader open(String name, InputStream stream) {
    BufferedInputStream in = new BufferedInputStream(stream, SNIFFED_BYTES);
    try {
      byte[] head = peek(in);
      if (startsWith(head, "PAR1")) {
        throw new InvalidInputException(
            name + ": Parquet cannot be read from a stream; give the file");
      }
      // The magic numbers of gzip and zstd.
      if (startsWith(head, "\u001f\u008b") || startsWith(head, "(\u00b5/\u00fd")) {
        throw new InvalidInputException(name + ": is compressed; unpack it first");
      }
      int start = 0;
      if (startsWith(head, "\u00ef\u00bb\u00bf")) { // a byte order mark
        in.skipNBytes(3);
        start = 3;
      }
      while (start < head.length && Character.isWhitespace(head[start])) {
        start++;
      }
      boolean array = start < head.length && head[start] == '[';
      return array ? new JsonArrayReader(name, in) : new JsonLinesReader(name, in);
    } catch (IOException e) {
      throw new InvalidInputException(name + ": cannot be read: " + e, e);
    }
  }

  /**
   * The first bytes, at least up to the first that is not blank. No more is waited for: whoever
   * writes row by row into a pipe and waits for each answer must get it.
   */
  private static byte[] peek(BufferedInputStream in) throws IOException {
    in.mark(SNIFFED_BYTES);
    byte[] head = new byte[SNIFFED_BYTES];
    int length = 0;
    while (length < 4 || new String(head, 0, length, StandardCharsets.ISO_8859_1).isBlank()) {
      int read = in.read(head, length, SNIFFED_BYTES - length);
      if (read <= 0) {
        break;
      }
      length += read;
    }
    in.reset();
    return Arrays.copyOf(head, length);
  }

  /** Whether the bytes begin with these, given as characters below 256. */
  private static boolean startsWith(byte[] bytes, String prefix) {
    if (bytes.length < prefix.length()) {
      return false;
    }
    for (int i = 0; i < prefix.length(); i++) {
      if ((bytes[i] & 0xff) != prefix.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  static void close(String name, AutoCloseable resource) {
    try {
      resource.close();
    } catch (Exception e) {
      throw new InvalidInputException(name + ": cannot be closed: " + e, e);
    }
  }
}
