package assay.rm.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.rm.recipe.Recipe;
import assay.tensor.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Pairs that come without a label, and those that an augmentation makes, on their way into a run.
 */
class UnlabelledPairsTest {
  @TempDir private Path folder;

  /** Believes in numbers: an answer "0.3" is better than "0.1" with the probability 0.5 + 0.2. */
  private static final PairLabeller BY_NUMBER =
      rows ->
          rows.stream()
              .mapToDouble(row -> 0.5 + number(row.items().get(0)) - number(row.items().get(1)))
              .toArray();

  private static double number(ScoreItem item) {
    return Double.parseDouble(((ScoreItem.Conversation) item).turns().getLast().content());
  }

  private Path file(String name, String... lines) throws IOException {
    return Files.writeString(folder.resolve(name), String.join("\n", lines) + "\n");
  }

  private static String pair(String prompt, String first, String second) {
    return "{\"prompt\":\"%s\",\"chosen\":\"%s\",\"rejected\":\"%s\"}"
        .formatted(prompt, first, second);
  }

  private static String responses(String prompt, String first, String second) {
    return "{\"prompt\":\"%s\",\"responses\":[\"%s\",\"%s\"]}".formatted(prompt, first, second);
  }

  private PairData load(Optional<PairLabeller> labeller, String dataKeys) {
    Recipe recipe =
        Recipe.parse(
            "recipe.yaml",
            "{model: m, output: o, data: {max_length: 8, %s}}".formatted(dataKeys),
            List.of());
    return PairData.load(
        recipe,
        PairReader.conversations(Optional.of(new WordEncoder())),
        Fixtures.VOCABULARY,
        labeller);
  }

  private PairData loadUnlabelled(String keys, String... lines) throws IOException {
    Path train = file("train.jsonl", pair("a", "0.9", "0.1"), pair("b", "0.9", "0.1"));
    Path unlabelled = file("unlabelled.jsonl", lines);
    return load(
        Optional.of(BY_NUMBER),
        "train: ['%s'], unlabelled: ['%s'], pseudo_labels: {model: m, %s}"
            .formatted(train, unlabelled, keys));
  }

  private static Set<Long> prompts(List<PreferencePair> pairs) {
    Set<Long> prompts = new HashSet<>();
    pairs.forEach(pair -> prompts.add(pair.promptHash()));
    return prompts;
  }

  @Test
  void theAnswerThatTheLabellerPrefersComesFirstWhateverTheOrderInTheRow() throws IOException {
    PairData data =
        loadUnlabelled(
            "confidence: 0.6",
            pair("c", "0.1", "0.9"),
            pair("c", "0.9", "0.1"),
            responses("c", "0.1", "0.9"),
            responses("c", "0.9", "0.1"));
    assertEquals(6, data.train().size());
    assertTrue(data.isLabelled());
    for (PreferencePair pair : data.train().subList(2, 6)) {
      assertArrayEquals(data.train().get(2).chosenIds(), pair.chosenIds());
      assertArrayEquals(data.train().get(2).rejectedIds(), pair.rejectedIds());
      // The words 0.9 and 0.1 are those of the first labelled pair.
      assertEquals(data.train().get(0).chosenIds()[4 - 1], pair.chosenIds()[4 - 1]);
      assertEquals(1, pair.target());
    }
  }

  @Test
  void aPairIsKeptOnlyAboveTheConfidenceAndATieNever() throws IOException {
    PairData data =
        loadUnlabelled(
            "confidence: 0.75",
            pair("c", "0.25", "0"),
            pair("d", "0", "0.25"),
            pair("e", "0.26", "0"),
            pair("f", "0", "0.26"));
    assertEquals(4, data.train().size());
    FileReport report = data.report().unlabelled().getFirst();
    assertEquals(List.of(1L, 2L), report.dropped().get(DropReason.NOT_CONFIDENT).firstLines());
    assertEquals(2, report.used());

    FileReport ties =
        loadUnlabelled("confidence: 0.5", pair("c", "0.30", "0.3"), pair("d", "0.31", "0.3"))
            .report()
            .unlabelled()
            .getFirst();
    assertEquals(List.of(1L), ties.dropped().get(DropReason.NOT_CONFIDENT).firstLines());
  }

  @Test
  void everyRowIsAccountedForAndTheOrdinaryFiltersHold() throws IOException {
    PairData data =
        loadUnlabelled(
            "confidence: 0.8",
            pair("c", "", "0.9"),
            pair("c", "0.5", "0.5"),
            pair("c c c c c c c c", "0.1", "0.9"),
            responses("d", "0.1", "0.9"),
            responses("e", "0.4", "0.5"),
            responses("f", "0.1", "NaN"));
    JsonNode json = Json.MAPPER.readTree(data.report().toJson()).path("unlabelled");
    assertEquals(6, json.path("read").asInt());
    assertEquals(1, json.path("used").asInt());
    assertEquals(
        "{\"empty_content\":1,\"same_text\":1,\"too_long\":1,\"not_judged\":1,\"not_confident\":1}",
        json.path("dropped").toString());
    String table = data.report().toTable();
    assertTrue(table.contains("unlabelled.jsonl: rows 6, used 1, dropped 5"), table);
    assertTrue(table.contains("1 the labelling model is not confident enough"), table);
    assertTrue(table.contains("pairs to train on 3, to evaluate on 0"), table);
  }

