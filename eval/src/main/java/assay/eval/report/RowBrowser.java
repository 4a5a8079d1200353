package assay.eval.report;

import assay.eval.Benchmark;
import assay.eval.BenchmarkRow;
import assay.eval.Evaluation;
import assay.eval.EvaluationData;
import assay.eval.ScoredRow;
import assay.eval.Scores;
import assay.rm.data.Row;
import assay.rm.data.RowFiles;
import assay.rm.data.RowReader;
import assay.rm.text.Message;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;

/**
 * The rows that a page shows, worst first. Of a large evaluation they are those with the smallest
 * margins; their texts are read again from the files, so that not all texts are ever in memory.
 */
final class RowBrowser<R extends ScoredRow> {
  /** So many rows a browser filters while one types. */
  static final int MOST_ROWS = 3000;

  private static final long MOST_CHARACTERS = 20_000_000;

  private final Evaluation<R> evaluation;
  private final List<Integer> worstFirst;
  private final Map<Integer, Map<String, Object>> shown = new HashMap<>(); // by the row's index
  private long characters;

  private RowBrowser(Evaluation<R> evaluation) {
    this.evaluation = evaluation;
    double[] margins = evaluation.scores().rows().stream().mapToDouble(ScoredRow::margin).toArray();
    this.worstFirst =
        IntStream.range(0, margins.length)
            .boxed()
            .sorted(Comparator.comparingDouble(index -> margins[index]))
            .limit(MOST_ROWS)
            .toList();
  }

  /**
   * As the page's scripts read it.
   *
   * @param scoreFile that the evaluation's scores stand in
   * @param data that the score rows are for, one for each; empty: the rows have no texts
   */
  static <R extends ScoredRow> Map<String, Object> of(
      Evaluation<R> evaluation, Path scoreFile, Optional<EvaluationData<R>> data) {
    RowBrowser<R> browser = new RowBrowser<>(evaluation);
    browser.worstFirst.forEach(index -> browser.shown.put(index, browser.numbers(index)));
    browser.addExplanations(scoreFile);
    data.ifPresent(browser::addTexts);
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("total", evaluation.scores().rows().size());
    json.put("compared", evaluation.others().isPresent());
    json.put("rows", browser.worstFirst.stream().map(browser.shown::get).toList());
    return json;
  }

  private Map<String, Object> numbers(int index) {
    Benchmark<R> benchmark = evaluation.benchmark();
    R row = evaluation.scores().rows().get(index);
    Optional<R> other = evaluation.others().map(rows -> rows.get(index));
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("place", row.place().toString());
    json.put("id", row.id());
    json.put("group", row.group());
    json.put("margin", row.margin());
    json.put("credit", benchmark.credit(row));
    json.put("correct", row.numCorrect());
    json.put("scores", row.scoresOfAnswers());
    json.put("otherCredit", other.map(benchmark::credit).orElse(null));
    json.put("otherScores", other.map(ScoredRow::scoresOfAnswers).orElse(null));
    return json;
  }

  /** What the score file has beside the scores. */
  private void addExplanations(Path scoreFile) {
    int index = 0;
    try (RowReader reader = RowFiles.open(scoreFile)) {
      for (Optional<Row> row = reader.next(); row.isPresent(); row = reader.next()) {
        JsonNode fields = row.get().fields();
        if (fields.hasNonNull(Scores.ERROR)) {
          continue;
        }
        Map<String, Object> json = shown.get(index++);
        if (json != null) {
          json.put("readTokens", fields.get(Scores.READ_TOKENS));
          json.put("objectives", fields.get(Scores.OBJECTIVES));
          json.put("gating", fields.get(Scores.GATING));
          json.put("judge", fields.get(Scores.JUDGE));
        }
      }
    }
  }

  private void addTexts(EvaluationData<R> data) {
    Set<Integer> unscored =
        evaluation.scores().unscored().stream()
            .map(Scores.Unscored::index)
            .collect(Collectors.toSet());
    Map<Integer, Map<String, Object>> byNumber = new HashMap<>(); // of rows of the data
    int number = 0;
    for (int index = 0; index < evaluation.scores().rows().size(); index++) {
      while (unscored.contains(number)) {
        number++;
      }
      if (shown.containsKey(index)) {
        byNumber.put(number, shown.get(index));
      }
      number++;
    }
    data.forEach(byNumber::containsKey, (row, its) -> addTexts(byNumber.get(its), row));
  }

  private void addTexts(Map<String, Object> json, BenchmarkRow row) {
    Optional<List<String>> answers = row.texts();
    List<Message> prompt = row.prompt();
    long size =
        answers.stream().flatMap(List::stream).mapToLong(String::length).sum()
            + prompt.stream().mapToLong(turn -> String.valueOf(turn.content()).length()).sum();
    if (answers.isEmpty() || characters + size > MOST_CHARACTERS) {
      return;
    }
    characters += size;
    json.put("answers", answers.get());
    json.put("prompt", turns(prompt));
  }

  private static List<Map<String, String>> turns(List<Message> messages) {
    List<Map<String, String>> turns = new ArrayList<>();
    for (Message message : messages) {
      turns.add(Map.of("role", message.role(), "content", String.valueOf(message.content())));
    }
    return turns;
  }
}
