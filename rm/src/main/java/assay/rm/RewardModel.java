package assay.rm;

import assay.nn.ParameterStore;
import assay.nn.checkpoint.ModelConfig;
import assay.nn.checkpoint.ModelFolder;
import assay.rm.data.Judgement;
import assay.rm.data.RowPlace;
import assay.rm.data.ScoreRow;
import assay.rm.recipe.Recipe;
import assay.rm.text.ConversationEncoder;
import assay.rm.text.Message;
import assay.rm.text.TextEncoder;
import assay.tensor.DType;
import assay.tensor.Device;
import assay.tensor.InvalidInputException;
import assay.tensor.comm.Ranks;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * A trained reward model of any kind: conversations in, rewards or judgements out. What the kinds
 * do differently is in their {@link RewardMethod}.
 *
 * <pre>{@code
 * try (RewardModel model = RewardModel.load(Path.of("runs/quickstart/model"))) {
 *   double reward = model.score(List.of(
 *       new Message("user", "What is 7 times 8?"), new Message("assistant", "56.")));
 * }
 * }</pre>
 */
public final class RewardModel implements AutoCloseable {
  /** Rows computed at once; a longer sequence runs alone. The scores do not depend on it. */
  private static final int BATCH_TOKENS = 4096;

  private final String source;
  private final ModelConfig config;
  private final RewardMethod method;
  private final RewardNetwork network;
  private final Optional<TextEncoder> encoder;
  private final Optional<Contract> contract;
  private final Device ownDevice;

  private RewardModel(
      String source,
      ModelConfig config,
      RewardMethod method,
      RewardNetwork network,
      Optional<TextEncoder> encoder,
      Optional<Contract> contract,
      Device ownDevice) {
    this.source = source;
    this.config = config;
    this.method = method;
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
    DecisionTreeReward.refusePickle(folder, contract);
    Optional<LocalDate> trainedDate =
        contract.flatMap(Contract::templateDate).map(LocalDate::parse);
    Optional<ImportedHead> imported = ImportedHead.find(folder, config);
    Optional<TextEncoder> encoder =
        TextEncoder.load(
            folder,
            templateDate.or(() -> trainedDate),
            ImportedHead.endsWithEos(contract, imported));
    RewardNetwork network = null;
    try {
      RewardMethod method = RewardMethod.of(contract, imported, config, encoder);
      network = method.newNetwork(config.transformer(), new ParameterStore(device, dtype, false));
      NetworkLoader.loadForScoring(network, config, imported, folder);
      boolean sameDate = templateDate.isEmpty() || templateDate.equals(trainedDate);
      if (contract.isPresent()) {
        boolean withTexts = sameDate && encoder.isPresent();
        Probes.check(method, network, withTexts, contract.get(), folder.toString());
      }
      return new RewardModel(
          folder.toString(), config, method, network, encoder, contract, ownDevice);
    } catch (RuntimeException e) {
      encoder.ifPresent(TextEncoder::close);
      if (network != null) {
        network.close();
      }
      throw e;
    }
  }

  /**
   * The reward of a conversation's last turn.
   *
   * @throws InvalidInputException if this kind of model has no rewards, but compares
   */
  public double score(List<Message> conversation) {
    ScoreRow row = ScoreRow.conversation(conversation);
    return scoreIds(List.of(method.read(row).sequences().getFirst().ids()))[0];
  }

  /** The reward of a text as it is, without template. */
  public double scoreText(String text) {
    return scoreIds(List.of(encoder().encodeText(text)))[0];
  }

  /**
   * How probably the first of two answers to a prompt is the better one. From rewards it is the
   * sigmoid of their difference.
   */
  public double preference(List<Message> prompt, String first, String second) {
    ScoreRow row = ScoreRow.answers(prompt, first, second);
    return preference(judge(List.of(row)).getFirst());
  }

  /**
   * How probably the first of two judged answers is the better one.
   *
   * @throws InvalidInputException if the model refused to judge them
   */
  static double preference(Judgement judgement) {
    return switch (judgement) {
      case Judgement.Preference its -> its.chosen();
      case Judgement.Rewards(double[] rewards, List<Judgement.Explanation> _) ->
          Math.exp(BradleyTerryLoss.logSigmoid(rewards[0] - rewards[1]));
      case Judgement.Refusal(String reason) -> throw new InvalidInputException(reason);
      case Judgement.Ranking _ -> throw new AssertionError("of a pair");
    };
  }

  /** What the model says of each row; a row that it cannot judge is told so. */
  public List<Judgement> judge(List<ScoreRow> rows) {
    return judgeRead(rows.stream().map(this::readOrRefuse).toList());
  }

  /** As {@link #judge}, of rows that have been read. */
  public List<Judgement> judgeRead(List<RowReading> readings) {
    List<int[]> sequences = new ArrayList<>();
    for (RowReading reading : readings) {
      reading.sequences().forEach(sequence -> sequences.add(sequence.ids()));
    }
    double[][] outputs = outputs(sequences);
    List<Judgement> judgements = new ArrayList<>();
    int next = 0;
    for (RowReading reading : readings) {
      int end = next + reading.sequences().size();
      judgements.add(reading.judge().judge(Arrays.copyOfRange(outputs, next, end)));
      next = end;
    }
    return judgements;
  }

  /** As {@link #read}; a row that the model cannot judge will be told so. */
  public RowReading readOrRefuse(ScoreRow row) {
    return readOrRefuse(row, Recipe.TooLong.DROP);
  }

  /**
   * As {@link #read}; a row that the model cannot judge will be told so.
   *
   * @param tooLong what becomes of texts of more tokens than the model has positions
   */
  public RowReading readOrRefuse(ScoreRow row, Recipe.TooLong tooLong) {
    try {
      return row instanceof ScoreRow.Unscorable(RowPlace _, ObjectNode _, String error)
          ? RowReading.refusal(error)
          : read(row, tooLong);
    } catch (InvalidInputException e) {
      return RowReading.refusal(e.getMessage());
    }
  }

  /**
   * What the model reads for a row.
   *
   * @throws InvalidInputException if it cannot judge such a row, or it is too long
   */
  public RowReading read(ScoreRow row) {
    return read(row, Recipe.TooLong.DROP);
  }

  private RowReading read(ScoreRow row, Recipe.TooLong tooLong) {
    RowReading reading = method.read(row).cut(tooLong, network.config().maxPositionEmbeddings());
    reading.sequences().forEach(sequence -> checked(sequence.ids()));
    return reading;
  }

  /**
   * The scores of token sequences, each read at its last id. What some of them have in common at
   * the start is computed once; no score depends on which others are asked for.
   */
  public double[] scoreIds(List<int[]> sequences) {
    sequences.forEach(this::checked);
    return Arrays.stream(outputs(sequences)).mapToDouble(output -> output[0]).toArray();
  }

  /** All that the network says of each sequence, batch by batch. */
  private double[][] outputs(List<int[]> sequences) {
    return PrefixBatches.outputs(network, sequences, BATCH_TOKENS, true, Ranks.alone(), () -> false)
        .orElseThrow();
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

  /** The kind of reward model. */
  public RewardMethod method() {
    return method;
  }

  public RewardNetwork network() {
    return network;
  }

  /** Its head, if another trainer stored it in a layout of its own. */
  public Optional<ImportedHead> importedHead() {
    return method instanceof BradleyTerry(var _, Optional<ImportedHead> imported)
        ? imported
        : Optional.empty();
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
