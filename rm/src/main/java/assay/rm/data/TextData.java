package assay.rm.data;

import assay.rm.recipe.Recipe;
import assay.tensor.InvalidInputException;
import assay.tensor.Sha256;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The texts of a run that learns labels.
 *
 * @param eval empty where the recipe names nothing to evaluate on
 */
public record TextData(List<LabelledText> train, List<LabelledText> eval, RunReport report)
    implements TrainingData {

  /**
   * Some texts of files, in their order.
   *
   * @param dropped rows that are not used, by reason
   */
  public record Loaded(List<LabelledText> texts, Map<String, Long> dropped) {}

  /** Reads the files that paths and globs name. */
  public interface Loader {
    Loaded load(List<String> patterns);
  }

  /**
   * Reads what the recipe names, and sets texts aside by prompt if it asks for it.
   *
   * @throws InvalidInputException if no usable text is left
   */
  public static TextData load(Recipe recipe, Loader loader) {
    Recipe.Data data = recipe.data();
    Loaded loaded = loader.load(data.train());
    Map<String, Long> dropped = new LinkedHashMap<>(loaded.dropped());
    HoldOut<LabelledText> split;
    if (data.evalFraction() > 0) {
      split = HoldOut.split(loaded.texts(), data.evalFraction(), recipe.training().seed());
    } else if (data.eval().isEmpty()) {
      split = new HoldOut<>(loaded.texts(), List.of(), 0);
    } else {
      Loaded eval = loader.load(data.eval());
      eval.dropped().forEach((reason, count) -> dropped.merge(reason, count, Long::sum));
      split = new HoldOut<>(loaded.texts(), eval.texts(), 0);
    }
    TextReport report =
        new TextReport(dropped, split.train().size(), split.heldOut().size(), split.numPrompts());
    if (split.train().isEmpty()) {
      throw new InvalidInputException(
          "data.train: no usable text is left to train on\n" + report.toTable().stripTrailing());
    }
    return new TextData(split.train(), split.heldOut(), report);
  }

  @Override
  public boolean isLabelled() {
    return true;
  }

  @Override
  public String sha256() {
    MessageDigest digest = Sha256.begin();
    for (List<LabelledText> texts : List.of(train, eval)) {
      digest.update(PairData.bytes(texts.size()));
      for (LabelledText text : texts) {
        digest.update(PairData.bytes(text.ids()));
        digest.update(PairData.bytes(text.readAt()));
        ByteBuffer labels = ByteBuffer.allocate(4 * text.labels().length);
        labels.asFloatBuffer().put(text.labels());
        digest.update(labels);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }
}
