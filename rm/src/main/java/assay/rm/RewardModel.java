package assay.rm;

import assay.nn.checkpoint.ModelConfig;
import assay.nn.checkpoint.ModelFolder;
import assay.rm.text.ConversationEncoder;
import assay.rm.text.Message;
import assay.rm.text.TextEncoder;
import assay.tensor.DType;
import assay.tensor.Device;
import assay.tensor.InvalidInputException;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A trained reward model: conversations in, rewards out.
 *
 * <pre>{@code
 * try (RewardModel model = RewardModel.load(Path.of("runs/quickstart/model"))) {
 *   double reward = model.score(List.of(
 *       new Message("user", "What is 7 times 8?"), new Message("assistant", "56.")));
 * }
 * }</pre>
 */
public final class RewardModel implements AutoCloseable {
  /** Rows computed at once; a longer conversation runs alone. The rewards do not depend on it. */
  private static final int BATCH_TOKENS = 4096;

  private final String source;
  private final ModelConfig config;
  private final RewardNetwork network;
  private final Optional<TextEncoder> encoder;
  private final Optional<Contract> contract;
  private final Device ownDevice;

  private RewardModel(
      String source,
      ModelConfig config,
      RewardNetwork network,
      Optional<TextEncoder> encoder,
      Optional<Contract> contract,
      Device ownDevice) {
    this.source = source;
    this.config = config;
    this.network = network;
    this.encoder = encoder;
    this.contract = contract;
    this.ownDevice = ownDevice;
  }

  /** Loads a model folder onto the CPU, with all its threads. */
  public static RewardModel load(Path folder) {
    Device device = Device.cpu();
    try {
      return load(folder.toString(), device, DType.F32, Optional.empty(), device);
    } catch (RuntimeException e) {
      device.close();
      throw e;
    }
  }

  /**
   * Loads a model and, if it has an assay.json, checks that it gives the rewards written there.
   *
   * @param model a folder in Hugging Face layout, or a hub id in the local cache
   * @param device stays the caller's
   * @param dtype what to compute in: F32, or on a GPU BF16
   * @param templateDate the day that a date-dependent chat template sees; empty: the one the model
   *     was trained with, else today
   * @throws InvalidInputException if the folder is no reward model or its files do not fit together
   */
  public static RewardModel load(
      String model, Device device, DType dtype, Optional<LocalDate> templateDate) {
    return load(model, device, dtype, templateDate, null);
  }

  private static RewardModel load(
      String model,
      Device device,
      DType dtype,
      Optional<LocalDate> templateDate,
      Device ownDevice) {
    Path folder = ModelFolder.resolve(model);
    ModelConfig config = ModelConfig.read(folder);
    Optional<Contract> contract = Contract.read(folder);
    Optional<LocalDate> trainedDate =
        contract.flatMap(Contract::templateDate).map(LocalDate::parse);
    Optional<TextEncoder> encoder = TextEncoder.load(folder, templateDate.or(() -> trainedDate));
    RewardNetwork network = new RewardNetwork(config.transformer(), device, dtype, false);
    try {
      NetworkLoader.loadForScoring(network, config, folder);
      boolean sameDate = templateDate.isEmpty() || templateDate.equals(trainedDate);
      if (contract.isPresent()) {
        Probes.check(
            network, sameDate ? encoder : Optional.empty(), contract.get(), folder.toString());
      }
      return new RewardModel(folder.toString(), config, network, encoder, contract, ownDevice);
    } catch (RuntimeException e) {
      encoder.ifPresent(TextEncoder::close);
      network.close();
      throw e;
    }
  }

  /** The reward of a conversation's last turn. */
  public double score(List<Message> conversation) {
    return scoreIds(List.of(encoder().encode(conversation)))[0];
  }

  /** The reward of a text as it is, without template. */
  public double scoreText(String text) {
    return scoreIds(List.of(encoder().encodeText(text)))[0];
  }

  /**
   * The rewards of token sequences, each read at its last id. What they have in common at the start
   * is computed once; no reward depends on which others are asked for.
   */
  public double[] scoreIds(List<int[]> sequences) {
    return scoreGroups(List.of(sequences)).getFirst();
  }

  /** As {@link #scoreIds}, for groups that each share a prompt. */
  public List<double[]> scoreGroups(List<List<int[]>> groups) {
    List<double[]> rewards = new ArrayList<>();
    List<List<int[]>> batch = new ArrayList<>();
    long tokens = 0;
    for (List<int[]> group : groups) {
      group.forEach(this::checked);
      long more = group.stream().mapToLong(ids -> ids.length).sum();
      if (!batch.isEmpty() && tokens + more > BATCH_TOKENS) {
        scoreBatch(batch, rewards);
        batch.clear();
        tokens = 0;
      }
      batch.add(group);
      tokens += more;
    }
    if (!batch.isEmpty()) {
      scoreBatch(batch, rewards);
    }
    return rewards;
  }

  private void scoreBatch(List<List<int[]>> groups, List<double[]> rewards) {
    float[] flat = PreferenceEvaluation.score(network, PackedRows.groups(groups));
    int next = 0;
    for (List<int[]> group : groups) {
      double[] own = new double[group.size()];
      for (int i = 0; i < own.length; i++) {
        own[i] = flat[next++];
      }
      rewards.add(own);
    }
  }

  /**
   * The same ids, if the model can read them.
   *
   * @throws InvalidInputException if there are none or too many, or one is not in the vocabulary
   */
  public int[] checked(int[] ids) {
    int limit = network.config().maxPositionEmbeddings();
    if (ids.length == 0 || ids.length > limit) {
      throw new InvalidInputException(
          "a text of " + ids.length + " tokens; this model reads 1 to " + limit);
    }
    for (int id : ids) {
      if (id < 0 || id >= network.config().vocabSize()) {
        throw new InvalidInputException(
            "token id " + id + "; the vocabulary has " + network.config().vocabSize());
      }
    }
    return ids;
  }

  /**
   * The texts' side of the model.
   *
   * @throws InvalidInputException if the folder has no tokenizer files
   */
  public TextEncoder encoder() {
    return encoder.orElseThrow(
        () ->
            new InvalidInputException(
                source + ": has no tokenizer.json, so it can score token ids only"));
  }

  /** As {@link #encoder}; empty without tokenizer files. */
  public Optional<ConversationEncoder> optionalEncoder() {
    return encoder.map(text -> text);
  }

  public ModelConfig config() {
    return config;
  }

  public RewardNetwork network() {
    return network;
  }

  /** What assay.json says; empty for a checkpoint from elsewhere. */
  public Optional<Contract> contract() {
    return contract;
  }

  @Override
  public void close() {
    encoder.ifPresent(TextEncoder::close);
    network.close();
    if (ownDevice != null) {
      ownDevice.close();
    }
  }
}
