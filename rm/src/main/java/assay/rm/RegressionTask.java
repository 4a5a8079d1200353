package assay.rm;

import assay.autograd.Tape;
import assay.autograd.Variable;
import assay.rm.data.LabelledText;
import assay.tensor.comm.Communicator;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Trains a head for each attribute, and the trunk below them, on texts of which people rated some
 * of the attributes: the mean of (prediction - rating)^2 over all ratings of a batch. An attribute
 * that nobody rated has no gradient.
 */
public final class RegressionTask extends TextTask {
  private final LinearHeadsNetwork network;
  private final Contract.Heads heads;

  public RegressionTask(
      LinearHeadsNetwork network,
      Contract.Heads heads,
      List<LabelledText> texts,
      Computation computation) {
    super(texts, computation);
    this.network = network;
    this.heads = heads;
  }

  @Override
  public RewardNetwork network() {
    return network;
  }

  /** The reward. */
  @Override
  protected int numNoted(int index) {
    return 1;
  }

  @Override
  protected void count(PreferenceStatistics sum, int index, double[] noted) {
    sum.addReward(noted[0]);
  }

  @Override
  protected Variable loss(Tape tape, Part part) {
    List<LabelledText> texts = texts(part.indices());
    PackedRows rows = PackedRows.sequences(texts.stream().map(LabelledText::ids).toList());
    Variable predictions = network.heads(tape, rows, computation().checkpointing()); // [R, K]
    int numHeads = heads.names().size();
    float[] labels = new float[texts.size() * numHeads];
    for (int i = 0; i < texts.size(); i++) {
      System.arraycopy(texts.get(i).labels(), 0, labels, i * numHeads, numHeads);
    }
    note(predictions, part);
    return predictions.apply(new MaskedSquaredError(labels, numLabels())); // [1]
  }

  private void note(Variable predictions, Part part) {
    double[][] values = RewardNetwork.toRows(predictions.value());
    double[] rewards = new double[values.length];
    for (int i = 0; i < rewards.length; i++) {
      for (int k = 0; k < values[i].length; k++) {
        rewards[i] += heads.weights().get(k) * values[i][k];
      }
    }
    part.note(rewards);
  }

  /** Notes for each attribute how well it is predicted. */
  @Override
  HeldOutEvaluation evaluate(
      TrainingSetup setup, Communicator ranks, TrainingListener listener, BooleanSupplier stop) {
    List<LabelledText> texts = setup.texts().eval();
    Optional<double[][]> outputs =
        PrefixBatches.outputs(
            network,
            texts.stream().map(LabelledText::ids).toList(),
            computation().microBatchTokens(),
            computation().sharePrompts(),
            ranks,
            stop);
    if (outputs.isEmpty()) {
      return new HeldOutTexts(
          Double.NaN, Double.NaN, Double.NaN, 0, "texts", Double.NaN, List.of());
    }
    double squares = 0;
    int count = 0;
    for (int k = 0; k < heads.names().size(); k++) {
      Fit fit = fit(texts, outputs.get(), k);
      squares += fit.squares();
      count += fit.count();
      listener.note(
          String.format(
              Locale.ROOT,
              "  %-28s %5d ratings, mean squared error %.4f, correlation %.3f",
              heads.names().get(k),
              fit.count(),
              fit.squares() / fit.count(),
              fit.correlation()));
    }
    List<Double> rewards = new ArrayList<>();
    for (double[] output : outputs.get()) {
      rewards.add(output[0]);
    }
    return new HeldOutTexts(
        squares / count, Double.NaN, Double.NaN, texts.size(), "texts", Double.NaN, rewards);
  }

  private record Fit(int count, double squares, double correlation) {}

  private static Fit fit(List<LabelledText> texts, double[][] outputs, int attribute) {
    List<double[]> rated = new ArrayList<>();
    double squares = 0;
    for (int i = 0; i < outputs.length; i++) {
      double rating = texts.get(i).labels()[attribute];
      double prediction = outputs[i][1 + attribute];
      if (!Double.isNaN(rating)) {
        rated.add(new double[] {prediction, rating});
        squares += (prediction - rating) * (prediction - rating);
      }
    }
    double[] predictions = rated.stream().mapToDouble(pair -> pair[0]).toArray();
    double[] ratings = rated.stream().mapToDouble(pair -> pair[1]).toArray();
    return new Fit(rated.size(), squares, LengthCorrelation.of(predictions, ratings).rho());
  }
}
