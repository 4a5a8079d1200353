package assay.rm.recipe;

import assay.rm.recipe.Recipe.Data;
import assay.rm.recipe.Recipe.Pairwise;
import assay.rm.recipe.Recipe.PseudoLabels;
import assay.rm.recipe.Recipe.Training;
import assay.tensor.InvalidInputException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.composer.Composer;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.parser.ParserImpl;
import org.snakeyaml.engine.v2.scanner.StreamReader;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/** From text to YAML nodes with overrides in place, and from a recipe back to text. */
final class RecipeYaml {
  private RecipeYaml() {}

  /** The document with the overrides put in, or null if both are empty. */
  static Node compose(String name, String yaml, List<String> overrides) {
    Node root = parse(name, yaml).orElse(null);
    for (String override : overrides) {
      root = apply(root, override);
    }
    return root;
  }

  private static Optional<Node> parse(String label, String yaml) {
    LoadSettings settings =
        LoadSettings.builder().setLabel(label).setSchema(new CoreSchema()).build();
    try {
      StreamReader reader = new StreamReader(settings, yaml);
      return new Composer(settings, new ParserImpl(settings, reader)).getSingleNode();
    } catch (MarkedYamlEngineException e) {
      String place = e.getProblemMark().map(Problems::place).orElse(label);
      String context = e.getContext() == null ? "" : " " + e.getContext();
      throw new InvalidInputException(
          place + ": not valid YAML:" + context + ": " + e.getProblem(), e);
    } catch (YamlEngineException e) {
      throw new InvalidInputException(label + ": not valid YAML: " + e.getMessage(), e);
    }
  }

  /** Puts the value of one {@code key.sub=value} in the place of what stood there. */
  private static Node apply(Node root, String override) {
    String label = Problems.OVERRIDE_PREFIX + override;
    int equals = override.indexOf('=');
    if (equals < 1) {
      throw new InvalidInputException(label + ": expected key=value or key.sub=value");
    }
    List<String> keys = List.of(override.substring(0, equals).strip().split("\\.", -1));
    if (keys.stream().anyMatch(String::isBlank)) {
      throw new InvalidInputException(label + ": a part of the key is empty");
    }
    Node value = parse(label, override.substring(equals + 1)).orElse(scalar(label, ""));
    return set(root, keys, value, label);
  }

  private static Node set(Node target, List<String> keys, Node value, String label) {
    if (keys.isEmpty()) {
      return value;
    }
    List<NodeTuple> entries = new ArrayList<>();
    if (target instanceof MappingNode mapping) {
      entries.addAll(mapping.getValue());
    } else if (target != null && !target.getTag().equals(Tag.NULL)) {
      throw new InvalidInputException(
          label + ": there is no '" + keys.getFirst() + "' in " + YamlValues.describe(target));
    }
    Node key = scalar(label, keys.getFirst());
    Node old = null;
    int at = entries.size();
    for (int i = 0; i < entries.size(); i++) {
      if (entries.get(i).getKeyNode() instanceof ScalarNode existing
          && existing.getValue().equals(keys.getFirst())) {
        key = existing;
        old = entries.get(i).getValueNode();
        at = i;
        break;
      }
    }
    NodeTuple entry = new NodeTuple(key, set(old, keys.subList(1, keys.size()), value, label));
    if (at < entries.size()) {
      entries.set(at, entry);
    } else {
      entries.add(entry);
    }
    Node marked = target == null ? key : target;
    return new MappingNode(
        Tag.MAP, true, entries, FlowStyle.BLOCK, marked.getStartMark(), marked.getEndMark());
  }

  /** A scalar that has the override for its place; an empty one is null, as in YAML. */
  private static Node scalar(String label, String text) {
    Node marked = parse(label, "''").orElseThrow();
    return new ScalarNode(
        text.isEmpty() ? Tag.NULL : Tag.STR,
        true,
        text,
        ScalarStyle.PLAIN,
        marked.getStartMark(),
        marked.getEndMark());
  }

  static String write(Recipe recipe) {
    DumpSettings settings =
        DumpSettings.builder()
            .setSchema(new CoreSchema())
            .setDefaultFlowStyle(FlowStyle.AUTO)
            .setDereferenceAliases(true)
            .setWidth(100)
            .build();
    return new Dump(settings).dumpToString(values(recipe));
  }

