package assay.rm.tree;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.tensor.InvalidInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Trees against scikit-learn's on real pairs, and what must hold of any. */
class CartTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final List<String> NAMES = List.of("a", "b");

  private static JsonNode golden() throws Exception {
    Path resources = Path.of(System.getProperty("assay.test-resources"));
    return JSON.readTree(
        Files.readString(resources.resolve("golden/decision-tree/decision-tree.json")));
  }

  private static PairDifferences pairs(JsonNode golden) {
    List<String> names = new ArrayList<>();
    golden.path("attributes").forEach(name -> names.add(name.asString()));
    float[][] values = new float[golden.path("chosen").size()][];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          PairDifferences.difference(
              floats(golden.path("chosen").get(i)), floats(golden.path("rejected").get(i)));
    }
    return new PairDifferences(names, values);
  }

  private static float[] floats(JsonNode numbers) {
    float[] values = new float[numbers.size()];
    for (int k = 0; k < values.length; k++) {
      values[k] = (float) numbers.get(k).asDouble();
    }
    return values;
  }

  @Test
  void treesOfRealPairsAreThoseOfScikitLearn() throws Exception {
    JsonNode golden = golden();
    PairDifferences pairs = pairs(golden);
    assertEquals(4, golden.path("trees").size());
    for (JsonNode expected : golden.path("trees")) {
      Cart.Limits limits =
          new Cart.Limits(
              expected.path("max_depth").asInt(), expected.path("min_samples_leaf").asInt());
      DecisionTree tree = pairs.fit(limits);
      assertEquals(expected.path("n_node_samples").size(), compare(expected, 0, tree.root()));
      for (int k = 0; k < pairs.attributes().size(); k++) {
        double importance = expected.path("feature_importances").get(k).asDouble();
        assertEquals(importance, tree.importances()[k], 1e-9);
      }
      JsonNode probabilities = expected.path("probabilities");
      for (int i = 0; i < pairs.size(); i++) {
        float[] difference = pairs.values()[i];
        double first = probabilities.get(2 * i).asDouble();
        double second = probabilities.get(2 * i + 1).asDouble();
        assertEquals(first, tree.probability(difference), 1e-9);
        assertEquals((first + 1 - second) / 2, PairDifferences.preference(tree, difference), 1e-9);
      }
    }
  }

  /** scikit-learn numbers nodes in the order root, left, right; returns the next number. */
  private static int compare(JsonNode expected, int id, DecisionTree.Node node) {
    assertEquals(expected.path("n_node_samples").get(id).asInt(), node.samples(), "node " + id);
    assertEquals(expected.path("impurity").get(id).asDouble(), node.impurity(), 1e-9);
    int left = expected.path("children_left").get(id).asInt();
    if (!(node instanceof DecisionTree.Split split)) {
      assertEquals(-1, left, "node " + id + " is a leaf");
      return id + 1;
    }
    assertEquals(expected.path("feature").get(id).asInt(), split.feature(), "node " + id);
    assertEquals(expected.path("threshold").get(id).asDouble(), split.threshold(), 1e-9);
    assertEquals(id + 1, left);
    int right = compare(expected, left, split.atMost());
    assertEquals(expected.path("children_right").get(id).asInt(), right);
    return compare(expected, right, split.above());
  }

  /** So cross-validation fits once for all depths. */
  @Test
  void aTreeThatIsCutIsTheTreeOfThatDepth() throws Exception {
    PairDifferences pairs = pairs(golden());
    DecisionTree deepest = pairs.fit(new Cart.Limits(6, 10));
    for (int depth = 0; depth <= 6; depth++) {
      assertEquals(pairs.fit(new Cart.Limits(depth, 10)), deepest.cut(depth));
    }
  }

  @Test
  void ofEquallyGoodSplitsTheFirstFeatureAndTheLowestThresholdAreTaken() {
    float[][] rows = {{0, 0}, {1, 1}, {2, 2}};
    boolean[] positive = {true, false, true};
    DecisionTree tree = Cart.fit(NAMES, rows, positive, new Cart.Limits(1, 1));
    DecisionTree.Split root = (DecisionTree.Split) tree.root();
    assertEquals(0, root.feature());
    assertEquals(0.5, root.threshold());
  }

  /** Differences that small are rounding. */
  @Test
  void noThresholdIsPutBetweenValuesThatAreAlmostEqual() {
    float[][] rows = {{0.1f, 0}, {0.1f + 5e-8f, 0}, {0.1f + 1e-6f, 0}};
    boolean[] positive = {false, true, true};
    DecisionTree tree = Cart.fit(NAMES, rows, positive, new Cart.Limits(3, 1));
    assertEquals(2, tree.numLeaves());
    assertEquals(0.5, tree.probability(0.1f, 0));
  }

  @Property(tries = 50)
  void leavesAreLargeEnoughAndHoldAllRows(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 9) int minSamplesLeaf) {
    Random random = new Random(seed);
    float[][] rows = new float[60][];
    boolean[] positive = new boolean[60];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = new float[] {random.nextInt(8), random.nextFloat()};
      positive[i] = random.nextBoolean();
    }
    DecisionTree tree = Cart.fit(NAMES, rows, positive, new Cart.Limits(7, minSamplesLeaf));
    assertEquals(60, tree.root().samples());
    assertTrue(tree.depth() <= 7);
    for (float[] row : rows) {
      assertTrue(tree.leaf(row).samples() >= minSamplesLeaf);
    }
    int positives = (int) IntStream.range(0, 60).filter(i -> positive[i]).count();
    assertEquals(positives, tree.root().positives());
  }

  @Property(tries = 50)
  void aPreferenceIsOneMinusThatOfTheOtherOrder(@ForAll long seed) {
    Random random = new Random(seed);
    float[][] values = new float[40][];
    for (int i = 0; i < values.length; i++) {
      values[i] = new float[] {random.nextFloat() - 0.4f, random.nextFloat() - 0.5f};
    }
    DecisionTree tree = new PairDifferences(NAMES, values).fit(new Cart.Limits(4, 2));
    for (float[] value : values) {
      double p = PairDifferences.preference(tree, value);
      assertEquals(1, p + PairDifferences.preference(tree, PairDifferences.reversed(value)), 1e-15);
    }
    assertEquals(0.5, PairDifferences.preference(tree, 0, 0));
  }

  @Test
  void aTreeIsReadAsItWasWritten() throws Exception {
    PairDifferences pairs = pairs(golden());
    DecisionTree tree = pairs.fit(new Cart.Limits(3, 20));
    String json = JSON.writeValueAsString(TreeJson.of(tree));
    assertEquals(tree, TreeJson.parse(JSON.readTree(json), pairs.attributes(), "tree"));
  }

  @Test
  void whatIsNoTreeIsRefusedWithItsPlace() {
    String unknown = "{\"feature\":\"c\",\"threshold\":1,\"at_most\":{},\"above\":{}}";
    String noLeaf = "{\"feature\":\"a\",\"threshold\":1,\"at_most\":{},\"above\":{}}";
    assertTrue(refusal(unknown).contains("one of a, b"), refusal(unknown));
    assertTrue(refusal(noLeaf).startsWith("tree.at_most: "), refusal(noLeaf));
    assertTrue(refusal("{\"samples\":2,\"positives\":3}").contains("positives"));
  }

  private static String refusal(String json) {
    JsonNode node = JSON.readTree(json);
    return assertThrows(InvalidInputException.class, () -> TreeJson.parse(node, NAMES, "tree"))
        .getMessage();
  }

  /** Brevity decides only where both answers are equally helpful. */
  @Test
  void depthIsChosenByPairsThatATreeHasNotSeen() {
    Random random = new Random(5);
    float[][] values = new float[400][];
    long[] prompts = new long[400];
    for (int i = 0; i < values.length; i++) {
      int moreHelpful = random.nextInt(2);
      int briefer = moreHelpful == 0 ? 1 : random.nextInt(3) - 1;
      values[i] = new float[] {moreHelpful, briefer};
      prompts[i] = i / 2;
    }
    PairDifferences pairs = new PairDifferences(NAMES, values);
    DepthChoice choice = DepthChoice.of(pairs, prompts, 5, 1, new Cart.Limits(6, 5));
    assertEquals(6, choice.tried().size());
    DepthChoice.Tried taken = choice.tried().get(choice.depth() - 1);
    assertTrue(choice.depth() > 1, "one question is not enough");
    assertEquals(1, taken.accuracy(), 1e-9);
    choice.tried().forEach(tried -> assertTrue(tried.error() >= taken.error()));
    assertTrue(pairs.fit(new Cart.Limits(choice.depth(), 5)).toText().contains("|   "));
  }

  @Test
  void fewerPromptsThanPartsAreRefused() {
    PairDifferences pairs = new PairDifferences(NAMES, new float[][] {{1, 2}, {2, 1}});
    InvalidInputException error =
        assertThrows(
            InvalidInputException.class,
            () -> DepthChoice.of(pairs, new long[] {7, 7}, 2, 1, new Cart.Limits(2, 1)));
    assertTrue(error.getMessage().contains("decision_tree.folds"), error.getMessage());
  }

  @Test
  void aPathNamesEachQuestionOnTheWay() {
    DecisionTree tree =
        new DecisionTree(
            NAMES,
            new DecisionTree.Split(
                1, 0.25, new DecisionTree.Leaf(3, 0), new DecisionTree.Leaf(5, 4)));
    assertEquals(List.of("b is 1.000, above 0.2500"), tree.path(0, 1));
    assertEquals(0.8, tree.probability(0, 1));
    assertArrayEquals(new double[] {0, 1}, tree.importances());
  }
}
