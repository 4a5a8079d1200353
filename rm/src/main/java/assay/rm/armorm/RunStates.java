package assay.rm.armorm;

import assay.rm.ArmoRmNetwork;
import assay.rm.TrainingListener;
import assay.rm.TrainingSetup;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;
import java.util.stream.Stream;

/**
 * The states of all texts of a run: of those with ratings, the gate's pairs, and held-out pairs.
 */
final class RunStates {
  private static final int MIN_LOG_TEXTS = 100; // between two lines on the terminal

  private final ArmoRmNetwork network;
  private final Path folder;
  private final List<EmbeddedText> ratedTexts;
  private final List<EmbeddedText> trainPairs;
  private final List<EmbeddedText> evalPairs;
  private long embeddedTokens;
  private EmbeddingCache rated;
  private EmbeddingCache train;
  private Optional<EmbeddingCache> eval = Optional.empty();

  /** States of pairs: of both answers' last tokens, and of the gate's. */
  record OfPairs(EmbeddedRows chosen, EmbeddedRows rejected, EmbeddedRows gates) {
    static OfPairs of(EmbeddingCache cache) {
      return new OfPairs(cache.rows(0), cache.rows(1), cache.rows(2));
    }
  }

  /**
   * @param folder of the caches
   * @param evalPairs may be none
   */
  RunStates(
      ArmoRmNetwork network,
      Path folder,
      List<EmbeddedText> ratedTexts,
      List<EmbeddedText> trainPairs,
      List<EmbeddedText> evalPairs) {
    this.network = network;
    this.folder = folder;
    this.ratedTexts = ratedTexts;
    this.trainPairs = trainPairs;
    this.evalPairs = evalPairs;
  }

  /**
   * Opens the caches and computes what they lack.
   *
   * @return false if it was stopped
   * @throws assay.tensor.InvalidInputException if they are of another model or other texts
   */
  boolean fill(TrainingSetup setup, TrainingListener listener, BooleanSupplier stop) {
    String model = ModelHash.of(setup, network.store().dtype());
    rated = open("attributes", model, ratedTexts);
    train = open("pairs", model, trainPairs);
    eval =
        evalPairs.isEmpty() ? Optional.empty() : Optional.of(open("eval-pairs", model, evalPairs));
    int rowsAtOnce = setup.recipe().training().microBatchTokens();
    return embed(rated, "rated texts", rowsAtOnce, listener, stop)
        && embed(train, "pairs", rowsAtOnce, listener, stop)
        && (eval.isEmpty() || embed(eval.get(), "held-out pairs", rowsAtOnce, listener, stop));
  }

  private EmbeddingCache open(String name, String model, List<EmbeddedText> texts) {
    return new EmbeddingCache(folder.resolve(name), model, texts, network.config().hiddenSize());
  }

  private boolean embed(
      EmbeddingCache cache,
      String what,
      int rowsAtOnce,
      TrainingListener listener,
      BooleanSupplier stop) {
    List<EmbeddedText> missingTexts = cache.missing();
    int missing = missingTexts.size();
    listener.note("%s: %d to embed".formatted(what, missing));
    int between = Math.max(MIN_LOG_TEXTS, missing / 10);
    IntConsumer progress =
        new IntConsumer() {
          private int done;

          @Override
          public void accept(int texts) {
            done += texts;
            if (done / between > (done - texts) / between) {
              listener.note("%s: %d of %d embedded".formatted(what, done, missing));
            }
          }
        };
    TrunkEmbedder embedder = new TrunkEmbedder(network, rowsAtOnce, progress, stop);
    boolean complete =
        cache.fill(network.store().device(), network.store().dtype(), embedder, stop);
    embeddedTokens += missingTexts.stream().mapToLong(EmbeddedText::numTokens).sum();
    return complete;
  }

  /** On a device that computes nothing: makes the allocations of {@link #fill}. */
  void embedLargestBatches(int rowsAtOnce) {
    TrunkEmbedder embedder = new TrunkEmbedder(network, rowsAtOnce, done -> {}, () -> false);
    Stream.of(ratedTexts, trainPairs, evalPairs)
        .filter(texts -> !texts.isEmpty())
        .forEach(embedder::embedLargestBatch);
  }

  /** Tokens that were computed, with nothing shared. */
  long embeddedTokens() {
    return embeddedTokens;
  }

  /** Of the texts with ratings. */
  EmbeddedRows rated() {
    return rated.rows(0);
  }

  OfPairs train() {
    return OfPairs.of(train);
  }

  /** Empty without held-out pairs. */
  Optional<OfPairs> eval() {
    return eval.map(OfPairs::of);
  }
}
