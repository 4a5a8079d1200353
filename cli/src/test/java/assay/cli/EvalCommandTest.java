package assay.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class EvalCommandTest {
  private static final Path RESOURCES = Path.of(System.getProperty("assay.test-resources"));
  private static final String MODEL = RESOURCES + "/golden/trl-stories260k/model";
  private static final String PAIRS = RESOURCES + "/rewardbench/pairs.jsonl";

  @TempDir private Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... arguments) {
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    return Main.run(new PrintWriter(out), new PrintWriter(err), arguments);
  }

  private String file(String name, String... lines) throws IOException {
    return Files.writeString(folder.resolve(name), String.join("\n", lines)).toString();
  }

  private static JsonNode json(String text) {
    return JsonMapper.shared().readTree(text);
  }

  private int evaluate(String benchmark, String data, String output) {
    return run(
        "eval", "--model", MODEL, "--benchmark", benchmark, "--data", data, "--output", output);
  }

  @Test
  void aModelIsEvaluatedAndItsScoreFileGivesTheSameResult() throws IOException {
    Path output = folder.resolve("out");
    assertEquals(0, evaluate("rewardbench", PAIRS, "" + output), err.toString());
    String table = out.toString();
    assertTrue(table.contains("rewardbench: 16 rows scored by trl-stories260k/model"), table);
    assertTrue(table.contains("Chat Hard"), table);
    assertTrue(table.contains("longer markdown  first"), table);
    assertTrue(table.contains("PARTIAL: there are no rows of Chat, mt-bench-hard, "), table);
    assertTrue(table.contains("Spearman's correlation of score and length"), table);
    JsonNode result = json(Files.readString(output.resolve("result.json")));
    assertTrue(result.get("overall").isNull());
    assertEquals(64, result.get("model").stringValue().length());
    assertEquals(64, result.get("data").get(PAIRS).stringValue().length());
    assertEquals("trl-stories260k/model", result.get("read").get("name").stringValue());
    assertTrue(Files.exists(output.resolve("eval-set/trl-stories260k/model.json")));
    assertTrue(Files.exists(output.resolve("eval-set-scores/trl-stories260k/model.json")));
    String scores = output.resolve("scores.jsonl").toString();
    assertEquals(0, run("eval", "--scores", scores, "--benchmark", "rewardbench", "--output", "-"));
    JsonNode again = json(out.toString());
    assertEquals(result.get("subsets"), again.get("subsets"));
    assertEquals(result.get("statistics"), again.get("statistics"));
    assertTrue(again.get("model").isNull());
    assertEquals(0, again.get("baselines").size());
    assertTrue(Files.exists(output.resolve("report.html")));
    String[] withData = {
      "eval", "--scores", scores, "--benchmark", "rewardbench", "--data", PAIRS, "--output", "-"
    };
    assertEquals(0, run(withData));
    assertEquals(result.get("baselines"), json(out.toString()).get("baselines"));
    assertEquals(result.get("length_correlation"), json(out.toString()).get("length_correlation"));
  }

  @Test
  void scoresOfOtherRowsThanTheDatasAreRefused() throws IOException {
    String scores =
        file(
            "scores.jsonl",
            "{\"id\":\"x\",\"subset\":\"hep-go\",\"score_chosen\":1,\"score_rejected\":0}");
    assertEquals(2, run("eval", "--scores", scores, "--benchmark", "rewardbench", "--data", PAIRS));
    assertTrue(err.toString().contains("pairs.jsonl:1: this row meets"), err.toString());
  }

  @Test
  void aModelAgainstItselfIsNeitherBetterNorWorse() {
    Path output = folder.resolve("out");
    assertEquals(0, evaluate("rewardbench", PAIRS, "" + output), err.toString());
    String scores = output.resolve("scores.jsonl").toString();
    assertEquals(
        0, run("eval", "--scores", scores, "--benchmark", "rewardbench", "--compare", scores));
    assertTrue(out.toString().contains("better on 0 rows, worse on 0, sign test p = 1"), "" + out);
  }

  @Test
  void theOtherBenchmarksReadTheirOwnRows() throws IOException {
    String second =
        file(
            "rb2.jsonl",
            "{\"id\":\"1\",\"subset\":\"Math\",\"prompt\":\"2+2?\",\"chosen\":[\"4\"],"
                + "\"rejected\":[\"5\",\"3\",\"22\"],\"num_correct\":1}",
            "{\"id\":\"tied:0\",\"subset\":\"Ties\",\"prompt\":\"A colour?\","
                + "\"chosen\":[\"Red\",\"Blue\"],\"rejected\":[\"Seven\"],\"num_correct\":2}");
    assertEquals(0, evaluate("rewardbench2", second, "-"), err.toString());
    assertTrue(json(out.toString()).get("subsets").get("Math").isNumber());
    String styles =
        file(
            "rm.json",
            "[{\"id\":\"1\",\"domain\":\"safety-refuse\",\"prompt\":\"p\",",
            "\"chosen\":[\"a\",\"b\",\"c\"],\"rejected\":[\"d\",\"e\",\"f\"]}]");
    assertEquals(0, evaluate("rm-bench", styles, "-"), err.toString());
    assertTrue(json(out.toString()).get("domains").get("safety").get("hard").isNumber());
    assertEquals(
        0,
        run("eval", "--model", MODEL, "--benchmark", "pairs", "--data", PAIRS, "--by", "subset"));
    assertTrue(out.toString().contains("hep-js/accuracy"), out.toString());
  }

  @Test
  void tokenIdsHaveNoBaselines() throws IOException {
    String ids =
        file("ids.jsonl", "{\"chosen_ids\": [1, 40, 9], \"rejected_ids\": [1, 40, 9, 6, 20]}");
    assertEquals(0, evaluate("pairs", ids, "-"), err.toString());
    assertEquals(0, json(out.toString()).get("baselines").size());
  }

  @Test
  void badInputIsOneMessageAndNoFile() throws IOException {
    String data =
        file(
            "bad.jsonl",
            "{\"prompt\":\"p\",\"chosen\":\"c\",\"rejected\":\"r\",\"subset\":\"hep-go\"}",
            "{\"prompt\":\"p\",\"chosen\":\"c\",\"rejected\":\"r\",\"subset\":\"hep-goo\"}");
    Path output = folder.resolve("out");
    assertEquals(2, evaluate("rewardbench", data, "" + output));
    assertTrue(err.toString().contains("bad.jsonl:2: subset: unknown name 'hep-goo'"), "" + err);
    assertFalse(Files.exists(output));
    assertEquals(2, evaluate("rewardbnech", PAIRS, "" + output));
    assertTrue(err.toString().contains("did you mean rewardbench"), err.toString());
    assertEquals(2, run("eval", "--scores", "s", "--benchmark", "rewardbench2", "--ties", "half"));
    assertTrue(err.toString().contains("--ties: rewardbench2 has a rule"), err.toString());
    assertEquals(2, run("eval", "--benchmark", "rewardbench"));
    assertTrue(err.toString().contains("either --scores FILE, or --model DIR"), err.toString());
  }

  @Test
  void aLanguageModelJudgesABenchmark() throws IOException {
    String prompt =
        file(
            "prompt.yaml",
            "kind: choice",
            "user: '{question} {answers}'",
            "answer: '{letter} {answer}'",
            "verdict: '[[{verdict}]]'");
    Path output = folder.resolve("judged");
    String[] judge = {
      "eval",
      "--judge",
      "--model",
      RESOURCES + "/models/stories260K",
      "--mode",
      "logits",
      "--prompt",
      prompt,
      "--benchmark",
      "rewardbench",
      "--data",
      PAIRS,
      "--output",
      "" + output
    };
    int code = run(judge);
    assertTrue(code <= 1, err.toString()); // some questions may be longer than it reads
    assertTrue(out.toString().contains("The judge's verdicts: the same in both orders"), "" + out);
    JsonNode result = json(Files.readString(output.resolve("result.json")));
    assertTrue(result.get("judge").get("comparisons").asInt() > 0, result.toString());
    assertTrue(
        result.get("read").get("judge").stringValue().startsWith("logits, seed 42, prompts"));
    JsonNode row = json(Files.readAllLines(output.resolve("scores.jsonl")).getFirst());
    assertEquals(2, row.get("judge").get("verdicts").size());
    String first = out.toString();
    assertEquals(code, run(judge)); // all rows are there: nothing is judged again
    assertEquals(first, out.toString());
    judge[5] = "generate";
    assertEquals(2, run(judge));
    assertTrue(err.toString().contains("judge: the evaluation in this folder is of"), "" + err);
  }

  @Test
  void whatIsForAJudgeNeedsOne() {
    String[] mode = {
      "eval", "--model", MODEL, "--benchmark", "pairs", "--data", PAIRS, "--mode", "logits"
    };
    assertEquals(2, run(mode));
    assertTrue(err.toString().contains("needs --judge"), err.toString());
    String[] cut = {
      "eval",
      "--judge",
      "--model",
      MODEL,
      "--benchmark",
      "pairs",
      "--data",
      PAIRS,
      "--too-long",
      "drop"
    };
    assertEquals(2, run(cut));
    assertTrue(err.toString().contains("--too-long: a judge's questions are not cut"), "" + err);
  }
}
