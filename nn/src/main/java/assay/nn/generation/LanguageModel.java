package assay.nn.generation;

import assay.autograd.Variable;
import assay.nn.LanguageModelHead;
import assay.nn.ParameterStore;
import assay.nn.Transformer;
import assay.nn.checkpoint.ModelConfig;
import assay.nn.checkpoint.ShardedCheckpoint;
import assay.nn.checkpoint.WeightLoader;
import assay.tensor.DType;
import assay.tensor.Device;
import assay.tensor.InvalidInputException;
import java.nio.file.Path;
import java.util.Set;

/**
 * A transformer with the head that says which token comes next. For reading and generating; it is
 * not trained.
 *
 * <p>R rows are read.
 */
public final class LanguageModel implements AutoCloseable {
  private final ParameterStore store;
  private final Transformer trunk;
  private final LanguageModelHead head;

  private LanguageModel(ModelConfig config, ParameterStore store) {
    this.store = store;
    trunk = new Transformer(config.transformer(), store);
    head = new LanguageModelHead(trunk, store);
  }

  /**
   * Loads a folder in Hugging Face layout.
   *
   * @param device stays the caller's
   * @param dtype what to compute in: F32, or on a GPU BF16
   * @throws InvalidInputException if it is no causal language model
   */
  public static LanguageModel load(Path folder, Device device, DType dtype) {
    ModelConfig config = ModelConfig.read(folder);
    if (!config.isLanguageModel()) {
      throw new InvalidInputException(
          config.source()
              + ": architectures: expected a ...ForCausalLM, which can write, found "
              + config.architectures());
    }
    ParameterStore store = new ParameterStore(device, dtype, false);
    try (ShardedCheckpoint checkpoint = ShardedCheckpoint.open(folder)) {
      LanguageModel model = new LanguageModel(config, store);
      WeightLoader.loadAll(checkpoint, store.all(), Set.of());
      return model;
    } catch (RuntimeException e) {
      store.close();
      throw e;
    }
  }

  /**
   * Logits of the next token.
   *
   * @param states the trunk's, {@code [R, hidden]}
   * @return {@code [R, vocab]}, F32
   */
  public Variable logits(Variable states) {
    return head.logits(states); // [R, vocab]
  }

  public Transformer trunk() {
    return trunk;
  }

  public Device device() {
    return store.device();
  }

  @Override
  public void close() {
    store.close();
  }
}
