package assay.rm.recipe;

import assay.tensor.InvalidInputException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * All that decides a training run. The components carry the names and the order of the YAML keys
 * ({@code save_dtype} is {@code saveDtype}); {@link RecipeBinder} holds their defaults and ranges.
 *
 * <p>Paths are relative to the working directory.
 *
 * @param model the folder (or hub id) of the model to start from; with {@code init: random} a
 *     {@code config.json} or a folder that has one
 * @param modelOverrides values that replace keys of the model's {@code config.json}; JSON-like:
 *     {@code Long, Double, Boolean, String, List, Map, null}
 * @param device {@code cpu}, {@code cuda} or {@code cuda:<index>}
 * @param saveDtype the number format of the weights in {@code output/model}
 * @param options what the method has of its own; empty for those with nothing
 */
public record Recipe(
    String model,
    Init init,
    Map<String, Object> modelOverrides,
    Method method,
    Compat compat,
    Path output,
    String device,
    Data data,
    Pairwise pairwise,
    Training training,
    Distributed distributed,
    Precision saveDtype,
    Optional<MethodOptions> options) {

  public Recipe {
    modelOverrides = Collections.unmodifiableMap(new LinkedHashMap<>(modelOverrides));
  }

  /** Present for {@code method: armorm}. */
  public Optional<ArmoRmOptions> armorm() {
    return options.map(own -> own instanceof ArmoRmOptions armorm ? armorm : null);
  }

  /** Where the first weights come from: a checkpoint's files, or the seed. */
  public enum Init {
    CHECKPOINT,
    RANDOM
  }

  /** The kind of reward model. */
  public enum Method {
    BRADLEY_TERRY,
    PAIRWISE_PREFERENCE,
    ARMORM,
    ODIN,
    REGRESSION,
    PROCESS_REWARD,
    OUTCOME_REWARD,
    DECISION_TREE;

    /** Whether the rows that it learns from are preference pairs, and nothing else. */
    public boolean learnsFromPairsAlone() {
      return switch (this) {
        case BRADLEY_TERRY, PAIRWISE_PREFERENCE, ODIN, DECISION_TREE -> true;
        case ARMORM, REGRESSION, PROCESS_REWARD, OUTCOME_REWARD -> false;
      };
    }

    /** Whether what is trained is split over ranks and over steps; a tree is fitted at once. */
    public boolean hasSteps() {
      return this != DECISION_TREE;
    }
  }

  /**
   * Whose behaviour to follow where the field disagrees; {@code NONE}: what we hold to be right.
   */
  public enum Compat {
    NONE,
    RLHFLOW
  }

  /** The number format of computation, or of saved weights. */
  public enum Precision {
    FP32,
    BF16
  }

  /** How the learning rate falls after the warm-up. */
  public enum Schedule {
    COSINE,
    LINEAR,
    CONSTANT
  }

  /** What becomes of a pair of which one side has more than {@code max_length} tokens. */
  public enum TooLong {
    /** The pair is left out, and counted. */
    DROP,
    /** Each side that is too long loses its first tokens. */
    TRUNCATE_LEFT,
    /** Each side that is too long loses its last tokens. */
    TRUNCATE_RIGHT,
    /** The run ends before its first step. */
    ERROR;

    /** As recipes have it. */
    public String key() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** At most so many of these tokens; those who drop or refuse longer ones do not come here. */
    public int[] truncate(int[] ids, int maxLength) {
      int excess = Math.max(0, ids.length - maxLength);
      return switch (this) {
        case TRUNCATE_LEFT -> Arrays.copyOfRange(ids, excess, ids.length);
        case TRUNCATE_RIGHT -> Arrays.copyOf(ids, ids.length - excess);
        case DROP, ERROR -> ids;
      };
    }
  }

  /**
   * Where the pairs come from and how they become tokens.
   *
   * @param train files and globs of the training pairs, at least one
   * @param eval files and globs of the pairs to evaluate on; empty: see {@code evalFraction}
   * @param evalFraction the share of the training pairs that is held out by prompt, in [0, 1)
   * @param maxLength the most tokens one side may have
   * @param sharePrompts compute the tokens that both sides begin with only once
   * @param templateDate the day that a date-dependent chat template sees; empty: the one the model
   *     was trained with, else today
   * @param unlabelled files and globs of pairs of which nobody said which answer is better; {@code
   *     pseudoLabels} says who does
   * @param augmentation pairs to make of the training pairs
   * @param augmentationRatio how many of them for each training pair, in the mean; 14 are all
   */
  public record Data(
      List<String> train,
      List<String> eval,
      double evalFraction,
      int maxLength,
      TooLong tooLong,
      boolean shuffle,
      boolean sharePrompts,
      Optional<LocalDate> templateDate,
      List<String> unlabelled,
      PseudoLabels pseudoLabels,
      Augmentation augmentation,
      double augmentationRatio) {
    public Data {
      train = List.copyOf(train);
      eval = List.copyOf(eval);
      unlabelled = List.copyOf(unlabelled);
    }
  }

  /**
   * Who labels the unlabelled pairs: an earlier reward model (He et al. 2024, SSRM). With the model
   * of the run before, run after run, this is their iterative self-training.
   *
   * @param model folder or hub id of a reward model of any kind; required for unlabelled pairs
   * @param confidence a pair is kept if its better answer is so with a probability above this, in
   *     [0.5, 1)
   */
  public record PseudoLabels(Optional<String> model, double confidence) {}

  /** Pairs that are made of others. */
  public enum Augmentation {
    NONE,
    /** With answers to other prompts (Liu et al. 2024, RRM). */
    RRM
  }

  /** Which tokens the pairwise preference model learns to say. */
  public enum PairwiseLoss {
    /** A or B. */
    ANSWER,
    /** All of the assistant's turn: A or B, and what ends a turn. */
    ASSISTANT
  }

  /**
   * What {@code method: pairwise-preference} has of its own.
   *
   * @param answerTokens the two tokens that answer, as the vocabulary writes them; empty: those of
   *     the texts A and B
   */
  public record Pairwise(PairwiseLoss loss, List<String> answerTokens) {
    public Pairwise {
      answerTokens = List.copyOf(answerTokens);
    }
  }

  /**
   * The optimization.
   *
   * @param epochs passes over the training pairs, where {@code maxSteps} is 0
   * @param maxSteps optimizer steps, the data repeating as needed; 0: {@code epochs} decides
   * @param batchSize pairs per optimizer step over all ranks
   * @param microBatchTokens rows computed at once; a matter of memory, not of mathematics
   * @param weightDecay decoupled, and not on norm weights and biases
   * @param warmupSteps steps over which the learning rate rises from 0; see {@link #warmup}
   * @param warmupRatio the same as a share of all steps, in [0, 1]; 0 where warmupSteps is given
   * @param clipGradNorm the largest norm of the whole gradient; 0: no clipping
   * @param centerRewardsCoefficient c in the loss's term c (r+ + r-)^2, which keeps rewards near 0
   * @param logEvery steps between lines on the terminal
   * @param evalEvery steps between evaluations; 0: once, at the end
   * @param saveEvery steps between checkpoints; 0: none before the end
   */
  public record Training(
      int epochs,
      int maxSteps,
      int batchSize,
      int microBatchTokens,
      double learningRate,
      double weightDecay,
      double beta1,
      double beta2,
      double eps,
      Schedule schedule,
      int warmupSteps,
      double warmupRatio,
      double clipGradNorm,
      boolean gradientCheckpointing,
      Precision precision,
      double centerRewardsCoefficient,
      long seed,
      int logEvery,
      int evalEvery,
      int saveEvery,
      int keepCheckpoints) {

    /**
     * The warm-up of a run of {@code numSteps} steps; a ratio is rounded up, as transformers does.
     */
    public int warmup(int numSteps) {
      return warmupSteps > 0 ? warmupSteps : (int) Math.ceil(numSteps * warmupRatio);
    }
  }

  /**
   * How the ranks share the work; how many there are is the launcher's business.
   *
   * @param zeroStage what is sharded over the ranks. 0: nothing, 1: optimizer state, 2: gradients
   *     too, 3: weights too
   * @param reduction in which order gradients are added
   */
  public record Distributed(int zeroStage, Reduction reduction) {}

  /** The order in which the gradients of a batch's parts are added. */
  public enum Reduction {
    /** The same bits on any number of ranks. */
    FIXED,
    /** Each rank adds up its own first: less to send. */
    FAST
  }

  /**
   * Reads a recipe.
   *
   * @param overrides {@code key.sub=value} each, with a YAML value, as after {@code --set}
   * @throws InvalidInputException with one line per mistake: {@code file:line:column: key: what is
   *     wrong}
   */
  public static Recipe read(Path file, List<String> overrides) {
    String yaml;
    try {
      yaml = Files.readString(file);
    } catch (NoSuchFileException e) {
      throw new InvalidInputException(file + ": no such file", e);
    } catch (CharacterCodingException e) {
      throw new InvalidInputException(file + ": is not UTF-8 text, so it cannot be YAML", e);
    } catch (IOException e) {
      throw new InvalidInputException(file + ": cannot be read: " + e, e);
    }
    return parse(file.toString(), yaml, overrides);
  }

  /** As {@link #read}, from text; {@code name} stands for the file in error messages. */
  public static Recipe parse(String name, String yaml, List<String> overrides) {
    return RecipeBinder.bind(name, RecipeYaml.compose(name, yaml, overrides));
  }

  /** The recipe with every default written out; parsing it gives an equal recipe. */
  public String toYaml() {
    return RecipeYaml.write(this);
  }
}
