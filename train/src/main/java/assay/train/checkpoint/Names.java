package assay.train.checkpoint;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the files and folders of checkpoints are called. */
final class Names {
  static final String MANIFEST = "manifest.json";

  /** The first file in a folder: those that follow are known to be ours. */
  static final String MARKER = "assay-checkpoint.txt";

  static final String MARKER_TEXT =
      """
      A checkpoint of a training run by Assay: weights, optimizer state and the place in the data,
      in one safetensors file for each rank, with checksums in the JSON files.
      Folders called .step-N.writing and .step-N.deleting are not complete and are cleaned up.
      """;

  /** Of a folder that is being written; complete, it loses this. */
  static final String WRITING = ".writing";

  /** Of a folder that is being deleted. */
  static final String DELETING = ".deleting";

  private static final Pattern STEP = Pattern.compile("step-(0|[1-9]\\d{0,17})");
  private static final Pattern RANK_FILE = Pattern.compile("rank-\\d+\\.(safetensors|json)");

  private Names() {}

  static String complete(long step) {
    return "step-" + step;
  }

  static String writing(long step) {
    return "." + complete(step) + WRITING;
  }

  static String deleting(long step) {
    return "." + complete(step) + DELETING;
  }

  static String data(int rank) {
    return "rank-" + rank + ".safetensors";
  }

  static String index(int rank) {
    return "rank-" + rank + ".json";
  }

  /** The step of a complete checkpoint's folder, empty for any other name. */
  static OptionalLong stepOf(String name) {
    Matcher matcher = STEP.matcher(name);
    return matcher.matches()
        ? OptionalLong.of(Long.parseLong(matcher.group(1)))
        : OptionalLong.empty();
  }

  /** The step of a folder that is being written or deleted, empty for any other name. */
  static OptionalLong stepOf(String name, String suffix) {
    return name.startsWith(".") && name.endsWith(suffix)
        ? stepOf(name.substring(1, name.length() - suffix.length()))
        : OptionalLong.empty();
  }

  /** True for the files that ranks write, the only ones that a manifest may list for deletion. */
  static boolean isRankFile(String name) {
    return RANK_FILE.matcher(name).matches();
  }

  /**
   * What is in a folder, empty if there is none. Unlike Files.exists, which answers no when the
   * disk fails, this throws: a checkpoint that can't be seen must not count as missing.
   */
  static SortedSet<String> in(Path folder) throws IOException {
    SortedSet<String> names = new TreeSet<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      entries.forEach(entry -> names.add(entry.getFileName().toString()));
    } catch (NoSuchFileException | NotDirectoryException e) {
      return names;
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return names;
  }
}
