package assay.eval.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.eval.Benchmark;
import assay.eval.Evaluation;
import assay.eval.EvaluationData;
import assay.eval.RewardBench;
import assay.eval.RmBench;
import assay.eval.ScoreFile;
import assay.eval.ScoredRow;
import assay.eval.TieRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** Pages in a real browser; where there is none, the tests say so and are skipped. */
class EvaluationReportTest {
  private static final String MARKUP =
      "</script><script>window.reached = 1</script><img src=x onerror=\"window.reached = 2\"> {{data}}";
  private static final int NUM_ROWS = 60;

  @TempDir private static Path profile;
  @TempDir private Path folder;

  private static Chromium browser;

  @BeforeAll
  static void start() throws IOException, InterruptedException {
    Optional<Path> executable = Chromium.find();
    Assumptions.assumeTrue(executable.isPresent(), "there is no Chromium to open pages in");
    browser = Chromium.start(executable.get(), profile);
  }

  @AfterAll
  static void close() {
    if (browser != null) {
      browser.close();
    }
  }

  private Path lines(String name, List<Map<String, Object>> rows) throws IOException {
    List<String> lines = rows.stream().map(JsonMapper.shared()::writeValueAsString).toList();
    return Files.write(folder.resolve(name), lines);
  }

  private <R extends ScoredRow> void openReport(
      Benchmark<R> benchmark, Path data, Path scores, Path other) {
    EvaluationData<R> rows = EvaluationData.check(benchmark, List.of(data.toString()));
    Evaluation<R> evaluation =
        Evaluation.ofScores(
            benchmark,
            scores,
            Optional.of(rows),
            Optional.of(ScoreFile.readAll(benchmark, List.of(other))));
    EvaluationReport.write(folder, evaluation, scores, Optional.of(rows));
    browser.open(folder.resolve(EvaluationReport.NAME));
  }

  /** Pairs of which every third is wrong, by another model every fifth. */
  private void openPairs() throws IOException {
    List<Map<String, Object>> data = new ArrayList<>();
    List<Map<String, Object>> scores = new ArrayList<>();
    List<Map<String, Object>> others = new ArrayList<>();
    for (int i = 0; i < NUM_ROWS; i++) {
      String subset = i % 2 == 0 ? "hep-go" : "llmbar-natural";
      data.add(
          Map.of(
              "id",
              "row-" + i,
              "subset",
              subset,
              "prompt",
              "question " + i,
              "chosen",
              i == 0 ? MARKUP : "good",
              "rejected",
              "bad ".repeat(i + 1)));
      scores.add(
          Map.of(
              "id",
              "row-" + i,
              "subset",
              subset,
              "score_chosen",
              i % 3 == 0 ? -1 - 0.01 * i : 1 + 0.01 * i,
              "score_rejected",
              0,
              "read_tokens",
              List.of("<|end|>", "<|end|>"),
              "objectives",
              List.of(Map.of("truth", 0.5), Map.of("truth", 0.1)),
              "gating",
              List.of(Map.of("truth", 1.0), Map.of("truth", 1.0)),
              "judge",
              Map.of(
                  "verdicts",
                  List.of("chosen", "rejected"),
                  "consistent",
                  false,
                  "replies",
                  List.of("[[A]]", "[[A]] " + MARKUP))));
      others.add(
          Map.of(
              "id",
              "row-" + i,
              "subset",
              subset,
              "score_chosen",
              i % 5 == 0 ? -1 : 1,
              "score_rejected",
              0));
    }
    openReport(
        new RewardBench(TieRule.LOSE),
        lines("data.jsonl", data),
        lines("scores.jsonl", scores),
        lines("others.jsonl", others));
  }

  private static int number(String expression) {
    return browser.evaluate(expression).intValue();
  }

  private static String text(String expression) {
    return browser.evaluate(expression).stringValue();
  }

  private static String rowsFound() {
    return text("document.getElementById('number').textContent");
  }

  /** As a hand would choose or type. */
  private static void set(String id, String value, String event) {
    browser.evaluate(
        "{ const field = document.getElementById('%s'); field.value = '%s';".formatted(id, value)
            + " field.dispatchEvent(new Event('%s')); }".formatted(event));
  }

