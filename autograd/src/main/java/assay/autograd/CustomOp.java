package assay.autograd;

/** An operation that another module defines: a loss, a reward head. */
public non-sealed interface CustomOp extends Op {}
