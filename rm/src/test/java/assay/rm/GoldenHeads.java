package assay.rm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.autograd.Tape;
import assay.autograd.Variable;
import assay.nn.Parameter;
import assay.nn.ParameterStore;
import assay.nn.checkpoint.ModelConfig;
import assay.nn.checkpoint.Safetensors;
import assay.nn.checkpoint.ShardedCheckpoint;
import assay.nn.checkpoint.WeightLoader;
import assay.tensor.DType;
import assay.tensor.Device;
import assay.tensor.Shape;
import assay.tensor.TensorArena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/** Several heads on the trunk of the golden llama, and what PyTorch computed with them. */
final class GoldenHeads implements AutoCloseable {
  private static final Path GOLDEN = Path.of(System.getProperty("assay.test-resources"), "golden");

  private final Safetensors golden;

  GoldenHeads(String name) {
    golden = Safetensors.open(GOLDEN.resolve(name).resolve("golden.safetensors"));
  }

  /** What the peers were given or computed, under this name. */
  float[] expected(String name) {
    return golden.entry(name).toFloats();
  }

  /** The network, to be trained. */
  LinearHeadsNetwork network(Device device, double... weights) {
    Path folder = GOLDEN.resolve("llama");
    LinearHeadsNetwork network =
        new LinearHeadsNetwork(
            ModelConfig.read(folder).transformer(),
            weights,
            new ParameterStore(device, DType.F32, true));
    List<Parameter> trunk = new ArrayList<>(network.store().all());
    trunk.remove(network.headWeight());
    try (ShardedCheckpoint checkpoint = ShardedCheckpoint.open(folder);
        TensorArena arena = TensorArena.open(device, "scratch")) {
      WeightLoader.loadAll(checkpoint, trunk, Set.of("score.weight"));
      float[] heads = expected("score.weight");
      network
          .headWeight()
          .set(arena.empty(DType.F32, network.headWeight().shape()).copyFrom(heads));
    }
    return network;
  }

  /** The loss of a batch and every gradient, added up over its parts, are those of the peers. */
  static void assertStepMatches(RewardTask task, Function<String, float[]> expected, int... batch) {
    ParameterStore store = task.network().store();
    Device device = store.device();
    double loss = 0;
    store.zeroGradients();
    for (RewardTask.Part part : task.microBatches(batch)) {
      try (TensorArena arena = TensorArena.open(device, "activations")) {
        Tape tape = Tape.recording(arena);
        Variable its = part.loss(tape);
        tape.backward(its, arena.of(DType.F32, Shape.of(1), 1));
        loss += its.value().toFloats()[0];
      }
    }
    assertEquals(expected.apply("loss")[0], loss, 1e-5);
    for (Parameter parameter : store.all()) {
      float[] gradient = parameter.gradient().toFloats();
      double error =
          GoldenModel.relativeError(expected.apply("grad." + parameter.name()), gradient);
      assertTrue(error <= 1e-4, parameter.name() + " is off by " + error);
    }
  }

  @Override
  public void close() {
    golden.close();
  }
}
