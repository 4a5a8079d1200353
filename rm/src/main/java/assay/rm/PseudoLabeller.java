package assay.rm;

import assay.nn.checkpoint.ModelConfig;
import assay.nn.checkpoint.ModelFolder;
import assay.rm.data.Judgement;
import assay.rm.data.PairLabeller;
import assay.rm.data.ScoreRow;
import assay.tensor.DType;
import assay.tensor.Device;
import assay.tensor.InvalidInputException;
import java.util.List;
import java.util.Optional;

/**
 * A stored reward model of any kind that labels pairs for another's training. Its memory is given
 * back before the other's is taken.
 */
final class PseudoLabeller implements PairLabeller {
  /** Rows whose tokens are in memory at once. */
  private static final int ROWS = 256;

  private final String model;
  private final Device device;
  private final DType dtype;
  private final TrainingListener listener;

  /**
   * @throws InvalidInputException if there is no such model
   */
  PseudoLabeller(String model, Device device, DType dtype, TrainingListener listener) {
    this.model = model;
    this.device = device;
    this.dtype = dtype;
    this.listener = listener;
    checkExists(model);
  }

  /** Said before any data is read, since that may take long. */
  private static void checkExists(String model) {
    try {
      ModelConfig.read(ModelFolder.resolve(model));
    } catch (InvalidInputException e) {
      throw new InvalidInputException("data.pseudo_labels.model: " + e.getMessage(), e);
    }
  }

  @Override
  public double[] preferences(List<ScoreRow> rows) {
    listener.note("labelling %,d pairs with %s".formatted(rows.size(), model));
    double[] preferences = new double[rows.size()];
    try (RewardModel labeller = RewardModel.load(model, device, dtype, Optional.empty())) {
      int next = 0;
      while (next < rows.size()) {
        List<ScoreRow> batch = rows.subList(next, Math.min(rows.size(), next + ROWS));
        for (Judgement judgement : labeller.judge(batch)) {
          boolean refused = judgement instanceof Judgement.Refusal;
          preferences[next++] = refused ? Double.NaN : RewardModel.preference(judgement);
        }
        listener.labelling(next, rows.size());
      }
    }
    return preferences;
  }
}
