package assay.rm;

import assay.autograd.Tape;
import assay.autograd.Variable;
import assay.autograd.op.Cast;
import assay.autograd.op.GatherRows;
import assay.autograd.op.MatMul;
import assay.autograd.op.SoftCap;
import assay.nn.Parameter;
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
  /** The head's weight {@code [vocab, hidden]}, where it is not the embedding. */
  public static final String HEAD = "lm_head.weight";

  private final Parameter head; // [vocab, hidden]
  private final AnswerTokens answers;

  /** Makes the parameters; their values are not set. */
  public PreferenceNetwork(TransformerConfig config, AnswerTokens answers, ParameterStore store) {
    super(config, store);
    this.answers = answers;
    this.head =
        config.tieWordEmbeddings()
            ? trunk().embedding()
            : store().create(HEAD, config.vocabSize(), config.hiddenSize());
  }

  /**
   * The logits of the next token at the read rows, of which a sequence may have several.
   *
   * @return {@code [R, vocab]}, F32
   */
  public Variable logits(Tape tape, PackedRows rows, boolean checkpointing) {
    Variable states = states(tape, rows, checkpointing); // [R, hidden]
    Variable logits = states.apply(new MatMul(true), head.on(tape)); // [R, vocab]
    return cap(exact(logits)); // [R, vocab]
  }

  /** logit(A) - logit(B), the log-odds of A: {@code [R, 1]}. */
  @Override
  public Variable scores(Tape tape, PackedRows rows, boolean checkpointing) {
    Variable states = exact(states(tape, rows, checkpointing)); // [R, hidden]
    GatherRows answerRows = new GatherRows(tape.arena().ints(answers.a(), answers.b()));
    Variable answerHead = exact(head.on(tape).apply(answerRows)); // [2, hidden]
    Variable logits = cap(states.apply(new MatMul(true), answerHead)); // [R, 2]
    Variable difference = tape.constant(tape.arena().of(DType.F32, Shape.of(1, 2), 1, -1));
    return logits.apply(new MatMul(true), difference); // [R, 1]
  }

  private Variable cap(Variable logits) {
    double cap = config().logitSoftCap();
    return cap == 0 ? logits : logits.apply(new SoftCap(cap));
  }

  private static Variable exact(Variable x) {
    return x.value().dtype() == DType.F32 ? x : x.apply(new Cast(DType.F32));
  }
}
