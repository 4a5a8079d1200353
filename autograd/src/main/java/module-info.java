/** The tape, and one record for each differentiable operation. */
module assay.autograd {
  requires transitive assay.tensor;

  exports assay.autograd;
  exports assay.autograd.op;
}
