package assay.rm;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a run came to.
 *
 * @param stopped true if it was stopped before its last step
 * @param evaluation the last one; empty without held-out pairs
 * @param bySource of the last evaluation, if the rows name sources
 * @param model the folder that was written; empty if the run was stopped before its first step
 * @param tokens as others count them, a prompt for both sides
 * @param peakBytes how the ledger's peak was made up, by purpose
 * @param samples conversations of the contract with their rewards; none of a model that compares
 */
public record TrainingSummary(
    long steps,
    boolean stopped,
    Optional<MetricsLog.Evaluation> evaluation,
    Map<String, SourceAccuracy> bySource,
    Optional<Path> model,
    long tokens,
    double seconds,
    Map<String, Long> peakBytes,
    long peakRssBytes,
    List<Contract.Probe> samples) {

  /**
   * Held-out accuracy on the rows of one source.
   *
   * @param lengthBaseline accuracy of preferring the longer answer, in tokens
   */
  public record SourceAccuracy(
      int pairs, double accuracy, double standardError, double lengthBaseline) {}

  public double tokensPerSecond() {
    return tokens / seconds;
  }
}
