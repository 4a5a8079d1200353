package assay.rm;

import assay.autograd.Tape;
import assay.autograd.Variable;
import assay.autograd.op.CrossEntropy;
import assay.autograd.op.Scale;
import assay.autograd.op.Sum;
import assay.rm.data.LabelledText;
import assay.rm.text.ComparisonEncoder.AnswerTokens;
import assay.tensor.comm.Communicator;
import it.unimi.dsi.fastutil.ints.IntArrayList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Trains verdicts: the cross-entropy of the token + or - after each step, over the whole
 * vocabulary, as a language model is trained, and of no other token. The mean over all labelled
 * steps of a batch. Later steps are read after the true verdicts on earlier ones.
 *
 * <p>n labelled steps.
 */
public final class StepTask extends TextTask {
  private final PreferenceNetwork network;
  private final AnswerTokens verdicts;

  public StepTask(
      PreferenceNetwork network,
      AnswerTokens verdicts,
      List<LabelledText> texts,
      Computation computation) {
    super(texts, computation);
    this.network = network;
    this.verdicts = verdicts;
  }

  @Override
  public RewardNetwork network() {
    return network;
  }

  /** The log-odds of each labelled step. */
  @Override
  protected int numNoted(int index) {
    return text(index).numLabels();
  }

  @Override
  protected void count(PreferenceStatistics sum, int index, double[] noted) {
    int next = 0;
    for (float label : text(index).labels()) {
      if (!Float.isNaN(label)) {
        sum.addVerdict(noted[next++], label == 1);
      }
    }
  }

  @Override
  protected Variable loss(Tape tape, Part part) {
    List<LabelledText> texts = texts(part.indices());
    IntArrayList readRows = new IntArrayList();
    IntArrayList targets = new IntArrayList();
    int start = 0;
    for (LabelledText text : texts) {
      for (int step = 0; step < text.labels().length; step++) {
        float label = text.labels()[step];
        if (!Float.isNaN(label)) {
          readRows.add(start + text.readAt()[step]);
          targets.add(label == 1 ? verdicts.a() : verdicts.b());
        }
      }
      start += text.ids().length;
    }
    PackedRows rows =
        PackedRows.sequences(texts.stream().map(LabelledText::ids).toList())
            .readAt(readRows.toIntArray());
    Variable logits = network.logits(tape, rows, computation().checkpointing()); // [n, vocab]
    note(logits, part);
    return logits
        .apply(new CrossEntropy(tape.arena().ints(targets.toIntArray()))) // [n, 1]
        .apply(new Sum()) // [1]
        .apply(new Scale(1.0 / numLabels())); // [1]
  }

  private void note(Variable logits, Part part) {
    int numSteps = logits.shape().dim(0);
    int vocabulary = logits.shape().dim(1);
    int[] places = new int[2 * numSteps];
    for (int i = 0; i < numSteps; i++) {
      places[2 * i] = i * vocabulary + verdicts.a();
      places[2 * i + 1] = i * vocabulary + verdicts.b();
    }
    float[] values = PairwisePreferenceTask.pick(logits.value(), places);
    double[] logOdds = new double[numSteps];
    Arrays.setAll(logOdds, i -> (double) values[2 * i] - values[2 * i + 1]);
    part.note(logOdds);
  }

  @Override
  HeldOutEvaluation evaluate(
      TrainingSetup setup, Communicator ranks, TrainingListener listener, BooleanSupplier stop) {
    List<int[]> sequences = new ArrayList<>();
    List<Boolean> labels = new ArrayList<>();
    for (LabelledText text : setup.texts().eval()) {
      for (int step = 0; step < text.labels().length; step++) {
        if (!Float.isNaN(text.labels()[step])) {
          sequences.add(Arrays.copyOf(text.ids(), text.readAt()[step] + 1));
          labels.add(text.labels()[step] == 1);
        }
      }
    }
    Optional<double[][]> outputs =
        PrefixBatches.outputs(
            network,
            sequences,
            computation().microBatchTokens(),
            computation().sharePrompts(),
            ranks,
            stop);
    PreferenceStatistics sum = new PreferenceStatistics();
    List<Double> logOdds = new ArrayList<>();
    for (int i = 0; i < labels.size() && outputs.isPresent(); i++) {
      logOdds.add(outputs.get()[i][0]);
      sum.addVerdict(outputs.get()[i][0], labels.get(i));
    }
    return new HeldOutTexts(
        sum.loss(),
        sum.accuracy(),
        sum.margin(),
        sum.pairs(),
        "verdicts",
        sum.accuracyStandardError(),
        logOdds);
  }
}