  @Test
  void promptsToEvaluateOnAreLeftOutAndNoPseudoLabelIsEvaluatedOn() throws IOException {
    List<String> lines = new ArrayList<>();
    List<String> unlabelled = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      lines.add(pair("p" + i, "0.9", "0.1"));
      unlabelled.add(responses("p" + i, "0.2", "0.8"));
    }
    Path train = file("train.jsonl", lines.toArray(String[]::new));
    Path more = file("more.jsonl", unlabelled.toArray(String[]::new));
    Path eval = file("eval.jsonl", pair("p3", "0.9", "0.1"), pair("p4", "0.9", "0.1"));
    String keys =
        "train: ['%s'], unlabelled: ['%s'], pseudo_labels: {model: m}, ".formatted(train, more);
    for (String split : List.of("eval_fraction: 0.3", "eval: ['" + eval + "']")) {
      PairData data = load(Optional.of(BY_NUMBER), keys + split);
      int heldOut = data.eval().size();
      assertEquals(split.startsWith("eval:") ? 2 : 6, heldOut);
      assertTrue(data.eval().stream().noneMatch(pair -> pair.file().equals(more.toString())));
      List<PreferencePair> pseudo =
          data.train().stream().filter(pair -> pair.file().equals(more.toString())).toList();
      assertEquals(20 - heldOut, pseudo.size());
      assertTrue(pseudo.stream().noneMatch(p -> prompts(data.eval()).contains(p.promptHash())));
      assertEquals(
          heldOut,
          data.report().unlabelled().getFirst().dropped().get(DropReason.HELD_OUT_PROMPT).count());
    }
  }

  @Test
  void withoutALabellerAllAreKeptToPlanWith() throws IOException {
    Path train = file("train.jsonl", pair("a", "0.9", "0.1"));
    Path more = file("more.jsonl", responses("b", "0.2", "0.2 0"), responses("c", "0.8", "0.1"));
    PairData data =
        load(
            Optional.empty(),
            "train: ['%s'], unlabelled: ['%s'], pseudo_labels: {model: m}".formatted(train, more));
    assertEquals(3, data.train().size());
    assertFalse(data.isLabelled());
  }

  private void refuses(String message, String line) {
    InvalidInputException error =
        assertThrows(InvalidInputException.class, () -> loadUnlabelled("confidence: 0.8", line));
    assertTrue(error.getMessage().endsWith("unlabelled.jsonl:1: " + message), error.getMessage());
  }

  @Test
  void rowsThatAreNotTwoTextsAreErrorsWithTheirPlace() {
    refuses(
        "responses: expected two responses, found 3",
        "{\"prompt\":\"c\",\"responses\":[\"1\",\"2\",\"3\"]}");
    refuses(
        "responses: expected two responses, found text", "{\"prompt\":\"c\",\"responses\":\"1\"}");
    refuses(
        "expected prompt and responses, or chosen and rejected, as texts or turns; found prompt,"
            + " response",
        "{\"prompt\":\"c\",\"response\":\"1\"}");
    refuses(
        "unlabelled pairs are texts, since the labelling model may have other tokens",
        "{\"chosen_ids\":[1],\"rejected_ids\":[2],\"chosen\":\"x\",\"rejected\":\"y\"}");
  }

  @Test
  void augmentedPairsAreMadeOfTrainingPairsAloneAndCounted() throws IOException {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      lines.add(pair("p" + i, "good" + i, "bad" + i));
    }
    Path train = file("train.jsonl", lines.toArray(String[]::new));
    String keys = "train: ['%s'], eval_fraction: 0.3".formatted(train);
    PairData plain = load(Optional.empty(), keys);
    PairData data = load(Optional.empty(), keys + ", augmentation: rrm, augmentation_ratio: 14");
    assertEquals(6, data.eval().size());
    assertEquals(14 * 15, data.train().size());
    assertEquals(prompts(plain.train()), prompts(data.train()));
    assertEquals(14 * 6, data.train().stream().filter(PreferencePair::isNeutral).count());
    assertTrue(data.eval().stream().noneMatch(PreferencePair::isNeutral));
    Set<Integer> heldOutAnswers = new HashSet<>();
    data.eval().forEach(pair -> heldOutAnswers.add(pair.chosenIds()[pair.chosenIds().length - 1]));
    for (PreferencePair pair : data.train()) {
      assertFalse(heldOutAnswers.contains(pair.chosenIds()[pair.chosenIds().length - 1]));
      assertFalse(heldOutAnswers.contains(pair.rejectedIds()[pair.rejectedIds().length - 1]));
    }
    JsonNode json = Json.MAPPER.readTree(data.report().toJson()).path("augmented");
    assertEquals(
        "{\"read\":196,\"used\":196,\"dropped\":{},\"neutral_pairs\":84}", json.toString());
    String table = data.report().toTable();
    assertTrue(table.contains("neutral pairs, of which neither answer is better: 84"), table);
  }

  @Test
  void tokenIdsCannotBeAugmentedNorComparedWithUnlabelledTexts() throws IOException {
    Path ids = file("ids.jsonl", "{\"chosen_ids\":[1],\"rejected_ids\":[2]}");
    Path texts = file("texts.jsonl", pair("a", "0.9", "0.1"));
    String unlabelled = ", unlabelled: ['%s'], pseudo_labels: {model: m}".formatted(texts);
    for (String keys :
        List.of(
            "train: ['%s'], augmentation: rrm".formatted(ids),
            "train: ['%s']%s".formatted(ids, unlabelled),
            "train: ['%s'], eval: ['%s']%s".formatted(texts, ids, unlabelled))) {
      InvalidInputException error =
          assertThrows(InvalidInputException.class, () -> load(Optional.of(BY_NUMBER), keys));
      assertTrue(
          error.getMessage().contains("ids.jsonl:1: data.augmentation takes answers apart"),
          error.getMessage());
    }
  }
}
