/** Optimizers, schedules and the training step. */
module assay.train {
  requires transitive assay.nn;

  exports assay.train;
  exports assay.train.checkpoint;
}
