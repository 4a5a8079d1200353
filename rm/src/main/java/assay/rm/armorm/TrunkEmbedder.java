package assay.rm.armorm;

import assay.autograd.Tape;
import assay.rm.ArmoRmNetwork;
import assay.rm.PackedRows;
import assay.tensor.TensorArena;
import it.unimi.dsi.fastutil.ints.IntArrayList;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;

/**
 * Computes states with the trunk. Texts of one prompt that follow each other share it: ratings come
 * as many answers to one question, so most of their tokens are computed once.
 */
final class TrunkEmbedder implements EmbeddingCache.Embedder {
  private final ArmoRmNetwork network;
  private final int microBatchTokens;
  private final IntConsumer progress;
  private final BooleanSupplier stop;

  /**
   * @param microBatchTokens rows computed at once; a longer text runs alone
   * @param progress told how many more texts are done
   * @param stop asked between batches
   */
  TrunkEmbedder(
      ArmoRmNetwork network, int microBatchTokens, IntConsumer progress, BooleanSupplier stop) {
    this.network = network;
    this.microBatchTokens = microBatchTokens;
    this.progress = progress;
    this.stop = stop;
  }

  @Override
  public float[] embed(List<EmbeddedText> texts) {
    int width = texts.getFirst().numStates() * network.config().hiddenSize();
    float[] states = new float[Math.multiplyExact(texts.size(), width)];
    int next = 0;
    for (List<EmbeddedText> batch : cut(texts)) {
      if (stop.getAsBoolean()) {
        return null;
      }
      float[] computed = compute(batch);
      System.arraycopy(computed, 0, states, next, computed.length);
      next += computed.length;
      progress.accept(batch.size());
    }
    return states;
  }

  /** Computes the largest batch of some texts: the one that needs the most memory. */
  void embedLargestBatch(List<EmbeddedText> texts) {
    Comparator<List<EmbeddedText>> byRows = Comparator.comparingInt(b -> pack(b).numRows());
    cut(texts).stream().max(byRows).ifPresent(this::compute);
  }

  /** Batches of texts, in order, each within the budget of rows if it has more than one text. */
  private List<List<EmbeddedText>> cut(List<EmbeddedText> texts) {
    List<List<EmbeddedText>> batches = new ArrayList<>();
    int start = 0;
    for (int end = 1; end <= texts.size(); end++) {
      boolean full =
          end == texts.size() || pack(texts.subList(start, end + 1)).numRows() > microBatchTokens;
      if (full) {
        batches.add(texts.subList(start, end));
        start = end;
      }
    }
    return batches;
  }

  private static PackedRows pack(List<EmbeddedText> texts) {
    List<List<int[]>> groups = new ArrayList<>();
    for (int i = 0; i < texts.size(); i++) {
      boolean samePrompt = i > 0 && texts.get(i).promptHash() == texts.get(i - 1).promptHash();
      if (!samePrompt) {
        groups.add(new ArrayList<>());
      }
      groups.getLast().addAll(texts.get(i).sequences());
    }
    return PackedRows.groups(groups);
  }

  private float[] compute(List<EmbeddedText> batch) {
    PackedRows rows = pack(batch);
    IntArrayList wanted = new IntArrayList();
    int next = 0;
    for (EmbeddedText text : batch) {
      int firstRow = rows.readRows()[next];
      for (int i = 0; i < text.sequences().size(); i++) {
        wanted.add(rows.readRows()[next++]);
      }
      if (text.gate() != EmbeddedText.NO_GATE) {
        wanted.add(rows.sequenceRows(firstRow)[text.gate()]);
      }
    }
    try (TensorArena arena = TensorArena.open(network.store().device(), "activations")) {
      Tape tape = Tape.inference(arena);
      return network.statesAt(tape, rows, false, wanted.toIntArray()).getFirst().value().toFloats();
    }
  }
}
