package assay.rm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

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
import assay.train.TrainingTask;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each model family against transformers and PyTorch: rewards, states, gradients, training. */
@Tag("device")
class FamiliesTest {
  private static final TreeMap<String, Double> worst = new TreeMap<>();

  @AfterAll
  static void report() {
    worst.forEach(
        (what, error) ->
            System.out.printf(Locale.ROOT, "families compared: %s %.2e%n", what, error));
  }

  private static void note(String what, double error) {
    worst.merge(what, error, Math::max);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "llama",
        "llama3",
        "mistral",
        "gemma",
        "gemma2",
        "gemma3",
        "qwen2",
        "qwen3",
        "llama3-legacy-sharded-bf16"
      })
  void rewardsMatchTransformers(String family) {
    try (Device device = TestDevice.open();
        GoldenModel golden = new GoldenModel(family, device)) {
      float[] expected = golden.expected("rewards");
      float[] rewards = rewards(golden, PackedRows.sequences(golden.sequences()));
      for (int i = 0; i < expected.length; i++) {
        double error = Math.abs(expected[i] - rewards[i]) / Math.max(1, Math.abs(expected[i]));
        note(family + " rewards", error);
        assertTrue(error <= 1e-5, family + " reward " + i + ": " + rewards[i]);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"llama", "llama3", "mistral", "gemma", "gemma2", "gemma3", "qwen2", "qwen3"})
  void aSharedPromptGivesTheSameBits(String family) {
    assumeTrue(TestDevice.isCpu(), "cuBLAS picks its kernels by the number of rows");
    try (Device device = TestDevice.open();
        GoldenModel golden = new GoldenModel(family, device)) {
      PackedRows shared = PackedRows.groups(golden.pairs());
      PackedRows apart = PackedRows.sequences(golden.sequences());
      assertTrue(shared.numRows() < apart.numRows(), "no prompt was shared");
      assertArrayEquals(rewards(golden, apart), rewards(golden, shared));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"llama", "llama3", "mistral", "gemma", "gemma2", "gemma3", "qwen2", "qwen3"})
  void hiddenStatesMatchTransformers(String family) {
    try (Device device = TestDevice.open();
        GoldenModel golden = new GoldenModel(family, device);
        TensorArena arena = TensorArena.open(device, "activations")) {
      PackedRows rows = PackedRows.sequences(golden.sequences());
      Tape tape = Tape.inference(arena);
      Variable states =
          golden.network().trunk().forward(tape, rows.ids(), rows.segments(), null, false);
      assertPaddedRows(golden, "last_hidden_states", states, family);
      Variable embedded = golden.network().trunk().embed(tape, rows.ids());
      assertPaddedRows(golden, "embeddings_scaled", embedded, family);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"llama", "llama3", "mistral", "gemma", "gemma2", "gemma3", "qwen2", "qwen3"})
  void lossAndEveryGradientMatchPyTorch(String family) {
    for (boolean share : new boolean[] {false, true}) {
      for (boolean checkpointing : new boolean[] {false, true}) {
        try (Device device = TestDevice.open();
            GoldenModel golden = new GoldenModel(family, device);
            TensorArena arena = TensorArena.open(device, "activations")) {
          Tape tape = Tape.recording(arena);
          Variable loss = pairTask(golden, share, checkpointing).loss(tape);
          assertEquals(golden.expected("loss")[0], loss.value().toFloats()[0], 1e-5);
          tape.backward(loss, arena.of(DType.F32, Shape.of(1), 1));
          for (Parameter parameter : golden.network().store().all()) {
            float[] expected = golden.expected("grad." + parameter.name());
            double error = GoldenModel.relativeError(expected, parameter.gradient().toFloats());
            note(family + " gradients", error);
            assertTrue(error <= 1e-4, family + " " + parameter.name() + " is off by " + error);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"llama", "llama3", "mistral", "gemma", "gemma2", "gemma3", "qwen2", "qwen3"})
  void trainingStepsMatchPyTorch(String family) {
    Trainer.Options options =
        new Trainer.Options(
            3e-3,
            new Schedule(Schedule.Kind.COSINE, 2, 8),
            new AdamW.Options(0.9, 0.999, 1e-8, 0.01),
            1.0);
    try (Device device = TestDevice.open();
        GoldenModel golden = new GoldenModel(family, device);
        Trainer<Integer> trainer =
            new Trainer<>(golden.network().store(), wholeBatch(golden), options)) {
      float[] losses = golden.expected("train.losses");
      float[] norms = golden.expected("train.grad_norms");
      float[] rates = golden.expected("train.lrs");
      int numSteps = TestDevice.isCpu() ? 8 : 2; // an emulated GPU is slow
      for (int i = 0; i < numSteps; i++) {
        Trainer.StepResult step = trainer.step(i);
        assertEquals(rates[i], step.learningRate(), 1e-9, "learning rate of step " + i);
        note(family + " training", relative(losses[i], step.loss()));
        assertTrue(relative(losses[i], step.loss()) <= 1e-3, "loss of step " + i + ": " + step);
        assertTrue(relative(norms[i], step.gradNorm()) <= 1e-3, "norm of step " + i + ": " + step);
      }
      if (numSteps == 8) {
        float[] after = rewards(golden, PackedRows.sequences(golden.sequences()));
        double error = GoldenModel.relativeError(golden.expected("train.rewards_after"), after);
        assertTrue(error <= 1e-3, family + ": rewards after training are off by " + error);
      }
    }
  }

  private static TrainingTask<Integer> wholeBatch(GoldenModel golden) {
    return new TrainingTask<>() {
      @Override
      public List<MicroBatch> microBatches(Integer batch) {
        return List.of(pairTask(golden, true, true));
      }

      @Override
      public String describe(Integer batch) {
        return "golden pairs";
      }
    };
  }

  private static TrainingTask.MicroBatch pairTask(
      GoldenModel golden, boolean share, boolean checkpointing) {
    int numPairs = golden.pairs().size();
    PackedRows rows =
        share ? PackedRows.groups(golden.pairs()) : PackedRows.sequences(golden.sequences());
    BradleyTerryLoss loss = BradleyTerryLoss.labelled(new double[numPairs], 0, numPairs);
    return tape -> golden.network().scores(tape, rows, checkpointing).apply(loss);
  }

  private static float[] rewards(GoldenModel golden, PackedRows rows) {
    double[][] scores = golden.network().outputs(rows);
    float[] rewards = new float[scores.length];
    for (int i = 0; i < rewards.length; i++) {
      rewards[i] = (float) scores[i][0];
    }
    return rewards;
  }

  /** Compares packed rows with what the peers have in padded ones, leaving the padding out. */
  private static void assertPaddedRows(
      GoldenModel golden, String name, Variable packed, String family) {
    float[] padded = golden.expected(name);
    int dim = packed.shape().dim(1);
    int columns = padded.length / dim / golden.sequences().size();
    List<Float> expected = new ArrayList<>();
    for (int row = 0; row < golden.sequences().size(); row++) {
      int start = row * columns * dim;
      for (int i = 0; i < golden.sequences().get(row).length * dim; i++) {
        expected.add(padded[start + i]);
      }
    }
    float[] compact = new float[expected.size()];
    for (int i = 0; i < compact.length; i++) {
      compact[i] = expected.get(i);
    }
    double error = GoldenModel.relativeError(compact, packed.value().toFloats());
    note(family + " " + name, error);
    assertTrue(error <= 1e-4, family + " " + name + " are off by " + error);
  }

  private static double relative(double expected, double actual) {
    return Math.abs(expected - actual) / Math.max(1e-6, Math.abs(expected));
  }
}
