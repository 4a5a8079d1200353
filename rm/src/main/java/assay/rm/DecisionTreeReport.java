package assay.rm;

import assay.rm.DecisionTreeTask.Attributes;
import assay.rm.data.PreferencePair;
import assay.rm.tree.DecisionTree;
import assay.rm.tree.DepthChoice;
import assay.rm.tree.PairDifferences;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleBiFunction;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a fitted tree is worth, beside what can be had without one: the content of {@code
 * decision_tree.json}.
 *
 * @param choice how its depth was chosen; empty if the recipe gave it
 * @param training how it judges the pairs it was fitted to
 * @param heldOut the tree, then each attribute by itself, their weighted sum, and the longer answer
 *     on held-out pairs; none without these
 */
record DecisionTreeReport(
    DecisionTree tree, Optional<DepthChoice> choice, Accuracy training, List<Accuracy> heldOut) {
  /** The file's name in a run's folder. */
  static final String FILE = "decision_tree.json";

  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  /**
   * How often something finds the better answer.
   *
   * @param ties pairs of which it says nothing. As everywhere they count as wrong; but a tree has
   *     whole leaves of them where an attribute has none, so they are counted half beside that
   */
  record Accuracy(String of, int pairs, int correct, int ties) {
    double strict() {
      return (double) correct / pairs;
    }

    double tiesHalf() {
      return (correct + 0.5 * ties) / pairs;
    }

    /** Of the mean of {@code pairs} numbers that are 0, 0.5 or 1. */
    double standardError() {
      double squares = (correct + 0.25 * ties) / pairs;
      return Math.sqrt(Math.max(0, squares - tiesHalf() * tiesHalf()) / pairs);
    }
  }

  static DecisionTreeReport of(
      DecisionTreeReward method,
      Optional<DepthChoice> choice,
      Attributes train,
      Optional<Attributes> heldOut) {
    DecisionTree tree = method.tree().orElseThrow();
    return new DecisionTreeReport(
        tree,
        choice,
        ofTree(tree, train),
        heldOut.map(pairs -> compare(tree, pairs)).orElse(List.of()));
  }

  private static Accuracy ofTree(DecisionTree tree, Attributes pairs) {
    return count(
        "the tree",
        pairs,
        (chosen, rejected) ->
            PairDifferences.preference(
                    tree,
                    PairDifferences.difference(
                        DecisionTreeReward.attributes(chosen),
                        DecisionTreeReward.attributes(rejected)))
                - 0.5);
  }

  private static List<Accuracy> compare(DecisionTree tree, Attributes pairs) {
    List<Accuracy> all = new ArrayList<>();
    all.add(ofTree(tree, pairs));
    for (int k = 0; k < tree.features().size(); k++) {
      int column = 1 + k;
      all.add(
          count(tree.features().get(k), pairs, (chosen, worse) -> chosen[column] - worse[column]));
    }
    all.add(count("their weighted sum", pairs, (chosen, worse) -> chosen[0] - worse[0]));
    int longer = 0;
    int ties = 0;
    for (PreferencePair pair : pairs.pairs()) {
      longer += pair.chosenIsLonger() ? 1 : 0;
      ties += pair.chosenLength() == pair.rejectedLength() ? 1 : 0;
    }
    all.add(new Accuracy("the longer answer", pairs.pairs().size(), longer, ties));
    return all;
  }

  /**
   * @param lead positive where the chosen answer is found the better one
   */
  private static Accuracy count(
      String what, Attributes pairs, ToDoubleBiFunction<double[], double[]> lead) {
    int correct = 0;
    int ties = 0;
    for (int i = 0; i < pairs.pairs().size(); i++) {
      double its = lead.applyAsDouble(pairs.chosen()[i], pairs.rejected()[i]);
      correct += its > 0 ? 1 : 0;
      ties += its == 0 ? 1 : 0;
    }
    return new Accuracy(what, pairs.pairs().size(), correct, ties);
  }

  /** For people. */
  String toTable() {
    StringBuilder table = new StringBuilder();
    choice.ifPresent(depths -> addChoice(table, depths));
    line(table, "p: how probably the first of two answers is the better one; first - second:");
    table.append(tree.toText());
    line(table, "");
    String header = "%-28s %6s %9s %6s %10s %8s";
    line(table, header, "finds the better answer", "pairs", "accuracy", "ties", "ties half", "+-");
    addAccuracy(table, training, "in training");
    heldOut.forEach(accuracy -> addAccuracy(table, accuracy, "held out"));
    return table.toString();
  }

  private static void addChoice(StringBuilder table, DepthChoice depths) {
    line(table, "depth  error (1 - p)^2  ties half  cross-validated on the training pairs");
    for (DepthChoice.Tried tried : depths.tried()) {
      String mark = tried.depth() == depths.depth() ? "  <- taken" : "";
      line(table, "%5d  %15.4f  %9.4f%s", tried.depth(), tried.error(), tried.accuracy(), mark);
    }
    line(table, "");
  }

  private static void addAccuracy(StringBuilder table, Accuracy accuracy, String where) {
    line(
        table,
        "%-28s %6d %9.4f %6d %10.4f %8.4f  %s",
        accuracy.of(),
        accuracy.pairs(),
        accuracy.strict(),
        accuracy.ties(),
        accuracy.tiesHalf(),
        accuracy.standardError(),
        where);
  }

  private static void line(StringBuilder table, String format, Object... values) {
    table.append(String.format(Locale.ROOT, format, values)).append(System.lineSeparator());
  }

  void write(Path file) {
    try {
      Files.writeString(file, JSON.writeValueAsString(toJson()) + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be written", e);
    }
  }

  private Map<String, Object> toJson() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("depth", tree.depth());
    json.put("leaves", tree.numLeaves());
    Map<String, Object> importances = new LinkedHashMap<>();
    for (int k = 0; k < tree.features().size(); k++) {
      importances.put(tree.features().get(k), tree.importances()[k]);
    }
    json.put("importances", importances);
    choice.ifPresent(depths -> json.put("cross_validation", depths.tried()));
    json.put("training", toJson(training));
    json.put("held_out", heldOut.stream().map(DecisionTreeReport::toJson).toList());
    return json;
  }

  private static Map<String, Object> toJson(Accuracy accuracy) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("of", accuracy.of());
    json.put("pairs", accuracy.pairs());
    json.put("accuracy", accuracy.strict());
    json.put("ties", accuracy.ties());
    json.put("accuracy_ties_half", accuracy.tiesHalf());
    json.put("standard_error", accuracy.standardError());
    return json;
  }
}
