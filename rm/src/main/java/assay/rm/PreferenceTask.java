package assay.rm;

import assay.autograd.Variable;
import assay.rm.armorm.ArmoRmTask;
import assay.rm.data.PreferencePair;
import assay.tensor.comm.Communicator;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;

/** Training a reward network on preference pairs; both rewards of each are noted. */
public abstract sealed class PreferenceTask extends RewardTask
    permits BradleyTerryTask, OdinTask, PairwisePreferenceTask, ArmoRmTask, DecisionTreeTask {
  private final List<PreferencePair> pairs;

  protected PreferenceTask(List<PreferencePair> pairs, Computation computation) {
    super(computation);
    this.pairs = pairs;
  }

  @Override
  final HeldOutEvaluation evaluate(
      TrainingSetup setup, Communicator ranks, TrainingListener listener, BooleanSupplier stop) {
    return new HeldOutPairs(setup.method(), this, setup.pairs().eval(), ranks, listener, stop);
  }

  /** Scores the held-out pairs with what has been trained so far, in order, on all ranks. */
  public PreferenceStatistics evaluate(
      RewardMethod method,
      List<PreferencePair> heldOut,
      Communicator ranks,
      BooleanSupplier stop,
      PreferenceEvaluation.Sink sink) {
    return PreferenceEvaluation.run(method, network(), heldOut, computation(), ranks, stop, sink);
  }

  protected final PreferencePair pair(int index) {
    return pairs.get(index);
  }

  protected final List<PreferencePair> pairs(int[] indices) {
    return Arrays.stream(indices).mapToObj(pairs::get).toList();
  }

  /** The two rewards. */
  @Override
  protected final int numNoted(int index) {
    return 2;
  }

  @Override
  protected final void count(PreferenceStatistics sum, int index, double[] noted) {
    sum.add(pair(index), noted[0], noted[1]);
  }

  @Override
  protected final String place(int index) {
    return pair(index).file() + ":" + pair(index).line();
  }

  /**
   * The Bradley-Terry loss of both sides' rewards {@code [2 pairs, 1]}.
   *
   * @param centering the coefficient that keeps rewards near zero
   */
  protected final Variable bradleyTerryLoss(Variable rewards, Part part, double centering) {
    List<PreferencePair> its = pairs(part.indices());
    double[] margins = its.stream().mapToDouble(PreferencePair::margin).toArray();
    double[] targets = its.stream().mapToDouble(PreferencePair::target).toArray();
    return rewards.apply(
        new BradleyTerryLoss(margins, targets, centering, part.batchSize())); // [1]
  }

  /** The numbers of a part's rewards {@code [2 pairs, 1]}, to be noted. */
  protected static double[] toDoubles(Variable rewards) {
    float[] values = rewards.value().toFloats();
    double[] exact = new double[values.length];
    Arrays.setAll(exact, i -> values[i]);
    return exact;
  }
}
