/** The decoder transformer and the checkpoints it is loaded from. */
module assay.nn {
  requires transitive assay.autograd;
  requires tools.jackson.databind;

  exports assay.nn;
  exports assay.nn.checkpoint;
  exports assay.nn.generation;
}
