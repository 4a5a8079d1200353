package assay.rm.judge;

import java.util.List;
import java.util.Optional;

/** Somebody who can be asked which answer is better, or how good one is. */
public interface Judge extends AutoCloseable {
  /**
   * A reply to each question, in their order; a question that got none is told why by {@link
   * Verdict.Failed}.
   *
   * @throws assay.tensor.InvalidInputException if this judge can answer no such question
   */
  List<Reply> ask(List<Question> questions);

  /** The day that a chat template sees; empty if it asks for none. */
  default Optional<String> templateDate() {
    return Optional.empty();
  }

  @Override
  void close();
}
