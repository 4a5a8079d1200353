package assay.nn;

import assay.autograd.Tape;
import assay.autograd.Variable;
import assay.autograd.op.Cast;
import assay.autograd.op.GatherRows;
import assay.autograd.op.MatMul;
import assay.autograd.op.SoftCap;
import assay.tensor.DType;

/**
 * Says which token comes next: a linear map with a row for each token of the vocabulary, in many
 * models the embedding itself.
 *
 * <p>R rows are read.
 */
public final class LanguageModelHead {
  /** The name of the weight, where it is not the embedding. */
  public static final String NAME = "lm_head.weight";

  private final double softCap; // 0 = none
  private final Parameter weight; // [vocab, hidden]

  /** Makes the weight, if the embedding does not serve; its values are not set. */
  public LanguageModelHead(Transformer trunk, ParameterStore store) {
    TransformerConfig config = trunk.config();
    softCap = config.logitSoftCap();
    weight =
        config.tieWordEmbeddings()
            ? trunk.embedding()
            : store.create(NAME, config.vocabSize(), config.hiddenSize());
  }

  /**
   * The logits of all tokens.
   *
   * @param states the trunk's, {@code [R, hidden]}
   * @return {@code [R, vocab]}, F32
   */
  public Variable logits(Variable states) {
    Variable logits = states.apply(new MatMul(true), weight.on(states.tape())); // [R, vocab]
    return capped(exact(logits)); // [R, vocab]
  }

  /**
   * The logits of some tokens, for the price of those alone; the product is computed in F32.
   *
   * @param states the trunk's, {@code [R, hidden]}
   * @param tokens N of them
   * @return {@code [R, N]}, F32
   */
  public Variable logits(Variable states, int... tokens) {
    Tape tape = states.tape();
    GatherRows theirs = new GatherRows(tape.arena().ints(tokens));
    Variable rows = exact(weight.on(tape).apply(theirs)); // [N, hidden]
    return capped(exact(states).apply(new MatMul(true), rows)); // [R, N]
  }

  private Variable capped(Variable logits) {
    return softCap == 0 ? logits : logits.apply(new SoftCap(softCap));
  }

  private static Variable exact(Variable x) {
    return x.value().dtype() == DType.F32 ? x : x.apply(new Cast(DType.F32));
  }
}
