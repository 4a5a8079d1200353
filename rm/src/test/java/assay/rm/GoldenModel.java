package assay.rm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import assay.nn.ParameterStore;
import assay.nn.TransformerConfig;
import assay.nn.checkpoint.ModelConfig;
import assay.nn.checkpoint.Safetensors;
import assay.nn.checkpoint.ShardedCheckpoint;
import assay.nn.checkpoint.TensorEntry;
import assay.nn.checkpoint.WeightLoader;
import assay.rm.text.ComparisonEncoder.AnswerTokens;
import assay.tensor.DType;
import assay.tensor.Device;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A tiny model of one family with what transformers and PyTorch computed for it: rows 2i and 2i + 1
 * are the chosen and the rejected side of pair i, padded on the right.
 */
final class GoldenModel implements AutoCloseable {
  private final Safetensors golden;
  private final RewardNetwork network;
  private final List<int[]> sequences = new ArrayList<>();

  GoldenModel(String family, Device device) {
    this(family, device, DType.F32);
  }

  /**
   * @param dtype what the network computes in; what the peers computed is in F32
   */
  GoldenModel(String family, Device device, DType dtype) {
    Path folder = Path.of(System.getProperty("assay.test-resources"), "golden", family);
    golden = Safetensors.open(folder.resolve("golden.safetensors"));
    network = network(ModelConfig.read(folder), device, dtype);
    try (ShardedCheckpoint checkpoint = ShardedCheckpoint.open(folder)) {
      WeightLoader.loadAll(checkpoint, network.store().all(), Set.of());
    }
    TensorEntry ids = golden.entry("input_ids");
    TensorEntry mask = golden.entry("attention_mask");
    int rows = ids.shape().dim(0);
    int columns = ids.shape().dim(1);
    for (int row = 0; row < rows; row++) {
      int length = 0;
      while (length < columns && at(mask, row * columns + length) != 0) {
        length++;
      }
      int[] sequence = new int[length];
      for (int i = 0; i < length; i++) {
        sequence[i] = at(ids, row * columns + i);
      }
      sequences.add(sequence);
    }
  }

  /** A language model is one that says A or B, which are the tokens 65 and 66. */
  private static RewardNetwork network(ModelConfig config, Device device, DType dtype) {
    TransformerConfig transformer = config.transformer();
    ParameterStore store = new ParameterStore(device, dtype, true);
    return config.isLanguageModel()
        ? new PreferenceNetwork(transformer, new AnswerTokens(65, 66), store)
        : new BradleyTerryNetwork(transformer, store);
  }

  private static int at(TensorEntry entry, int index) {
    return entry.bytes().get(ValueLayout.JAVA_INT_UNALIGNED, 4L * index);
  }

  RewardNetwork network() {
    return network;
  }

  /** Without padding. */
  List<int[]> sequences() {
    return sequences;
  }

  /** The two sides of each pair. */
  List<List<int[]>> pairs() {
    List<List<int[]>> pairs = new ArrayList<>();
    for (int i = 0; i < sequences.size(); i += 2) {
      pairs.add(sequences.subList(i, i + 2));
    }
    return pairs;
  }

  boolean has(String name) {
    return golden.contains(name);
  }

  /** What the peers computed, under this name. */
  float[] expected(String name) {
    TensorEntry entry = golden.entry(name);
    float[] values = new float[Math.toIntExact(entry.shape().size())];
    entry.copyAsFloat32(MemorySegment.ofArray(values));
    return values;
  }

  /** Whole numbers that the peers were given. */
  int[] given(String name) {
    TensorEntry entry = golden.entry(name);
    int[] values = new int[Math.toIntExact(entry.shape().size())];
    for (int i = 0; i < values.length; i++) {
      values[i] = at(entry, i);
    }
    return values;
  }

  @Override
  public void close() {
    network.close();
    golden.close();
  }

  /** The largest difference relative to the largest expected value. */
  static double relativeError(float[] expected, float[] actual) {
    assertEquals(expected.length, actual.length);
    double largest = 0;
    double difference = 0;
    for (int i = 0; i < expected.length; i++) {
      largest = Math.max(largest, Math.abs(expected[i]));
      difference = Math.max(difference, Math.abs(expected[i] - actual[i]));
    }
    return difference / largest;
  }
}
