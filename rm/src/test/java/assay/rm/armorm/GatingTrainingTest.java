package assay.rm.armorm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.autograd.GradCheck;
import assay.autograd.Tape;
import assay.autograd.Variable;
import assay.autograd.op.Dropout;
import assay.nn.Parameter;
import assay.rm.ArmoRmConfig;
import assay.rm.BradleyTerryLoss;
import assay.rm.GatePattern;
import assay.tensor.DType;
import assay.tensor.Device;
import assay.tensor.Shape;
import assay.tensor.TensorArena;
import assay.train.AdamW;
import assay.train.Schedule;
import assay.train.Trainer;
import assay.train.TrainingTask;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** Stage 2 against PyTorch, and what was wrong with the published script. */
class GatingTrainingTest {
  private static final int NUM_PAIRS = 64;
  private static final ArmoRmConfig CONFIG = new ArmoRmConfig(5, 10, 16, 3, GatePattern.of(1, 2));

  /** The reference's pairs, and its gate before the first step. */
  private static final class Stage implements AutoCloseable {
    final GatePairs pairs;
    final GatingTraining training;

    Stage(Goldens golden, Device device, boolean transformed, GatingTraining.Defects defects) {
      float[][] prompts = RidgeRegressionTest.toFloats(golden.rows("gate.prompt"));
      pairs =
          new GatePairs(
              device,
              EmbeddedRows.of(prompts),
              rewards(golden, "gate.chosen", transformed),
              rewards(golden, "gate.rejected", transformed));
      training = new GatingTraining(device, CONFIG, prompts[0].length, defects);
      try (TensorArena arena = TensorArena.open(device, "scratch")) {
        for (Parameter parameter : training.gating().parameters()) {
          float[] values = golden.floats(parameter.name().replace("gating.", "init."));
          parameter.set(arena.empty(DType.F32, parameter.shape()).copyFrom(values));
        }
      }
    }

    Variable loss(Tape tape, Optional<Dropout> masks) {
      return training
          .scores(tape, pairs, allPairs(), masks)
          .apply(BradleyTerryLoss.labelled(new double[NUM_PAIRS], 0, NUM_PAIRS));
    }

    double loss(Optional<Dropout> masks) {
      try (TensorArena arena = TensorArena.open(training.store().device(), "activations")) {
        return loss(Tape.inference(arena), masks).value().toFloats()[0];
      }
    }

    @Override
    public void close() {
      pairs.close();
      training.close();
    }
  }

  @Test
  void twentyFiveStepsAreThoseOfPyTorch() {
    try (Device device = Device.cpu(2);
        Goldens golden = new Goldens("armorm");
        Stage stage = new Stage(golden, device, true, GatingTraining.Defects.NONE)) {
      double[] losses = golden.doubles("gate.losses");
      train(stage, losses);
      for (Parameter parameter : stage.training.gating().parameters()) {
        float[] expected = golden.floats(parameter.name().replace("gating.", "final."));
        assertArrayEquals(expected, parameter.value().toFloats(), 1e-3f, parameter.name());
      }
      GatingTraining.Evaluation evaluation = stage.training.evaluate(stage.pairs);
      double[][] gates = golden.rows("gate.output_after");
      for (int i = 0; i < NUM_PAIRS; i++) {
        assertEquals(golden.floats("score_after.chosen")[i], evaluation.scores()[2 * i], 1e-3);
        assertEquals(
            golden.floats("score_after.rejected")[i], evaluation.scores()[2 * i + 1], 1e-3);
        for (int k = 0; k < 5; k++) {
          assertEquals(gates[i][k], evaluation.gates()[i][k], 1e-4);
        }
      }
    }
  }

  private static void train(Stage stage, double[] losses) {
    TrainingTask<int[]> task =
        new TrainingTask<>() {
          @Override
          public List<MicroBatch> microBatches(int[] batch) {
            return List.of(tape -> stage.loss(tape, Optional.empty()));
          }

          @Override
          public String describe(int[] batch) {
            return "all pairs";
          }
        };
    Trainer.Options options =
        new Trainer.Options(
            1e-2,
            new Schedule(Schedule.Kind.COSINE, 0, losses.length),
            new AdamW.Options(0.9, 0.999, 1e-8, 0),
            0);
    try (Trainer<int[]> trainer = new Trainer<>(stage.training.store(), task, options)) {
      for (double loss : losses) {
        assertEquals(loss, trainer.step(allPairs()).loss(), 1e-5);
      }
    }
  }

  /**
   * The published script's softmax over the pair gives the gate's layers no gradient: what comes
   * from the two sides cancels, but for rounding.
   */
  @Test
  void theGateLearnsFromPreferencesWhichASoftmaxOverThePairDoesNot() {
    try (Device device = Device.cpu(2);
        Goldens golden = new Goldens("armorm")) {
      assertTrue(largestLayerGradient(golden, device, GatingTraining.Defects.NONE) > 1e-4);
      assertEquals(0, largestLayerGradient(golden, device, GatingTraining.Defects.RLHFLOW), 1e-8);
    }
  }

