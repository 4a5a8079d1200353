package assay.rm;

import assay.tensor.DType;
import assay.tensor.Tensor;
import assay.tensor.TensorArena;
import assay.tensor.comm.Communicator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/**
 * Batches of token sequences in which those that begin alike are neighbours, wherever they came
 * from: answers to one prompt that stand in different rows of a file, questions about one pair of
 * answers, and whatever a chat template puts before every conversation. {@link PackedRows#groups}
 * computes what neighbours have in common once.
 */
final class PrefixBatches {
  private PrefixBatches() {}

  /**
   * All that a network says of each sequence, in the order of the sequences. The ranks share the
   * batches out among them, and all get all of it.
   *
   * @param maxRows the most rows of a batch that has more than one sequence
   * @param share false to compute each sequence by itself; the numbers are the same
   * @param stop asked between batches; the answer must be the same on all ranks
   * @return empty if it was stopped
   */
  static Optional<double[][]> outputs(
      RewardNetwork network,
      List<int[]> sequences,
      int maxRows,
      boolean share,
      Communicator ranks,
      BooleanSupplier stop) {
    int tokens = sequences.stream().mapToInt(ids -> ids.length).sum();
    int fairRows = Math.min(maxRows, Math.ceilDiv(tokens, ranks.size()));
    List<int[]> batches = cut(sequences, fairRows, share);
    double[][] outputs = new double[sequences.size()][];
    for (int first = 0; first < batches.size(); first += ranks.size()) {
      if (stop.getAsBoolean()) {
        return Optional.empty();
      }
      int own = first + ranks.rank();
      int[] batch = batches.get(Math.min(own, batches.size() - 1)); // all ranks compute something
      List<int[]> part = Arrays.stream(batch).mapToObj(sequences::get).toList();
      PackedRows rows = share ? PackedRows.groups(List.of(part)) : PackedRows.sequences(part);
      double[][] some = network.outputs(rows);
      boolean counts = own < batches.size();
      for (int i = 0; i < batch.length; i++) {
        outputs[batch[i]] = counts ? some[i] : new double[some[i].length];
      }
    }
    return Optional.of(ranks.size() == 1 ? outputs : shared(network, outputs, ranks));
  }

  /** What each rank knows, 0 elsewhere, added up. */
  private static double[][] shared(RewardNetwork network, double[][] outputs, Communicator ranks) {
    int columns = Arrays.stream(outputs).filter(Objects::nonNull).findAny().orElseThrow().length;
    double[] flat = new double[outputs.length * columns];
    for (int i = 0; i < outputs.length; i++) {
      if (outputs[i] != null) {
        System.arraycopy(outputs[i], 0, flat, i * columns, columns);
      }
    }
    try (TensorArena scratch = TensorArena.open(network.store().device(), "communication")) {
      Tensor all = scratch.empty(DType.F64, outputs.length, columns).copyFrom(flat);
      ranks.allReduce(all).await();
      flat = all.toDoubles();
    }
    double[][] rows = new double[outputs.length][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = Arrays.copyOfRange(flat, i * columns, (i + 1) * columns);
    }
    return rows;
  }

  /**
   * Sorts by tokens, as words in a dictionary, and cuts.
   *
   * @param maxRows the most rows of a batch that has more than one sequence
   * @param share whether what neighbours have in common will be computed once
   * @return indices of the sequences; each is in one batch
   */
  static List<int[]> cut(List<int[]> sequences, int maxRows, boolean share) {
    Comparator<Integer> byTokens = (i, j) -> Arrays.compare(sequences.get(i), sequences.get(j));
    int[] order =
        IntStream.range(0, sequences.size()).boxed().sorted(byTokens).mapToInt(i -> i).toArray();
    List<int[]> batches = new ArrayList<>();
    int start = 0;
    int rows = 0;
    for (int i = 0; i < order.length; i++) {
      int[] ids = sequences.get(order[i]);
      boolean first = i == start || !share;
      int shared = first ? 0 : PackedRows.sharedPrefix(List.of(sequences.get(order[i - 1]), ids));
      if (i > start && rows + ids.length - shared > maxRows) {
        batches.add(Arrays.copyOfRange(order, start, i));
        start = i;
        rows = 0;
        shared = 0;
      }
      rows += ids.length - shared;
    }
    if (start < order.length) {
      batches.add(Arrays.copyOfRange(order, start, order.length));
    }
    return batches;
  }
}
