package assay.nn.checkpoint;

import assay.nn.LanguageModelHead;
import assay.nn.Transformer;
import assay.tensor.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Finds the weights that a model needs among those that a checkpoint holds. A tensor that is
 * missing, has another shape or is not known is an error: a model that loads by halves gives
 * numbers that look right.
 */
public final class WeightMatch {
  private static final String PREFIX = "model.";

  /** Tensors of most problems that one message lists. */
  private static final int MOST_LISTED = 5;

  /** Constants that older versions stored beside the weights. */
  private static final Pattern NO_WEIGHT =
      Pattern.compile("(model\\.)?(layers\\.\\d+\\.self_attn\\.)?rotary_emb\\.inv_freq");

  /** What all decoders have, with the prefix or, of a base model, without. */
  private static final Pattern TRUNK =
      Pattern.compile("(model\\.)?(embed_tokens|norm|layers\\.\\d+)\\..+");

  /** A tensor that a checkpoint must hold. */
  public record Weight(String name, Shape shape) {}

  private WeightMatch() {}

  /**
   * The needed weights' entries.
   *
   * <p>A base model's checkpoint, whose names lack {@code model.}, is read as well. Stored
   * constants and a language model's head are passed over when they are not needed.
   *
   * @param needed what the model is made of
   * @param ignored further names that may be in the checkpoint, such as the head of another task
   * @return by needed name, in the needed order
   * @throws SafetensorsException naming the tensors, and the shapes expected and found
   */
  public static Map<String, TensorEntry> match(
      ShardedCheckpoint checkpoint, List<Weight> needed, Set<String> ignored) {
    boolean isBase =
        !checkpoint.contains(Transformer.EMBEDDING)
            && checkpoint.contains(Transformer.EMBEDDING.substring(PREFIX.length()));
    Map<String, TensorEntry> matched = LinkedHashMap.newLinkedHashMap(needed.size());
    List<String> missing = new ArrayList<>();
    List<String> wrong = new ArrayList<>();
    Set<String> unused = new LinkedHashSet<>(checkpoint.names());
    for (Weight weight : needed) {
      String stored =
          isBase && weight.name().startsWith(PREFIX)
              ? weight.name().substring(PREFIX.length())
              : weight.name();
      if (!unused.remove(stored)) {
        missing.add(weight.name() + " " + weight.shape());
        continue;
      }
      TensorEntry entry = checkpoint.entry(stored);
      if (!entry.shape().equals(weight.shape())) {
        wrong.add(weight.name() + ": expected " + weight.shape() + ", found " + entry.shape());
      } else if (!entry.isFloat()) {
        wrong.add(weight.name() + ": dtype " + Quote.plain(entry.dtype()) + " is not supported");
      }
      matched.put(weight.name(), entry);
    }
    unused.removeIf(name -> mayBeThere(name, ignored));
    List<String> unexpected = unused.stream().map(Quote::plain).toList();
    if (!missing.isEmpty() || !wrong.isEmpty() || !unexpected.isEmpty()) {
      throw new SafetensorsException(
          checkpoint.source()
              + ": the weights are not those that config.json describes"
              + list("missing", missing)
              + list("wrong", wrong)
              + list("unexpected", unexpected));
    }
    return Collections.unmodifiableMap(matched);
  }

  /** The tensors that are not of the decoder and its vocabulary: those of other heads. */
  public static List<String> heads(ShardedCheckpoint checkpoint) {
    return checkpoint.names().stream()
        .filter(name -> !TRUNK.matcher(name).matches() && !mayBeThere(name, Set.of()))
        .toList();
  }

  private static boolean mayBeThere(String name, Set<String> ignored) {
    return ignored.contains(name)
        || name.equals(LanguageModelHead.NAME)
        || NO_WEIGHT.matcher(name).matches();
  }

  private static String list(String label, List<String> problems) {
    StringBuilder lines = new StringBuilder();
    for (String problem : problems.subList(0, Math.min(MOST_LISTED, problems.size()))) {
      lines.append("\n  ").append(label).append(": ").append(problem);
    }
    if (problems.size() > MOST_LISTED) {
      lines.append("\n  ").append(label).append(": and ");
      lines.append(problems.size() - MOST_LISTED).append(" more");
    }
    return lines.toString();
  }
}
