package assay.rm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.autograd.Tape;
import assay.autograd.Variable;
import assay.autograd.op.CrossEntropy;
import assay.autograd.op.Scale;
import assay.autograd.op.Sum;
import assay.nn.Parameter;
import assay.tensor.DType;
import assay.tensor.Device;
import assay.tensor.Shape;
import assay.tensor.TensorArena;
import it.unimi.dsi.fastutil.ints.IntArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Causal language models against transformers and PyTorch: logits, P(A), loss and gradients. */
@Tag("device")
class PreferenceNetworkTest {
  @ParameterizedTest
  @ValueSource(strings = {"llama3-causal", "gemma2-causal", "qwen2-causal"})
  void logitsMatchTransformers(String family) {
    try (Device device = TestDevice.open();
        GoldenModel golden = new GoldenModel(family, device);
        TensorArena arena = TensorArena.open(device, "activations")) {
      float[] padded = golden.expected("logits");
      int columns = padded.length / golden.sequences().size();
      for (int row = 0; row < golden.sequences().size(); row++) {
        int[] ids = golden.sequences().get(row);
        PackedRows rows = PackedRows.sequences(List.of(ids), ids.length);
        Variable logits = network(golden).logits(Tape.inference(arena), rows, false);
        float[] actual = logits.value().toFloats();
        for (int i = 0; i < actual.length; i++) {
          assertEquals(padded[row * columns + i], actual[i], 1e-5, family + " logit " + i);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama3-causal", "gemma2-causal", "qwen2-causal"})
  void theProbabilityOfAMatchesTransformers(String family) {
    try (Device device = TestDevice.open();
        GoldenModel golden = new GoldenModel(family, device)) {
      float[] expected = golden.expected("p_a");
      PackedRows rows = PackedRows.sequences(golden.sequences());
      double[][] scores = golden.network().outputs(rows);
      for (int i = 0; i < expected.length; i++) {
        double probability = Math.exp(BradleyTerryLoss.logSigmoid(scores[i][0]));
        assertEquals(expected[i], probability, 1e-6, family + " row " + i);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama3-causal", "gemma2-causal", "qwen2-causal"})
  void crossEntropyAndEveryGradientMatchPyTorch(String family) {
    for (boolean checkpointing : new boolean[] {false, true}) {
      try (Device device = TestDevice.open();
          GoldenModel golden = new GoldenModel(family, device);
          TensorArena arena = TensorArena.open(device, "activations")) {
        Tape tape = Tape.recording(arena);
        Variable loss = loss(golden, tape, checkpointing);
        assertEquals(golden.expected("cross_entropy")[0], loss.value().toFloats()[0], 1e-5);
        tape.backward(loss, arena.of(DType.F32, Shape.of(1), 1));
        double worst = 0;
        for (Parameter parameter : golden.network().store().all()) {
          float[] expected = golden.expected("grad." + parameter.name());
          double error = GoldenModel.relativeError(expected, parameter.gradient().toFloats());
          assertTrue(error <= 1e-4, family + " " + parameter.name() + " is off by " + error);
          worst = Math.max(worst, error);
        }
        System.out.printf(Locale.ROOT, "families compared: %s gradients %.2e%n", family, worst);
      }
    }
  }

  /** The mean over all labels, of which each is what the token before it should have led to. */
  private static Variable loss(GoldenModel golden, Tape tape, boolean checkpointing) {
    PackedRows all = PackedRows.sequences(golden.sequences());
    int[] labels = golden.given("labels");
    int columns = labels.length / golden.sequences().size();
    IntArrayList readRows = new IntArrayList();
    IntArrayList targets = new IntArrayList();
    for (int s = 0; s < all.segments().count(); s++) {
      for (int i = 1; i < all.segments().length(s); i++) {
        int label = labels[s * columns + i];
        if (label >= 0) {
          readRows.add(all.segments().start(s) + i - 1);
          targets.add(label);
        }
      }
    }
    PackedRows rows = new PackedRows(all.ids(), all.segments(), readRows.toIntArray());
    return network(golden)
        .logits(tape, rows, checkpointing)
        .apply(new CrossEntropy(tape.arena().ints(targets.toIntArray())))
        .apply(new Sum())
        .apply(new Scale(1.0 / targets.size()));
  }

  private static PreferenceNetwork network(GoldenModel golden) {
    return (PreferenceNetwork) golden.network();
  }
}