  @Test
  void everythingIsDrawnWithoutNetworkOrComplaint() throws IOException {
    openPairs();
    assertEquals(
        "Scores, Margins, Calibration, Reward and length, The judge, Against the other scores,"
            + " Rows, What was measured",
        text("[...document.querySelectorAll('h2')].map(title => title.textContent).join(', ')"));
    assertEquals(3, number("document.querySelectorAll('svg').length"));
    assertEquals(
        NUM_ROWS,
        number(
            "[...document.querySelectorAll('rect')].reduce((sum, bar) =>"
                + " sum + parseInt(bar.textContent.split(': ')[1]), 0)"));
    assertEquals(4, number("document.querySelectorAll('.fill').length"));
    assertTrue(browser.requests().stream().allMatch(url -> url.startsWith("file:")));
    assertEquals(List.of(), browser.complaints());
  }

  @Test
  void rowsAreWorstFirstAndCanBeFiltered() throws IOException {
    openPairs();
    assertEquals("20 rows", rowsFound());
    assertTrue(text("document.querySelector('summary').textContent").contains("row-57"));
    set("kind", "all", "change");
    assertEquals(NUM_ROWS + " rows", rowsFound());
    assertEquals(25, number("document.querySelectorAll('#rows summary').length"));
    browser.evaluate("document.querySelector('#rows button').click()");
    assertEquals(50, number("document.querySelectorAll('#rows summary').length"));
    set("group", "hep-go", "change");
    assertEquals("30 rows", rowsFound());
    set("kind", "apart", "change");
    assertEquals("12 rows", rowsFound()); // of 0, 2, ... 58 those that 3 or 5 divides, not both
    set("search", "QUESTION 10", "input");
    assertEquals("1 rows", rowsFound());
    assertEquals(List.of(), browser.complaints());
  }

  @Test
  void textOfDataStaysText() throws IOException {
    openPairs();
    set("search", "row-0", "input");
    browser.evaluate("document.querySelector('#rows summary').click()");
    browser.evaluate("new Promise(done => setTimeout(done))"); // "toggle" comes a task later
    String row = text("document.querySelector('#rows details').innerText");
    assertTrue(row.contains(MARKUP), row);
    assertTrue(row.contains("read at <|end|>"), row);
    assertTrue(row.contains("the other model's -1"), row);
    assertTrue(
        text("document.querySelector('#rows details table').textContent").contains("truth"), row);
    assertTrue(row.contains("answers as given: chosen; answers reversed: rejected"), row);
    String all = text("document.querySelector('#rows details').textContent");
    assertTrue(all.contains("[[A]] " + MARKUP), all);
    assertTrue(text("document.body.textContent").contains("same verdict in both orders0 of 60"));
    assertEquals("undefined", text("typeof window.reached"));
    assertEquals(0, number("document.images.length"));
    assertEquals(List.of(), browser.complaints());
  }

  @Test
  void aNarrowScreenShowsAllAndADarkOneIsDark() throws IOException {
    openPairs();
    browser.show(1200, "light");
    String light = text("getComputedStyle(document.body).backgroundColor");
    for (int width : new int[] {1200, 360}) {
      browser.show(width, "dark");
      assertTrue(
          browser
              .evaluate(
                  "document.documentElement.scrollWidth <= document.documentElement.clientWidth")
              .booleanValue());
    }
    assertNotEquals(light, text("getComputedStyle(document.body).backgroundColor"));
    assertEquals(List.of(), browser.complaints());
  }

  @Test
  void rmBenchHasAMatrixOfStyles() throws IOException {
    List<String> three = List.of("a", "b", "c");
    Path data =
        lines(
            "data.jsonl",
            List.of(
                Map.of(
                    "id",
                    "1",
                    "domain",
                    "math",
                    "prompt",
                    "p",
                    "chosen",
                    three,
                    "rejected",
                    List.of("d", "e", "f"))));
    Path scores =
        lines(
            "scores.jsonl",
            List.of(
                Map.of(
                    "id",
                    "1",
                    "domain",
                    "math",
                    "score_chosen",
                    List.of(1, 2, 3),
                    "score_rejected",
                    List.of(0.5, 1.5, 2.5))));
    openReport(new RmBench(TieRule.LOSE), data, scores, scores);
    assertEquals(
        "concise1.0000.0000.000, detailed1.0001.0000.000, markdown1.0001.0001.000",
        text(
            "[...document.querySelectorAll('.charts tbody tr')].map(row => row.textContent).join(', ')"));
    assertEquals(List.of(), browser.complaints());
  }
}
