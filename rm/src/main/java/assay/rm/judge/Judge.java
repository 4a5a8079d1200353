package assay.rm.judge;

import java.util.List;

/** Somebody who can be asked which answer is better, or how good one is. */
public interface Judge extends AutoCloseable {
  /**
   * A reply to each question, in their order; a question that got none is told why by {@link
   * Verdict.Failed}.
   *
   * @throws assay.tensor.InvalidInputException if this judge can answer no such question
   */
  List<Reply> ask(List<Question> questions);

  @Override
  void close();
}
