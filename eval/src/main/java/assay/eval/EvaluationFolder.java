package assay.eval;

import assay.nn.checkpoint.DurableFiles;
import assay.nn.checkpoint.JsonPrinter;
import assay.rm.data.Row;
import assay.rm.data.RowFiles;
import assay.rm.data.RowReader;
import assay.rm.data.ScoreWriter;
import assay.tensor.InvalidInputException;
import assay.train.checkpoint.RunLock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * The folder that an evaluation writes into, which it keeps locked.
 *
 * <pre>
 * evaluation.json        what is being evaluated on what: only the same may go on
 * scores.partial.jsonl   the score rows so far, appended; becomes
 * scores.jsonl           all of them
 * result.json            and the leaderboard's files
 * </pre>
 */
public final class EvaluationFolder implements AutoCloseable {
  private static final String IDENTITY = "evaluation.json";
  private static final String PARTIAL = "scores.partial.jsonl";

  /** The file of all scores, in the order of the data. */
  public static final String SCORES = "scores.jsonl";

  private final Path folder;
  private final RunLock lock;
  private final List<Row> kept = new ArrayList<>();
  private ScoreWriter writer;

  private EvaluationFolder(Path folder, RunLock lock) {
    this.folder = folder;
    this.lock = lock;
  }

  /**
   * Begins an evaluation, or goes on with the one that the folder holds.
   *
   * @throws InvalidInputException if the folder holds another evaluation or other files, or another
   *     process is writing there
   */
  public static EvaluationFolder open(Path folder, EvaluationIdentity identity) {
    try {
      requireOurs(folder);
      DurableFiles.createFolders(folder);
      EvaluationFolder opened = new EvaluationFolder(folder, RunLock.acquire(folder));
      try {
        opened.goOn(identity);
        return opened;
      } catch (IOException | RuntimeException e) {
        opened.close();
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException("--output: " + folder + " cannot be written", e);
    }
  }

  /** A folder of something else, such as a training run, is no place for an evaluation. */
  private static void requireOurs(Path folder) throws IOException {
    if (!Files.exists(folder) || Files.exists(folder.resolve(IDENTITY))) {
      return;
    }
    if (!Files.isDirectory(folder)) {
      throw new InvalidInputException("--output: " + folder + " is not a folder");
    }
    try (Stream<Path> files = Files.list(folder)) {
      Optional<Path> other = files.filter(file -> !file.endsWith("run.lock")).findFirst();
      if (other.isPresent()) {
        throw new InvalidInputException(
            "--output: %s holds other files (%s) and no evaluation; name a new folder"
                .formatted(folder, other.get().getFileName()));
      }
    }
  }

  private void goOn(EvaluationIdentity identity) throws IOException {
    Path file = folder.resolve(IDENTITY);
    if (Files.exists(file)) {
      try {
        identity.require(JsonMapper.shared().readTree(Files.readString(file)), file.toString());
      } catch (JacksonException e) {
        throw new InvalidInputException(file + ": is not JSON: " + e.getMessage(), e);
      }
    } else {
      DurableFiles.write(file, JsonPrinter.print(identity.toJson()));
    }
    Path scores = folder.resolve(SCORES);
    if (Files.exists(scores)) {
      keep(scores);
      return;
    }
    Path partial = folder.resolve(PARTIAL);
    if (Files.exists(partial)) {
      dropCutLine(partial);
      keep(partial);
    }
    writer =
        new ScoreWriter(
            partial.toString(),
            Files.newOutputStream(partial, StandardOpenOption.CREATE, StandardOpenOption.APPEND));
  }

  /** What ended the process may have done so in the middle of a line. */
  private static void dropCutLine(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    int end = bytes.length;
    while (end > 0 && bytes[end - 1] != '\n') {
      end--;
    }
    if (end < bytes.length) {
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.truncate(end);
      }
    }
  }

  private void keep(Path scores) {
    try (RowReader reader = RowFiles.open(scores)) {
      for (Optional<Row> row = reader.next(); row.isPresent(); row = reader.next()) {
        kept.add(row.get());
      }
    }
  }

  /** The score rows that were there already, in the order of the data. */
  public List<Row> kept() {
    return kept;
  }

  /** Appends score rows; they are with the operating system when this returns. */
  void append(List<Row> rows) {
    rows.forEach(row -> writer.write(row.fields()));
    writer.flush();
  }

  /** All rows are scored: the score file gets its name. */
  void finishScores() {
    if (writer == null) {
      return; // it had it
    }
    writer.close();
    writer = null;
    Path partial = folder.resolve(PARTIAL);
    try {
      try (FileChannel channel = FileChannel.open(partial, StandardOpenOption.WRITE)) {
        channel.force(true);
      }
      Files.move(partial, folder.resolve(SCORES), StandardCopyOption.ATOMIC_MOVE);
      DurableFiles.flushFolder(folder.toAbsolutePath());
    } catch (IOException e) {
      throw new UncheckedIOException(partial + " cannot be renamed", e);
    }
  }

  /** Writes a JSON file whole, in folders of its own where its name has slashes. */
  public static void write(Path folder, String name, Map<String, ?> json) {
    Path file = folder.resolve(name);
    try {
      DurableFiles.createFolders(file.toAbsolutePath().getParent());
      DurableFiles.write(file, JsonPrinter.print(json));
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be written", e);
    }
  }

  @Override
  public void close() {
    try {
      if (writer != null) {
        writer.close();
      }
    } finally {
      lock.close();
    }
  }
}
