package assay.rm.tree;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A binary decision tree that says how probably a row is of class 1, of two classes. At each split
 * it asks whether one feature is at most a threshold; at the leaf where a row ends, the probability
 * is the share of class 1 among the training rows that ended there.
 *
 * @param features their names, in the order of a row's numbers
 */
public record DecisionTree(List<String> features, Node root) {
  public DecisionTree {
    features = List.copyOf(features);
  }

  /** A leaf or a split, and the training rows that came by. */
  public sealed interface Node {
    /** All of them. */
    int samples();

    /** Those of class 1. */
    int positives();

    /** Of class 1. */
    default double probability() {
      return (double) positives() / samples();
    }

    /** Gini's: the probability that two rows drawn from them are of different classes. */
    default double impurity() {
      return gini(samples(), positives());
    }
  }

  /** Where rows end. */
  public record Leaf(int samples, int positives) implements Node {}

  /**
   * Where rows part.
   *
   * @param feature its index
   * @param atMost where rows go whose feature is at most the threshold
   * @param above where the others go
   */
  public record Split(int feature, double threshold, Node atMost, Node above) implements Node {
    @Override
    public int samples() {
      return atMost.samples() + above.samples();
    }

    @Override
    public int positives() {
      return atMost.positives() + above.positives();
    }

    /** By how much it lowers the impurity of the rows that come to it, in the mean. */
    double gain() {
      double below = atMost.samples() * atMost.impurity() + above.samples() * above.impurity();
      return impurity() - below / samples();
    }

    private Node next(float... row) {
      return goesLeft(row) ? atMost : above;
    }

    /** A row is of F32, a threshold of F64. */
    private boolean goesLeft(float... row) {
      return row[feature] <= threshold;
    }
  }

  /** 1 - p^2 - (1 - p)^2 for the share p of positives. */
  static double gini(double samples, double positives) {
    double negatives = samples - positives;
    return 1 - (negatives * negatives + positives * positives) / (samples * samples);
  }

  /** How probably a row {@code [K]} is of class 1. */
  public double probability(float... row) {
    return leaf(row).probability();
  }

  /** Where a row {@code [K]} ends. */
  public Node leaf(float... row) {
    Node node = root;
    while (node instanceof Split split) {
      node = split.next(row);
    }
    return node;
  }

  /** The way of a row {@code [K]} to its leaf in words: a line for each split that it passes. */
  public List<String> path(float... row) {
    List<String> lines = new ArrayList<>();
    Node node = root;
    while (node instanceof Split split) {
      lines.add(
          format(
              "%s is %.4g, %s %.4g",
              features.get(split.feature),
              row[split.feature],
              split.goesLeft(row) ? "at most" : "above",
              split.threshold));
      node = split.next(row);
    }
    return lines;
  }

  /** Splits on the longest way from the root to a leaf. */
  public int depth() {
    return depth(root);
  }

  private static int depth(Node node) {
    return node instanceof Split split ? 1 + Math.max(depth(split.atMost), depth(split.above)) : 0;
  }

  public int numLeaves() {
    return numLeaves(root);
  }

  private static int numLeaves(Node node) {
    return node instanceof Split split ? numLeaves(split.atMost) + numLeaves(split.above) : 1;
  }

  /**
   * The tree with all below a depth cut off. Since a split is chosen without regard to what comes
   * after it, this is the tree that would have been fitted with that depth as its limit.
   */
  public DecisionTree cut(int depth) {
    return new DecisionTree(features, cut(root, depth));
  }

  private static Node cut(Node node, int depth) {
    if (!(node instanceof Split split)) {
      return node;
    }
    return depth == 0
        ? new Leaf(split.samples(), split.positives())
        : new Split(
            split.feature,
            split.threshold,
            cut(split.atMost, depth - 1),
            cut(split.above, depth - 1));
  }

  /**
   * What each feature does for the tree: the share of all gain that its splits have, each counted
   * with the rows that come to it; {@code [K]}, adding up to 1 (or all 0 without any gain).
   */
  public double[] importances() {
    double[] gains = new double[features.size()];
    addGains(root, gains);
    double sum = 0;
    for (double gain : gains) {
      sum += gain;
    }
    for (int k = 0; k < gains.length && sum > 0; k++) {
      gains[k] /= sum;
    }
    return gains;
  }

  private static void addGains(Node node, double[] gains) {
    if (node instanceof Split split) {
      gains[split.feature] += split.samples() * split.gain();
      addGains(split.atMost, gains);
      addGains(split.above, gains);
    }
  }

  /** For people: a line for each split's side, indented by depth, with what ends at each leaf. */
  public String toText() {
    StringBuilder text = new StringBuilder();
    if (root instanceof Split split) {
      print(text, split, "");
    } else {
      text.append(describe(root)).append('\n');
    }
    return text.toString();
  }

  private void print(StringBuilder text, Split split, String indent) {
    String name = features.get(split.feature);
    print(text, format("%s%s <= %.4g", indent, name, split.threshold), split.atMost, indent);
    print(text, format("%s%s >  %.4g", indent, name, split.threshold), split.above, indent);
  }

  private void print(StringBuilder text, String question, Node node, String indent) {
    switch (node) {
      case Leaf leaf -> text.append(format("%-56s %s%n", question, describe(leaf)));
      case Split split -> {
        text.append(question).append(System.lineSeparator());
        print(text, split, indent + "|   ");
      }
    }
  }

  private static String describe(Node node) {
    return format("p %.3f  (%d of %d)", node.probability(), node.positives(), node.samples());
  }

  private static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
