package assay.rm;

import assay.tensor.comm.Communicator;
import assay.tensor.comm.Messages;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
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
    double[][] outputs = new double[sequences.size()][]; // null where another rank knows
    int width = 0; // numbers of one output
    for (int first = 0; first < batches.size(); first += ranks.size()) {
      if (stop.getAsBoolean()) {
        return Optional.empty();
      }
      int own = first + ranks.rank();
      int[] batch = batches.get(Math.min(own, batches.size() - 1)); // all ranks compute something
      List<int[]> part = Arrays.stream(batch).mapToObj(sequences::get).toList();
      PackedRows rows = share ? PackedRows.groups(List.of(part)) : PackedRows.sequences(part);
      double[][] some = network.outputs(rows);
      width = some[0].length;
      for (int i = 0; i < batch.length && own < batches.size(); i++) {
        outputs[batch[i]] = some[i];
      }
    }
    if (ranks.size() == 1) {
      return Optional.of(outputs);
    }
    int columns = width;
    return Optional.of(Messages.union(ranks, network.store().device(), outputs, _ -> columns));
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
