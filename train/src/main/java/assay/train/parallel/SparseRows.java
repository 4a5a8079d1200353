package assay.train.parallel;

import assay.nn.Parameter;
import assay.tensor.DType;
import assay.tensor.Device;
import assay.tensor.Tensor;
import assay.tensor.TensorArena;
import assay.tensor.UnaryKind;
import assay.tensor.comm.Communicator;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The gradient of an embedding, of which a part's tokens touch a few rows: only these travel.
 *
 * <p>Phases:
 *
 * <ol>
 *   <li>Each rank adds up the rows of each of its tokens: U distinct tokens, {@code [U, dim]}.
 *   <li>The ranks tell each other how many they have. If U W rows are no fewer than the table has,
 *       the whole table travels as any other gradient does.
 *   <li>All gather all ranks' tokens and rows, and add those of their own rows, rank by rank.
 * </ol>
 *
 * <p>Either way a row's sum is {@code ((G + g0) + g1) + ...}, to the same bits.
 */
final class SparseRows {
  private final ParallelPlan plan;
  private final Communicator ranks;
  private final Parameter table;
  private final Device device;
  private final DType dtype;

  SparseRows(ParallelPlan plan, Parameter table) {
    this.plan = plan;
    this.ranks = plan.ranks();
    this.table = table;
    this.device = table.device();
    this.dtype = table.gradients().padded().dtype();
  }

  /** See {@link assay.autograd.GradientSink#acceptRows}. */
  boolean add(Tensor rows, Tensor dRows) {
    int[] tokens = rows.toInts();
    int[] distinct = IntStream.of(tokens).sorted().distinct().toArray();
    try (TensorArena scratch = TensorArena.open(device, "communication")) {
      Tensor sums = addUp(tokens, distinct, dRows, scratch);
      if (ranks.size() == 1) {
        device.backend().scatterAdd(sums, scratch.ints(distinct), table.gradients().own());
        return true;
      }
      int most = most(distinct.length, scratch);
      if ((long) most * ranks.size() < table.shape().dim(0)) {
        exchange(distinct, sums, most, scratch);
      } else {
        addNaively(distinct, sums, scratch);
      }
    }
    return true;
  }

  /** The naive form: the whole table, of which most rows are zero. */
  private void addNaively(int[] distinct, Tensor sums, TensorArena scratch) {
    Tensor whole = scratch.zeros(sums.dtype(), table.shape());
    device.backend().scatterAdd(sums, scratch.ints(distinct), whole);
    plan.reduction().addNaively(table, whole);
  }

  /** Each distinct token's sum: {@code [U, dim]}. */
  private Tensor addUp(int[] tokens, int[] distinct, Tensor dRows, TensorArena scratch) {
    int[] places = new int[tokens.length];
    Arrays.setAll(places, i -> Arrays.binarySearch(distinct, tokens[i]));
    Tensor sums = scratch.zeros(dtype, distinct.length, dRows.dim(1));
    device.backend().scatterAdd(dRows, scratch.ints(places), sums);
    return sums;
  }

  /** The largest number of any rank. */
  private int most(int number, TensorArena scratch) {
    int[] numbers = new int[ranks.size()];
    numbers[ranks.rank()] = number;
    Tensor all = scratch.ints(numbers);
    ranks.allReduce(all).await();
    return Arrays.stream(all.toInts()).max().orElseThrow();
  }

  private void exchange(int[] distinct, Tensor sums, int most, TensorArena scratch) {
    int[] padded = Arrays.copyOf(distinct, most);
    Arrays.fill(padded, distinct.length, most, -1);
    Tensor tokens = scratch.empty(DType.I32, ranks.size(), most);
    ranks.allGather(scratch.ints(padded), tokens).await();
    Tensor own = scratch.empty(dtype, most, sums.dim(1));
    device.backend().unary(UnaryKind.COPY, sums, own.rows(0, sums.dim(0)));
    Tensor all = scratch.empty(dtype, ranks.size() * most, sums.dim(1));
    ranks.allGather(own, all).await();
    int[] of = tokens.toInts();
    for (int rank = 0; rank < ranks.size(); rank++) {
      addOwn(Arrays.copyOfRange(of, rank * most, (rank + 1) * most), all, rank * most, scratch);
    }
  }

  /** Adds the rows of one rank that fall to this one. */
  private void addOwn(int[] tokens, Tensor all, int first, TensorArena scratch) {
    Tensor gradient = plan.shard(table.gradients());
    int from = ranks.rank() * gradient.dim(0);
    int to = from + gradient.dim(0);
    int[] places =
        IntStream.range(0, tokens.length)
            .filter(i -> tokens[i] >= from && tokens[i] < to)
            .toArray();
    if (places.length > 0) {
      Tensor picked = scratch.empty(dtype, places.length, all.dim(1));
      int[] inAll = Arrays.stream(places).map(i -> first + i).toArray();
      device.backend().gather(all, scratch.ints(inAll), picked);
      int[] inShard = Arrays.stream(places).map(i -> tokens[i] - from).toArray();
      device.backend().scatterAdd(picked, scratch.ints(inShard), gradient);
    }
  }
}
