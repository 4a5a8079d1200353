package assay.rm.data;

import assay.rm.recipe.Recipe;
import assay.tensor.InvalidInputException;
import assay.tensor.Sha256;
import it.unimi.dsi.fastutil.longs.LongOpenHashSet;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * The pairs of a run.
 *
 * @param eval empty where the recipe names nothing to evaluate on
 * @param isLabelled false if unlabelled pairs stand in {@code train} as they came: to plan with,
 *     not to train on
 */
public record PairData(
    List<PreferencePair> train, List<PreferencePair> eval, DataReport report, boolean isLabelled)
    implements TrainingData {

  /**
   * Reads what the recipe names. Pairs to evaluate on are set aside first, of those that came with
   * a label; then unlabelled pairs join the training pairs, and then those of an augmentation.
   *
   * @param reader what the kind of reward model reads for a pair
   * @param vocabularySize of the model; token ids are below it
   * @param labeller labels what is unlabelled; empty: it is all kept, without labels
   * @throws InvalidInputException if a file or row cannot be parsed, or no usable pair is left
   */
  public static PairData load(
      Recipe recipe, PairReader reader, int vocabularySize, Optional<PairLabeller> labeller) {
    Recipe.Data data = recipe.data();
    long seed = recipe.training().seed();
    boolean augment = data.augmentation() == Recipe.Augmentation.RRM;
    PairLoader loader =
        new PairLoader(new PairEncoder(reader, data.maxLength(), data.tooLong(), vocabularySize));
    // Prompts of token ids and of texts cannot be compared, and held-out ones must be known again.
    boolean compare = !data.unlabelled().isEmpty();
    PairLoader.Loaded labelled =
        augment || compare ? loader.loadWithTexts(data.train()) : loader.load(data.train());
    PairLoader.Loaded evalFiles =
        compare ? loader.loadWithTexts(data.eval()) : loader.load(data.eval());
    HoldOut<PreferencePair> split =
        data.evalFraction() > 0
            ? HoldOut.split(labelled.pairs(), data.evalFraction(), seed)
            : new HoldOut<>(labelled.pairs(), evalFiles.pairs(), 0);
    LongOpenHashSet evalPrompts = prompts(split.heldOut());
    DataReport report =
        DataReport.of(
            labelled.reports(),
            evalFiles.reports(),
            split.train().size(),
            split.heldOut().size(),
            split.numPrompts(),
            count(split.train(), evalPrompts));
    checkSplit(data, split, report);

    List<PreferencePair> train = new ArrayList<>(split.train());
    PairLoader.Unlabelled unlabelled = loader.loadUnlabelled(data.unlabelled());
    List<PairRow.Conversations> rows = PseudoLabels.without(evalPrompts, unlabelled);
    if (labeller.isPresent()) {
      double confidence = data.pseudoLabels().confidence();
      rows = PseudoLabels.label(unlabelled, rows, labeller.get(), confidence);
    }
    for (PairRow.Conversations row : rows) {
      loader.encode(row, unlabelled.counter(row)).ifPresent(train::add);
    }
    Optional<FileReport> augmented = Optional.empty();
    if (augment) {
      List<PairRow.Conversations> texts = withPrompts(prompts(split.train()), labelled.texts());
      texts.addAll(rows);
      FileReport.Counter counter = new FileReport.Counter("rrm");
      new RrmAugmentation(texts, seed)
          .draw(data.augmentationRatio(), row -> loader.encode(row, counter).ifPresent(train::add));
      augmented = Optional.of(counter.report());
    }
    return new PairData(
        train,
        split.heldOut(),
        report.with(unlabelled.reports(), augmented, train),
        labeller.isPresent() || data.unlabelled().isEmpty());
  }

  @Override
  public String sha256() {
    MessageDigest digest = Sha256.begin();
    for (List<PreferencePair> pairs : List.of(train, eval)) {
      digest.update(bytes(pairs.size()));
      for (PreferencePair pair : pairs) {
        digest.update(bytes(pair.chosenIds()));
        digest.update(bytes(pair.rejectedIds()));
        long margin = Double.doubleToLongBits(pair.margin());
        long target = Double.doubleToLongBits(pair.target());
        digest.update(
            bytes((int) margin, (int) (margin >> 32), (int) target, (int) (target >> 32)));
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  static byte[] bytes(int... values) {
    ByteBuffer buffer = ByteBuffer.allocate(4 * (values.length + 1)).putInt(values.length);
    buffer.asIntBuffer().put(values);
    return buffer.array();
  }

  /**
   * Pairs to plan with where there are no data yet: none can need more memory. All tokens of a pair
   * differ, as far as the vocabulary goes, so that its sides share no prompt.
   *
   * @param count of pairs
   * @param length of each side, in tokens
   */
  public static PairData longestPairs(int count, int length, int vocabularySize) {
    int[] chosen = new int[length];
    int[] rejected = new int[length];
    for (int i = 0; i < length; i++) {
      chosen[i] = i % vocabularySize;
      rejected[i] = vocabularySize - 1 - chosen[i];
    }
    List<PreferencePair> pairs = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      pairs.add(new PreferencePair(chosen, rejected, 0, "", "", "", i + 1, i));
    }
    DataReport report = DataReport.of(List.of(), List.of(), count, 0, 0, 0);
    return new PairData(pairs, List.of(), report, true);
  }

  private static void checkSplit(
      Recipe.Data data, HoldOut<PreferencePair> split, DataReport report) {
    require(split.train(), "data.train", "train on", report);
    if (data.evalFraction() > 0) {
      require(split.heldOut(), "data.eval_fraction", "evaluate on", report);
    } else if (!data.eval().isEmpty()) {
      require(split.heldOut(), "data.eval", "evaluate on", report);
    }
  }

  private static LongOpenHashSet prompts(List<PreferencePair> pairs) {
    LongOpenHashSet prompts = new LongOpenHashSet();
    pairs.forEach(pair -> prompts.add(pair.promptHash()));
    return prompts;
  }

  private static int count(List<PreferencePair> pairs, LongOpenHashSet prompts) {
    return (int) pairs.stream().filter(pair -> prompts.contains(pair.promptHash())).count();
  }

  private static List<PairRow.Conversations> withPrompts(
      LongOpenHashSet prompts, List<PairRow.Conversations> texts) {
    List<PairRow.Conversations> result = new ArrayList<>();
    texts.stream().filter(text -> prompts.contains(text.promptHash())).forEach(result::add);
    return result;
  }

  private static void require(
      List<PreferencePair> pairs, String key, String purpose, DataReport report) {
    if (pairs.isEmpty()) {
      throw new InvalidInputException(
          key + ": no usable pair is left to " + purpose + "\n" + report.toTable().stripTrailing());
    }
  }
}
