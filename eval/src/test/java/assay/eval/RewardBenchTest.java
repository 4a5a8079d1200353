package assay.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.tensor.InvalidInputException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class RewardBenchTest {
  private static final JsonNode PUBLISHED = Fixtures.json("published/rewardbench-v1.json");

  private static List<String> subsetNames() {
    return RewardBench.SECTIONS.stream()
        .flatMap(section -> section.subsets().stream())
        .map(RewardBench.Subset::name)
        .toList();
  }

  @Test
  void publishedSectionScoresFollowFromPublishedCounts() {
    JsonNode models = PUBLISHED.get("models");
    assertEquals(2, models.size());
    for (JsonNode model : models.values()) {
      Map<String, Double> accuracies = new LinkedHashMap<>();
      for (String subset : subsetNames()) {
        double correct = model.get("correct").get(subset).doubleValue();
        accuracies.put(subset, correct / model.get("total").get(subset).doubleValue());
      }
      assertEquals(23, accuracies.size());
      RewardBench.Result result = RewardBench.Result.of(accuracies);
      Map<String, Double> expected = Fixtures.map(model.get("sections"));
      assertEquals(4, expected.size());
      expected.forEach(
          (section, score) -> assertEquals(score, result.sections().get(section), 1e-12));
    }
  }

  /** One subset a section, so that its accuracy is the section's score. */
  private static RewardBench.Result ofSections(JsonNode row, Double priorSets) {
    Map<String, Double> accuracies = new LinkedHashMap<>();
    for (RewardBench.Section section : RewardBench.SECTIONS) {
      String subset = section.subsets().getFirst().name();
      accuracies.put(subset, row.get(section.name()).doubleValue());
    }
    if (priorSets != null) {
      accuracies.put("shp", priorSets);
    }
    return RewardBench.Result.of(accuracies);
  }

  @Test
  void publishedLeaderboardScoresFollowFromPublishedSections() {
    for (JsonNode row : PUBLISHED.get("leaderboard").values()) {
      JsonNode prior = row.get("Prior Sets (0.5 weight)");
      RewardBench.Result result = ofSections(row, prior == null ? null : prior.doubleValue());
      double score = prior == null ? result.overall() : result.overallWithPrior();
      // Sections and scores are printed with one digit.
      assertEquals(row.get("Score").doubleValue(), score, 0.1, row.toString());
    }
  }

  @Test
  void mathCountsAsMuchAsAllCode() {
    Map<String, Double> accuracies = new LinkedHashMap<>();
    subsetNames().forEach(subset -> accuracies.put(subset, 0.0));
    accuracies.put("math-prm", 1.0);
    assertEquals(0.5, RewardBench.Result.of(accuracies).sections().get("Reasoning"), 1e-15);
  }

  @Property
  void sectionsLieBetweenTheirSubsets(
      @ForAll @Size(23) List<@DoubleRange(min = 0, max = 1) Double> values) {
    Map<String, Double> accuracies = new LinkedHashMap<>();
    List<String> names = subsetNames();
    for (int i = 0; i < names.size(); i++) {
      accuracies.put(names.get(i), values.get(i));
    }
    RewardBench.Result result = RewardBench.Result.of(accuracies);
    for (RewardBench.Section section : RewardBench.SECTIONS) {
      double[] its =
          section.subsets().stream().mapToDouble(s -> accuracies.get(s.name())).sorted().toArray();
      double score = result.sections().get(section.name());
      assertTrue(its[0] - 1e-15 <= score && score <= its[its.length - 1] + 1e-15);
    }
  }

  @Test
  void whatIsMissingIsNullAndNamed() {
    RewardBench.Result result =
        RewardBench.Result.of(Map.of("llmbar-natural", 0.5, "shp", 0.75, "pku_safer", 1.0));
    assertEquals(0.5, result.sections().get("Chat Hard"));
    assertNull(result.sections().get("Chat"));
    assertEquals(0.75, result.priorSets());
    assertNull(result.overall());
    assertNull(result.overallWithPrior());
    assertTrue(result.subsets().containsKey("hep-go"));
    assertNull(result.subsets().get("hep-go"));
    assertEquals(1.0, result.subsets().get("pku_safer"));
    assertEquals(
        List.of(
            "Chat",
            "mt-bench-hard",
            "llmbar-adver-neighbor",
            "llmbar-adver-GPTInst",
            "llmbar-adver-GPTOut",
            "llmbar-adver-manual",
            "Safety",
            "Reasoning",
            "anthropic_helpful",
            "anthropic_hhh",
            "summarize"),
        result.partial());
  }

  @Test
  void withoutPriorSetsTheOverallScoreIsTheMeanOfTheSections() {
    Map<String, Double> accuracies = new LinkedHashMap<>();
    subsetNames().forEach(subset -> accuracies.put(subset, 0.8));
    RewardBench.Result result = RewardBench.Result.of(accuracies);
    assertEquals(0.8, result.overall(), 1e-15);
    assertNull(result.overallWithPrior());
    assertEquals(List.of("prior_sets"), result.partial());
  }

  @Test
  void misspeltSubsetIsAnErrorWithTheRightName() {
    RewardBench benchmark = new RewardBench(TieRule.LOSE);
    String misspelt = "{'id':'a','subset':'hep-pyton','score_chosen':1,'score_rejected':0}";
    Exception e =
        assertThrows(InvalidInputException.class, () -> benchmark.read(Fixtures.row(misspelt)));
    assertEquals(
        "scores.jsonl:17: subset: unknown name 'hep-pyton'; did you mean 'hep-python'?",
        e.getMessage());
  }
}
