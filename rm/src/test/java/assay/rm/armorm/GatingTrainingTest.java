package assay.rm.armorm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.autograd.GradCheck;
import assay.autograd.Op;
import assay.autograd.Tape;
import assay.autograd.Variable;
import assay.nn.Parameter;
import assay.tensor.DType;
import assay.tensor.Device;
import assay.tensor.Shape;
import assay.tensor.TensorArena;
import assay.train.AdamW;
import assay.train.Schedule;
import assay.train.Trainer;
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

  @Test
  void twentyFiveStepsAreThoseOfPyTorch() {
    try (Device device = Device.cpu(2);
        Goldens golden = new Goldens("armorm");
        GatingTraining task = training(golden, device, true, GatingTraining.Defects.NONE)) {
      double[] losses = golden.doubles("gate.losses");
      Trainer.Options options =
          new Trainer.Options(
              1e-2,
              new Schedule(Schedule.Kind.COSINE, 0, losses.length),
              new AdamW.Options(0.9, 0.999, 1e-8, 0),
              0);
      try (Trainer<int[]> trainer = new Trainer<>(task.store(), task, options)) {
        for (double loss : losses) {
          assertEquals(loss, trainer.step(allPairs()).loss(), 1e-5);
        }
      }
      for (Parameter parameter : task.gating().parameters()) {
        float[] expected = golden.floats(parameter.name().replace("gating.", "final."));
        assertArrayEquals(expected, parameter.value().toFloats(), 1e-3f, parameter.name());
      }
      GatingTraining.Evaluation evaluation = task.evaluate(allPairs());
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

  /** The weights are for prompts: they add up to the factor, and both answers get the same. */
  @Test
  void weightsAddUpOverTheObjectivesWhichASoftmaxOverThePairDoesNot() {
    try (Device device = Device.cpu(1);
        Goldens golden = new Goldens("armorm");
        GatingTraining right = training(golden, device, true, GatingTraining.Defects.NONE);
        GatingTraining upstream = training(golden, device, true, GatingTraining.Defects.RLHFLOW)) {
      assertEquals(1, sum(right.evaluate(new int[] {0}).gates()[0]), 1e-6);
      assertEquals(2.5, sum(upstream.evaluate(new int[] {0}).gates()[0]), 1e-6); // 5 times 1/2
    }
  }

  /** The published script trains without T and scores with it: another loss from the first step. */
  @Test
  void theTransformIsInTheLoss() {
    try (Device device = Device.cpu(1);
        Goldens golden = new Goldens("armorm");
        GatingTraining right = training(golden, device, true, GatingTraining.Defects.NONE);
        GatingTraining without = training(golden, device, false, GatingTraining.Defects.NONE)) {
      double expected = golden.doubles("gate.losses")[0];
      assertEquals(expected, loss(right), 1e-5);
      assertTrue(Math.abs(loss(without) - expected) > 0.1, "loss " + loss(without));
    }
  }

  @Test
  void dropoutDependsOnTheSeedAndIsLeftOutOfScores() {
    try (Device device = Device.cpu(1);
        Goldens golden = new Goldens("armorm");
        GatingTraining task = training(golden, device, true, GatingTraining.Defects.NONE)) {
      Dropout one = new Dropout(0.5, 1);
      assertEquals(loss(task, Optional.of(one)), loss(task, Optional.of(one)));
      assertTrue(loss(task, Optional.of(one)) != loss(task, Optional.of(new Dropout(0.5, 2))));
      assertArrayEquals(
          task.evaluate(new int[] {3}).scores(), task.evaluate(new int[] {3}).scores());
    }
  }

  @Property(tries = 20)
  void gradientsMatchFiniteDifferences(@ForAll long seed) {
    Random random = new Random(seed);
    Shape shape = Shape.of(2 * (1 + random.nextInt(3)), 1 + random.nextInt(5));
    GradCheck.Input x =
        new GradCheck.Input(shape, values(random, shape), true); // away from ReLU's corner
    GradCheck.Input s = new GradCheck.Input(Shape.of(1), new double[] {0.7}, true);
    assertGradient(new Relu(), shape, random, x);
    assertGradient(new Dropout(0.3, seed), shape, random, x);
    assertGradient(new SoftmaxOverPair(), shape, random, x);
    assertGradient(new MultiplyByScalar(), shape, random, x, s);
  }

  private static double[] values(Random random, Shape shape) {
    return random
        .doubles(shape.size(), 0.1, 2)
        .map(value -> random.nextBoolean() ? value : -value)
        .toArray();
  }

  private static void assertGradient(
      Op op, Shape output, Random random, GradCheck.Input... inputs) {
    try (Device device = Device.cpuReference(1)) {
      double[] cotangent = random.doubles(output.size(), -1, 1).toArray();
      double error = GradCheck.worstError(device, op, List.of(inputs), cotangent);
      assertTrue(error < 1e-6, op + " off by " + error);
    }
  }

  private static double largestLayerGradient(
      Goldens golden, Device device, GatingTraining.Defects defects) {
    try (GatingTraining task = training(golden, device, true, defects);
        TensorArena arena = TensorArena.open(device, "activations")) {
      Tape tape = Tape.recording(arena);
      Variable loss = task.loss(tape, allPairs(), Optional.empty());
      tape.backward(loss, arena.of(DType.F32, Shape.of(1), 1));
      double largest = 0;
      for (Parameter parameter : task.gating().parameters()) {
        if (parameter.name().contains(".layers.")) {
          for (float gradient : parameter.gradient().toFloats()) {
            largest = Math.max(largest, Math.abs(gradient));
          }
        }
      }
      return largest;
    }
  }

  private static double loss(GatingTraining task) {
    return loss(task, Optional.empty());
  }

  private static double loss(GatingTraining task, Optional<Dropout> masks) {
    try (TensorArena arena = TensorArena.open(task.store().device(), "activations")) {
      return task.loss(Tape.inference(arena), allPairs(), masks).value().toFloats()[0];
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

  /** The reference's pairs, and its gate before the first step. */
  private static GatingTraining training(
      Goldens golden, Device device, boolean transformed, GatingTraining.Defects defects) {
    GatingTraining task =
        new GatingTraining(
            device,
            CONFIG,
            EmbeddedRows.of(RidgeRegressionTest.toFloats(golden.rows("gate.prompt"))),
            rewards(golden, "gate.chosen", transformed),
            rewards(golden, "gate.rejected", transformed),
            0,
            1,
            defects);
    try (TensorArena arena = TensorArena.open(device, "scratch")) {
      for (Parameter parameter : task.gating().parameters()) {
        float[] values = golden.floats(parameter.name().replace("gating.", "init."));
        parameter.set(arena.empty(DType.F32, parameter.shape()).copyFrom(values));
      }
    }
    return task;
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
