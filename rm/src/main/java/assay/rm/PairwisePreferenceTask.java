package assay.rm;

import assay.autograd.Tape;
import assay.autograd.Variable;
import assay.autograd.op.Add;
import assay.autograd.op.CrossEntropy;
import assay.autograd.op.Multiply;
import assay.autograd.op.Scale;
import assay.autograd.op.Sum;
import assay.rm.data.PreferencePair;
import assay.rm.data.SplitMix64;
import assay.rm.text.ComparisonEncoder.AnswerTokens;
import assay.tensor.DType;
import assay.tensor.Tensor;
import assay.tensor.TensorArena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Trains answers: each pair in one order, the better answer first or second by the seed's choice,
 * under the cross-entropy of the token A or B, and on request of the tokens that end the turn.
 *
 * <p>A neutral pair should be answered by either with the probability 0.5: its loss is the mean of
 * the cross-entropies of A and B. (RLHFlow's RRM teaches a third answer, "Same"; then A and B are
 * compared without having been told that they are equal.)
 *
 * <p>n targets a pair: 1 + the length of the turn's end.
 */
public final class PairwisePreferenceTask extends PreferenceTask {
  private final PreferenceNetwork network;
  private final AnswerTokens answers;
  private final int[] turnEnd;
  private final long seed;

  /**
   * @param turnEnd the tokens after the answer that are learnt too; may be none
   * @param seed decides which answer of each pair comes first
   */
  public PairwisePreferenceTask(
      PreferenceNetwork network,
      List<PreferencePair> pairs,
      AnswerTokens answers,
      int[] turnEnd,
      long seed,
      Computation computation) {
    super(pairs, computation);
    this.network = network;
    this.answers = answers;
    this.turnEnd = turnEnd.clone();
    this.seed = seed;
  }

  @Override
  public RewardNetwork network() {
    return network;
  }

  /** Whether the better answer is A. */
  boolean isChosenFirst(int index) {
    return SplitMix64.mix(SplitMix64.mix(seed) + index) < 0;
  }

  private int[] question(int index) {
    return isChosenFirst(index) ? pair(index).chosenIds() : pair(index).rejectedIds();
  }

  private int answer(int index) {
    return isChosenFirst(index) ? answers.a() : answers.b();
  }

  private int otherAnswer(int index) {
    return isChosenFirst(index) ? answers.b() : answers.a();
  }

  @Override
  protected int computedRows(int index) {
    return question(index).length + turnEnd.length;
  }

  @Override
  protected int tokens(int index) {
    return computedRows(index);
  }

  /** The question and all targets but the last, which nothing needs to be predicted from. */
  PackedRows pack(int[] part) {
    List<int[]> sequences = new ArrayList<>();
    for (int index : part) {
      int[] question = question(index);
      int[] ids = Arrays.copyOf(question, question.length + turnEnd.length);
      if (turnEnd.length > 0) {
        ids[question.length] = answer(index);
        System.arraycopy(turnEnd, 0, ids, question.length + 1, turnEnd.length - 1);
      }
      sequences.add(ids);
    }
    return PackedRows.sequences(sequences, 1 + turnEnd.length);
  }

  @Override
  protected Variable loss(Tape tape, Part part) {
    int[] pairs = part.indices();
    PackedRows rows = pack(pairs);
    int numTargets = 1 + turnEnd.length;
    int[] targets = new int[pairs.length * numTargets];
    int[] others = new int[targets.length];
    double[] weights = new double[targets.length];
    Arrays.fill(weights, 1);
    for (int i = 0; i < pairs.length; i++) {
      targets[i * numTargets] = answer(pairs[i]);
      others[i * numTargets] = otherAnswer(pairs[i]);
      weights[i * numTargets] = pair(pairs[i]).target();
      System.arraycopy(turnEnd, 0, targets, i * numTargets + 1, turnEnd.length);
    }
    Variable logits = network.logits(tape, rows, computation().checkpointing()); // [n pairs, vocab]
    note(logits.value(), part);
    return softCrossEntropy(logits, targets, others, weights) // [1]
        .apply(new Scale(1.0 / ((double) part.batchSize() * numTargets))); // [1]
  }

  /**
   * Sum over rows of w_r CE(x_r, target_r) + (1 - w_r) CE(x_r, other_r): the cross-entropy of a
   * distribution over two tokens. Where all weights are 1 the second term is left out.
   *
   * @param logits {@code [R, vocab]}
   */
  static Variable softCrossEntropy(Variable logits, int[] targets, int[] others, double[] weights) {
    TensorArena arena = logits.tape().arena();
    Variable loss = logits.apply(new CrossEntropy(arena.ints(targets))); // [R, 1]
    if (Arrays.stream(weights).allMatch(weight -> weight == 1)) {
      return loss.apply(new Sum()); // [1]
    }
    double[] rest = Arrays.stream(weights).map(weight -> 1 - weight).toArray();
    Variable other = logits.apply(new CrossEntropy(arena.ints(others))); // [R, 1]
    return weighted(loss, weights) // [R, 1]
        .apply(new Add(), weighted(other, rest)) // [R, 1]
        .apply(new Sum()); // [1]
  }

  private static Variable weighted(Variable loss, double[] weights) {
    Tensor column = loss.tape().arena().of(loss.value().dtype(), loss.shape(), weights); // [R, 1]
    return loss.apply(new Multiply(), loss.tape().constant(column)); // [R, 1]
  }

  /** Notes the log-odds of the right answers, half of them as the reward of each. */
  private void note(Tensor logits, Part part) {
    int stride = (1 + turnEnd.length) * logits.numColumns();
    int[] places = new int[2 * part.size()];
    for (int i = 0; i < part.size(); i++) {
      places[2 * i] = i * stride + answers.a();
      places[2 * i + 1] = i * stride + answers.b();
    }
    float[] values = pick(logits, places);
    int[] pairs = part.indices();
    double[] halves = new double[2 * pairs.length];
    for (int i = 0; i < pairs.length; i++) {
      double oddsOfA = (double) values[2 * i] - values[2 * i + 1];
      double half = (isChosenFirst(pairs[i]) ? oddsOfA : -oddsOfA) / 2;
      halves[2 * i] = half;
      halves[2 * i + 1] = -half;
    }
    part.note(halves);
  }

  /** Single numbers of a matrix, by their places in it. */
  static float[] pick(Tensor x, int[] places) {
    try (TensorArena scratch = TensorArena.open(x.device(), "scratch")) {
      Tensor column = x.reshape(Math.toIntExact(x.size()), 1);
      Tensor picked = scratch.empty(DType.F32, places.length, 1);
      x.device().backend().gather(column, scratch.ints(places), picked);
      return picked.toFloats();
    }
  }
}