  private static Map<String, Object> values(Recipe recipe) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("model", recipe.model());
    map.put("init", Fields.yamlName(recipe.init()));
    map.put("model_overrides", recipe.modelOverrides());
    map.put("method", Fields.yamlName(recipe.method()));
    map.put("compat", Fields.yamlName(recipe.compat()));
    map.put("output", recipe.output().toString());
    map.put("device", recipe.device());
    map.put("data", values(recipe.data()));
    map.put("pairwise", values(recipe.pairwise()));
    map.put("training", values(recipe.training()));
    map.put("distributed", Map.of("zero_stage", recipe.distributed().zeroStage()));
    map.put("save_dtype", Fields.yamlName(recipe.saveDtype()));
    switch (recipe.method()) {
      case BRADLEY_TERRY, PAIRWISE_PREFERENCE, OUTCOME_REWARD -> {}
      case ARMORM -> map.put("armorm", values(recipe.options().orElseThrow()));
      case ODIN -> map.put("odin", values(recipe.options().orElseThrow()));
      case REGRESSION -> map.put("regression", values(recipe.options().orElseThrow()));
      case DECISION_TREE -> map.put("decision_tree", values(recipe.options().orElseThrow()));
      case PROCESS_REWARD -> map.put("steps", values(recipe.options().orElseThrow()));
    }
    return map;
  }

  private static Map<String, Object> values(MethodOptions options) {
    return switch (options) {
      case ArmoRmOptions armorm -> values(armorm);
      case OdinOptions odin -> {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("length_weight", odin.lengthWeight());
        map.put("orthogonality_weight", odin.orthogonalityWeight());
        yield map;
      }
      case RegressionOptions(List<String> attributes, List<Double> weights) -> {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("attributes", attributes);
        map.put("weights", weights);
        yield map;
      }
      case DecisionTreeOptions(int maxDepth, int minSamplesLeaf, int folds) -> {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("max_depth", maxDepth);
        map.put("min_samples_leaf", minSamplesLeaf);
        map.put("folds", folds);
        yield map;
      }
      case StepOptions(StepOptions.Over reward) -> Map.of("reward", Fields.yamlName(reward));
    };
  }

  private static Map<String, Object> values(ArmoRmOptions armorm) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("data", armorm.data());
    map.put("attributes", armorm.attributes());
    map.put("held_out_fraction", armorm.heldOutFraction());
    map.put("alphas", armorm.alphas());
    map.put("verbosity", armorm.verbosity().orElse(null));
    map.put("max_correlation", armorm.maxCorrelation());
    map.put("embeddings", armorm.embeddings().map(Object::toString).orElse(null));
    map.put("gating_hidden_dim", armorm.gatingHiddenDim());
    map.put("gating_n_hidden", armorm.gatingNumHidden());
    map.put("gating_temperature", armorm.gatingTemperature());
    map.put("gating_token_pattern", armorm.gatingTokenPattern());
    map.put("logit_scale", armorm.logitScale());
    map.put("dropout", armorm.dropout());
    return map;
  }

  private static Map<String, Object> values(Data data) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("train", data.train());
    map.put("eval", data.eval());
    map.put("eval_fraction", data.evalFraction());
    map.put("max_length", data.maxLength());
    map.put("too_long", Fields.yamlName(data.tooLong()));
    map.put("shuffle", data.shuffle());
    map.put("share_prompts", data.sharePrompts());
    map.put("template_date", data.templateDate().map(Object::toString).orElse(null));
    map.put("unlabelled", data.unlabelled());
    map.put("pseudo_labels", values(data.pseudoLabels()));
    map.put("augmentation", Fields.yamlName(data.augmentation()));
    map.put("augmentation_ratio", data.augmentationRatio());
    return map;
  }

  private static Map<String, Object> values(PseudoLabels labels) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("model", labels.model().orElse(null));
    map.put("confidence", labels.confidence());
    return map;
  }

  private static Map<String, Object> values(Pairwise pairwise) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("loss", Fields.yamlName(pairwise.loss()));
    map.put("answer_tokens", pairwise.answerTokens());
    return map;
  }

  private static Map<String, Object> values(Training training) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("epochs", training.epochs());
    map.put("max_steps", training.maxSteps());
    map.put("batch_size", training.batchSize());
    map.put("micro_batch_tokens", training.microBatchTokens());
    map.put("learning_rate", training.learningRate());
    map.put("weight_decay", training.weightDecay());
    map.put("betas", List.of(training.beta1(), training.beta2()));
    map.put("eps", training.eps());
    map.put("schedule", Fields.yamlName(training.schedule()));
    map.put("warmup_steps", training.warmupSteps());
    map.put("warmup_ratio", training.warmupRatio());
    map.put("clip_grad_norm", training.clipGradNorm());
    map.put("gradient_checkpointing", training.gradientCheckpointing());
    map.put("precision", Fields.yamlName(training.precision()));
    map.put("center_rewards_coefficient", training.centerRewardsCoefficient());
    map.put("seed", training.seed());
    map.put("log_every", training.logEvery());
    map.put("eval_every", training.evalEvery());
    map.put("save_every", training.saveEvery());
    map.put("keep_checkpoints", training.keepCheckpoints());
    return map;
  }
}