  /**
   * The published script's weights are 1/2 for each objective and side, so that its score is half
   * the sum of all rewards; they should add up to the factor, which is 1 at the start.
   */
  @Test
  void weightsAddUpOverTheObjectivesWhichASoftmaxOverThePairDoesNot() {
    try (Device device = Device.cpu(1);
        Goldens golden = new Goldens("armorm");
        Stage right = new Stage(golden, device, true, GatingTraining.Defects.NONE);
        Stage upstream = new Stage(golden, device, true, GatingTraining.Defects.RLHFLOW);
        TensorArena arena = TensorArena.open(device, "activations")) {
      GatingTraining.Evaluation evaluation = right.training.evaluate(right.pairs);
      assertEquals(1, sum(evaluation.gates()[0]), 1e-6);
      float[] rewards = Arrays.copyOf(upstream.pairs.rewards().toFloats(), 5);
      float[] scores =
          upstream
              .training
              .scores(Tape.inference(arena), upstream.pairs, new int[] {0}, Optional.empty())
              .value()
              .toFloats();
      assertEquals(sum(rewards) / 2, scores[0], 1e-5);
    }
  }

  /** The published script's accuracy is that of another function than the one that scores. */
  @Test
  void evaluationIsOfTheFunctionThatScoresWhateverTrained() {
    try (Device device = Device.cpu(1);
        Goldens golden = new Goldens("armorm");
        Stage right = new Stage(golden, device, true, GatingTraining.Defects.NONE);
        Stage upstream = new Stage(golden, device, true, GatingTraining.Defects.RLHFLOW)) {
      assertArrayEquals(
          right.training.evaluate(right.pairs).scores(),
          upstream.training.evaluate(upstream.pairs).scores());
    }
  }

  /** The published script trains without T and scores with it: another loss from the first step. */
  @Test
  void theTransformIsInTheLoss() {
    try (Device device = Device.cpu(1);
        Goldens golden = new Goldens("armorm");
        Stage right = new Stage(golden, device, true, GatingTraining.Defects.NONE);
        Stage without = new Stage(golden, device, false, GatingTraining.Defects.NONE)) {
      double expected = golden.doubles("gate.losses")[0];
      assertEquals(expected, right.loss(Optional.empty()), 1e-5);
      double other = without.loss(Optional.empty());
      assertTrue(Math.abs(other - expected) > 0.1, "loss " + other);
    }
  }

  @Test
  void dropoutDependsOnTheSeedAndIsLeftOutOfScores() {
    try (Device device = Device.cpu(1);
        Goldens golden = new Goldens("armorm");
        Stage stage = new Stage(golden, device, true, GatingTraining.Defects.NONE)) {
      Optional<Dropout> one = Optional.of(new Dropout(0.5, 1));
      assertEquals(stage.loss(one), stage.loss(one));
      assertTrue(stage.loss(one) != stage.loss(Optional.of(new Dropout(0.5, 2))));
      assertArrayEquals(
          stage.training.evaluate(stage.pairs).scores(),
          stage.training.evaluate(stage.pairs).scores());
    }
  }

  @Property(tries = 20)
  void theGradientOfASoftmaxOverThePairMatchesFiniteDifferences(@ForAll long seed) {
    Random random = new Random(seed);
    Shape shape = Shape.of(2 * (1 + random.nextInt(3)), 1 + random.nextInt(5));
    double[] values = random.doubles(shape.size(), -2, 2).toArray();
    double[] cotangent = random.doubles(shape.size(), -1, 1).toArray();
    try (Device device = Device.cpuReference(1)) {
      double error =
          GradCheck.worstError(
              device,
              new SoftmaxOverPair(),
              List.of(new GradCheck.Input(shape, values, true)),
              cotangent);
      assertTrue(error < 1e-6, "off by " + error);
    }
  }

  private static double largestLayerGradient(
      Goldens golden, Device device, GatingTraining.Defects defects) {
    try (Stage stage = new Stage(golden, device, true, defects);
        TensorArena arena = TensorArena.open(device, "activations")) {
      Tape tape = Tape.recording(arena);
      tape.backward(stage.loss(tape, Optional.empty()), arena.of(DType.F32, Shape.of(1), 1));
      double largest = 0;
      for (Parameter parameter : stage.training.gating().parameters()) {
        if (parameter.name().contains(".layers.")) {
          for (float gradient : parameter.gradient().toFloats()) {
            largest = Math.max(largest, Math.abs(gradient));
          }
        }
      }
      return largest;
    }
  }

  private static double sum(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += value;
    }
    return sum;
  }

  private static int[] allPairs() {
    int[] pairs = new int[NUM_PAIRS];
    Arrays.setAll(pairs, i -> i);
    return pairs;
  }

  /** W h, and T of it. */
  private static float[][] rewards(Goldens golden, String states, boolean transformed) {
    double[][] weights = golden.rows("ridge.weight");
    double[][] transform = golden.rows("reward_transform_matrix");
    float[][] rows = RidgeRegressionTest.toFloats(golden.rows(states));
    float[][] rewards = new float[rows.length][weights.length];
    for (int i = 0; i < rows.length; i++) {
      double[] plain = new double[weights.length];
      for (int k = 0; k < plain.length; k++) {
        plain[k] = RidgeRegression.dot(weights[k], rows[i]);
      }
      rewards[i] = Rewards.transformed(plain, transformed ? transform : identity(plain.length));
    }
    return rewards;
  }

  private static double[][] identity(int n) {
    return VerbosityDebiasing.identity(n);
  }
}
