package assay.rm;

import assay.autograd.Tape;
import assay.autograd.Variable;
import assay.autograd.op.Add;
import assay.autograd.op.Scale;
import assay.rm.data.PreferencePair;
import assay.rm.recipe.OdinOptions;
import assay.tensor.comm.Communicator;
import java.util.List;

/**
 * Trains ODIN's two heads: L = L_BT(r_length + r_quality) + w ((1 - rho_length) + |rho_quality|) +
 * v |cos(W_length, W_quality)|.
 *
 * <p>A correlation is of a whole batch, and a batch is computed in parts. So the batch's rewards
 * are computed first, without keeping anything to go back through; their moments give each part the
 * exact gradient ({@link OdinLengthLoss}). That is one forward more, a third of a step. Rejected:
 * the correlation of each part by itself, which costs nothing and makes the size of a part a matter
 * of mathematics; and keeping all parts for one backward, which costs the memory that parts are
 * there to save.
 */
public final class OdinTask extends PreferenceTask {
  private final LinearHeadsNetwork network;
  private final OdinOptions options;
  private final double centering;
  private final Communicator ranks;
  private LengthCorrelation length;
  private LengthCorrelation quality;

  /**
   * @param network of two heads, {@link Odin#LENGTH} and {@link Odin#QUALITY}
   * @param ranks that compute the batch together
   */
  public OdinTask(
      LinearHeadsNetwork network,
      List<PreferencePair> pairs,
      OdinOptions options,
      double centering,
      Computation computation,
      Communicator ranks) {
    super(pairs, computation);
    this.network = network;
    this.options = options;
    this.centering = centering;
    this.ranks = ranks;
  }

  @Override
  public RewardNetwork network() {
    return network;
  }

  @Override
  protected int computedRows(int index) {
    return pair(index).computedRows(computation().sharePrompts());
  }

  @Override
  protected int tokens(int index) {
    return pair(index).computedRows(false);
  }

  /** Correlates the rewards of the whole batch, as the weights are now, with the lengths. */
  @Override
  protected void beginBatch(int[] batch) {
    List<PreferencePair> pairs = pairs(batch);
    double[][] outputs =
        PrefixBatches.outputs(
                network,
                PreferenceEvaluation.sides(pairs),
                computation().microBatchTokens(),
                computation().sharePrompts(),
                ranks,
                () -> false)
            .orElseThrow();
    double[] lengths = lengths(pairs);
    length = LengthCorrelation.of(column(outputs, 1 + Odin.LENGTH), lengths);
    quality = LengthCorrelation.of(column(outputs, 1 + Odin.QUALITY), lengths);
  }

  private static double[] column(double[][] rows, int column) {
    double[] values = new double[rows.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = rows[i][column];
    }
    return values;
  }

  /** Tokens of the answers, chosen before rejected. */
  private static double[] lengths(List<PreferencePair> pairs) {
    double[] lengths = new double[2 * pairs.size()];
    for (int i = 0; i < pairs.size(); i++) {
      lengths[2 * i] = pairs.get(i).chosenLength();
      lengths[2 * i + 1] = pairs.get(i).rejectedLength();
    }
    return lengths;
  }

  @Override
  protected Variable loss(Tape tape, Part part) {
    PackedRows rows = PackedRows.pairs(this::pair, part.indices(), computation().sharePrompts());
    Variable heads = network.heads(tape, rows, computation().checkpointing()); // [2 pairs, 2]
    Variable sum = LinearHeadsNetwork.weighted(heads, 1, 1); // [2 pairs, 1]
    double share = (double) part.size() / part.batchSize();
    OdinLengthLoss byLength =
        new OdinLengthLoss(
            lengths(pairs(part.indices())), length, quality, options.lengthWeight(), share);
    Variable loss =
        bradleyTerryLoss(sum, part, centering).apply(new Add(), heads.apply(byLength)); // [1]
    noteQuality(heads, part);
    if (options.orthogonalityWeight() == 0) {
      return loss;
    }
    Variable cosine =
        network.headWeight().on(tape).apply(new RowCosine(options.orthogonalityWeight())); // [1]
    return loss.apply(new Add(), cosine.apply(new Scale(share))); // [1]
  }

  /** The rewards that count at use. */
  private static void noteQuality(Variable heads, Part part) {
    double[][] values = RewardNetwork.toRows(heads.value());
    part.note(column(values, Odin.QUALITY));
  }
}
