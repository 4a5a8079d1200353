package assay.train.checkpoint;

import assay.nn.checkpoint.JsonObject;
import assay.nn.checkpoint.Quote;
import assay.tensor.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * What a complete checkpoint consists of: {@code manifest.json}, written last.
 *
 * @param metric by which the best checkpoint is kept, if it was measured
 * @param run what the run wants to know when it goes on
 * @param files all others in the folder that belong to the checkpoint
 */
record Manifest(
    long step, int numRanks, OptionalDouble metric, JsonObject run, List<FileEntry> files) {

  /** Counts up when a reader of before would misunderstand what is written. */
  private static final int FORMAT = 1;

  /**
   * @param sha256 of a small file; null for one with block checksums in the rank's index
   */
  record FileEntry(String name, long bytes, String sha256) {}

  static Map<String, Object> toJson(
      long step, int numRanks, OptionalDouble metric, Map<String, ?> run, List<FileEntry> files) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("format", FORMAT);
    json.put("step", step);
    json.put("num_ranks", numRanks);
    json.put("metric", metric.isPresent() ? metric.getAsDouble() : null);
    json.put("run", run);
    List<Map<String, Object>> entries = new ArrayList<>();
    for (FileEntry file : files) {
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("name", file.name());
      entry.put("bytes", file.bytes());
      if (file.sha256() != null) {
        entry.put("sha256", file.sha256());
      }
      entries.add(entry);
    }
    json.put("files", entries);
    return json;
  }

  /**
   * Reads and checks the manifest itself.
   *
   * @param folder of the checkpoint
   * @throws InvalidInputException if it is missing, damaged or of a later version
   */
  static Manifest read(Path folder) throws IOException {
    Path file = folder.resolve(Names.MANIFEST);
    JsonObject json;
    try {
      json = SealedJson.read(file);
    } catch (NoSuchFileException e) {
      throw new InvalidInputException(file + ": is missing from the checkpoint", e);
    }
    if (json.count("format") != FORMAT) {
      throw json.error("format", "expected " + FORMAT + "; was it written by a later version?");
    }
    List<FileEntry> files = new ArrayList<>();
    for (JsonObject entry : json.objects("files")) {
      String name = entry.string("name", "");
      if (!Names.isRankFile(name) && !name.equals(Names.MARKER)) {
        throw entry.error("name", Quote.of(name) + " is no file of a checkpoint");
      }
      files.add(new FileEntry(name, entry.count("bytes"), entry.string("sha256", null)));
    }
    OptionalDouble metric =
        json.has("metric") ? OptionalDouble.of(json.number("metric", 0)) : OptionalDouble.empty();
    return new Manifest(
        json.count("step"),
        json.integer("num_ranks", 1, Integer.MAX_VALUE, 1),
        metric,
        json.object("run"),
        files);
  }

  /**
   * Describes a file as it is now.
   *
   * @param hashed take its SHA-256 too
   */
  static FileEntry describe(Path folder, String name, boolean hashed) throws IOException {
    Path file = folder.resolve(name);
    try {
      String sha256 = hashed ? SealedJson.sha256(Files.readAllBytes(file)) : null;
      return new FileEntry(name, Files.size(file), sha256);
    } catch (NoSuchFileException e) {
      throw new InvalidInputException(file + ": is missing from the checkpoint", e);
    }
  }

  /** Checks that the files are there, as long as they were, the small ones byte for byte. */
  void checkFiles(Path folder) throws IOException {
    for (FileEntry expected : files) {
      FileEntry found = describe(folder, expected.name(), expected.sha256() != null);
      if (!found.equals(expected)) {
        throw new InvalidInputException(
            folder.resolve(expected.name())
                + ": is damaged: expected "
                + expected.bytes()
                + " bytes"
                + (expected.bytes() == found.bytes()
                    ? " with another checksum"
                    : ", found " + found.bytes()));
      }
    }
  }
}
