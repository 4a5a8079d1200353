package assay.rm.data;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What became of all rows of a run: the content of {@code data.json}.
 *
 * @param train the training files
 * @param eval the evaluation files; empty where pairs are held out or nothing is evaluated
 * @param unlabelled the files of unlabelled pairs
 * @param augmented pairs that were made of others; empty where none were to be made
 * @param numTrainPairs pairs to train on, without those held out
 * @param numEvalPairs pairs to evaluate on, held out or from files
 * @param numHeldOutPrompts prompts that were held out of the training files
 * @param numOverlapPairs training pairs whose prompt stands in the evaluation files too; they stay
 *     in training, since the files were chosen by hand, but the evaluation is optimistic by them
 * @param numNeutralPairs training pairs of which neither answer is the better one
 */
public record DataReport(
    List<FileReport> train,
    List<FileReport> eval,
    List<FileReport> unlabelled,
    Optional<FileReport> augmented,
    int numTrainPairs,
    int numEvalPairs,
    int numHeldOutPrompts,
    int numOverlapPairs,
    int numNeutralPairs)
    implements RunReport {

  public DataReport {
    train = List.copyOf(train);
    eval = List.copyOf(eval);
    unlabelled = List.copyOf(unlabelled);
  }

  /** The report of pairs that all came with a label. */
  static DataReport of(
      List<FileReport> train,
      List<FileReport> eval,
      int numTrainPairs,
      int numEvalPairs,
      int numHeldOutPrompts,
      int numOverlapPairs) {
    return new DataReport(
        train,
        eval,
        List.of(),
        Optional.empty(),
        numTrainPairs,
        numEvalPairs,
        numHeldOutPrompts,
        numOverlapPairs,
        0);
  }

  /**
   * This report when other pairs have joined those to train on.
   *
   * @param all that there are now to train on
   */
  DataReport with(
      List<FileReport> unlabelledFiles,
      Optional<FileReport> augmentedPairs,
      List<PreferencePair> all) {
    return new DataReport(
        train,
        eval,
        unlabelledFiles,
        augmentedPairs,
        all.size(),
        numEvalPairs,
        numHeldOutPrompts,
        numOverlapPairs,
        (int) all.stream().filter(PreferencePair::isNeutral).count());
  }

  @Override
  public String toJson() {
    Map<String, Object> json = new LinkedHashMap<>(totals(train));
    json.put("train_pairs", numTrainPairs);
    json.put("eval_pairs", numEvalPairs);
    if (numHeldOutPrompts > 0) {
      json.put("held_out", Map.of("pairs", numEvalPairs, "prompts", numHeldOutPrompts));
    }
    json.put("files", train.stream().map(DataReport::json).toList());
    if (!eval.isEmpty()) {
      Map<String, Object> evaluation = totals(eval);
      evaluation.put("train_pairs_with_the_same_prompt", numOverlapPairs);
      evaluation.put("files", eval.stream().map(DataReport::json).toList());
      json.put("eval", evaluation);
    }
    if (!unlabelled.isEmpty()) {
      Map<String, Object> pseudoLabelled = totals(unlabelled);
      pseudoLabelled.put("files", unlabelled.stream().map(DataReport::json).toList());
      json.put("unlabelled", pseudoLabelled);
    }
    augmented.ifPresent(
        report -> {
          Map<String, Object> made = new LinkedHashMap<>(json(report));
          made.remove("file");
          made.put("neutral_pairs", numNeutralPairs);
          json.put("augmented", made);
        });
    return Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(json) + "\n";
  }

  private static Map<String, Object> totals(List<FileReport> files) {
    Map<DropReason, Long> dropped = new EnumMap<>(DropReason.class);
    for (FileReport file : files) {
      file.dropped().forEach((reason, drops) -> dropped.merge(reason, drops.count(), Long::sum));
    }
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("read", files.stream().mapToLong(FileReport::read).sum());
    json.put("used", files.stream().mapToLong(FileReport::used).sum());
    Map<String, Long> byKey = new LinkedHashMap<>();
    dropped.forEach((reason, count) -> byKey.put(reason.key(), count));
    json.put("dropped", byKey);
    return json;
  }

  private static Map<String, Object> json(FileReport file) {
    Map<String, Object> dropped = new LinkedHashMap<>();
    file.dropped()
        .forEach(
            (reason, drops) -> {
              Map<String, Object> entry = new LinkedHashMap<>();
              entry.put("rows", drops.count());
              entry.put("because", reason.sentence());
              entry.put("first_lines", drops.firstLines());
              if (!drops.detail().isEmpty()) {
                entry.put("detail", drops.detail());
              }
              dropped.put(reason.key(), entry);
            });
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("file", file.file());
    json.put("read", file.read());
    json.put("used", file.used());
    json.put("dropped", dropped);
    return json;
  }

  /** The report for a terminal: a line per file, and one per reason below it. */
  @Override
  public String toTable() {
    List<String> lines = new ArrayList<>();
    train.forEach(file -> add(lines, "train", file));
    eval.forEach(file -> add(lines, "eval", file));
    unlabelled.forEach(file -> add(lines, "unlabelled", file));
    augmented.ifPresent(made -> add(lines, "augmented", made));
    String heldOut =
        numHeldOutPrompts > 0 ? " (held out: %d prompts)".formatted(numHeldOutPrompts) : "";
    lines.add(
        "pairs to train on %d, to evaluate on %d%s"
            .formatted(numTrainPairs, numEvalPairs, heldOut));
    if (numNeutralPairs > 0) {
      lines.add("neutral pairs, of which neither answer is better: " + numNeutralPairs);
    }
    if (numOverlapPairs > 0) {
      lines.add(
          "note: %d training pairs have a prompt of the evaluation files"
              .formatted(numOverlapPairs));
    }
    return String.join("\n", lines) + "\n";
  }

  private static void add(List<String> lines, String use, FileReport file) {
    lines.add(
        "%-5s %s: rows %d, used %d, dropped %d"
            .formatted(use, file.file(), file.read(), file.used(), file.numDropped()));
    file.dropped()
        .forEach(
            (reason, drops) -> {
              String places =
                  drops.firstLines().stream()
                      .limit(5)
                      .map(String::valueOf)
                      .collect(Collectors.joining(", "));
              String more = drops.count() > 5 ? ", ..." : "";
              String detail = drops.detail().isEmpty() ? "" : " [" + drops.detail() + "]";
              lines.add(
                  "      %6d %s (%s%s)%s"
                      .formatted(drops.count(), reason.sentence(), places, more, detail));
            });
  }
}
