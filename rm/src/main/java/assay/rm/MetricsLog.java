package assay.rm;

import assay.tensor.InvalidInputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;

/** metrics.jsonl: one object for each optimizer step, and one for each evaluation. */
public final class MetricsLog implements AutoCloseable {
  /**
   * One optimizer step.
   *
   * @param step counts from 1: the steps that have been taken
   * @param gradNorm before clipping
   * @param accuracy of the pairs that have a better answer, as {@code margin}; NaN if none has, and
   *     null in the file
   * @param tokens as others count them: a prompt counts for both sides
   * @param computedTokens rows that were computed: a shared prompt counts once
   * @param peakMemoryBytes by the ledger, since the run began
   * @param peakRssBytes of the whole process; 0 where the system does not say
   */
  public record Step(
      long step,
      double loss,
      double gradNorm,
      double learningRate,
      double accuracy,
      double margin,
      double meanReward,
      double minReward,
      double maxReward,
      int pairs,
      long tokens,
      long computedTokens,
      double seconds,
      long peakMemoryBytes,
      long peakRssBytes) {
    public double tokensPerSecond() {
      return tokens / seconds;
    }
  }

  /**
   * One evaluation, after this many steps.
   *
   * @param accuracy NaN for a model that is judged by its loss alone; null in the file, as {@code
   *     margin}
   * @param pairs or texts, or steps
   * @param unit what was counted, for people
   */
  public record Evaluation(
      long step,
      double loss,
      double accuracy,
      double margin,
      int pairs,
      double standardError,
      String unit) {
    public boolean hasAccuracy() {
      return !Double.isNaN(accuracy);
    }

    /** By which checkpoints are compared: the accuracy, or without one the loss, negative. */
    double goodness() {
      return hasAccuracy() ? accuracy : -loss;
    }
  }

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Optional<Path> file;
  private final FileChannel channel; // null without a file

  /**
   * @param file empty on a rank that writes nothing
   * @param keptBytes what stays of the file that is there: 0, or what a checkpoint has noted
   */
  public MetricsLog(Optional<Path> file, long keptBytes) {
    this.file = file;
    try {
      channel =
          file.isEmpty()
              ? null
              : FileChannel.open(file.get(), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (channel != null) {
        cutBack(keptBytes);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(file.get() + " cannot be written", e);
    }
  }

  private void cutBack(long keptBytes) throws IOException {
    if (channel.size() < keptBytes) {
      channel.close();
      throw new InvalidInputException(
          "%s: expected at least the %d bytes that the checkpoint goes on from; was it edited?"
              .formatted(file.get(), keptBytes));
    }
    channel.truncate(keptBytes);
    channel.position(keptBytes);
  }

  /** Makes what was written last; its bytes. 0 without a file. */
  public long flush() {
    if (channel == null) {
      return 0;
    }
    try {
      channel.force(true);
      return channel.position();
    } catch (IOException e) {
      throw new UncheckedIOException(file.get() + " cannot be written", e);
    }
  }

  public void write(Step row) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("step", row.step());
    fields.put("loss", row.loss());
    fields.put("grad_norm", row.gradNorm());
    fields.put("learning_rate", row.learningRate());
    boolean labelled = !Double.isNaN(row.accuracy());
    fields.put("accuracy", labelled ? row.accuracy() : null);
    fields.put("margin", labelled ? row.margin() : null);
    fields.put("mean_reward", row.meanReward());
    fields.put("min_reward", row.minReward());
    fields.put("max_reward", row.maxReward());
    fields.put("pairs", row.pairs());
    fields.put("tokens", row.tokens());
    fields.put("computed_tokens", row.computedTokens());
    fields.put("tokens_per_second", row.tokensPerSecond());
    fields.put("seconds", row.seconds());
    fields.put("peak_memory_bytes", row.peakMemoryBytes());
    fields.put("peak_rss_bytes", row.peakRssBytes());
    writeLine(fields);
  }

  public void write(Evaluation row) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("step", row.step());
    fields.put("eval_loss", row.loss());
    boolean judged = row.hasAccuracy();
    fields.put("eval_accuracy", judged ? row.accuracy() : null);
    fields.put("eval_margin", judged ? row.margin() : null);
    fields.put("eval_pairs", row.pairs());
    writeLine(fields);
  }

  /** Each line is written out at once: a run that dies leaves all of its steps. */
  private void writeLine(Map<String, Object> fields) {
    if (channel == null) {
      return;
    }
    String line = JSON.writeValueAsString(fields) + System.lineSeparator();
    ByteBuffer bytes = ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8));
    try {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(file.get() + " cannot be written", e);
    }
  }

  @Override
  public void close() {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(file.get() + " cannot be closed", e);
    }
  }
}
