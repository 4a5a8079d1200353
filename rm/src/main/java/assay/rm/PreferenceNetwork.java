package assay.rm;

import assay.autograd.Tape;
import assay.autograd.Variable;
import assay.autograd.op.MatMul;
import assay.nn.LanguageModelHead;
import assay.nn.ParameterStore;
import assay.nn.TransformerConfig;
import assay.rm.text.ComparisonEncoder.AnswerTokens;
import assay.tensor.DType;
import assay.tensor.Shape;

/**
 * A causal language model that answers questions by A or B. Its head is the language model's own,
 * computed at the rows that are read, and when scoring for two tokens of the vocabulary alone.
 */
public final class PreferenceNetwork extends RewardNetwork {
  private final LanguageModelHead head;
  private final AnswerTokens answers;

  /** Makes the parameters; their values are not set. */
  public PreferenceNetwork(TransformerConfig config, AnswerTokens answers, ParameterStore store) {
    super(config, store);
    this.answers = answers;
    this.head = new LanguageModelHead(trunk(), store);
  }

  /**
   * The logits of the next token at the read rows, of which a sequence may have several.
   *
   * @return {@code [R, vocab]}, F32
   */
  public Variable logits(Tape tape, PackedRows rows, boolean checkpointing) {
    return head.logits(states(tape, rows, checkpointing)); // [R, vocab]
  }

  /** logit(A) - logit(B), the log-odds of A: {@code [R, 1]}. */
  @Override
  public Variable scores(Tape tape, PackedRows rows, boolean checkpointing) {
    Variable states = states(tape, rows, checkpointing); // [R, hidden]
    Variable logits = head.logits(states, answers.a(), answers.b()); // [R, 2]
    Variable difference = tape.constant(tape.arena().of(DType.F32, Shape.of(1, 2), 1, -1));
    return logits.apply(new MatMul(true), difference); // [R, 1]
  }
}
