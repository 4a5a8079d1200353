/** Optimizers, schedules and the training loop. */
module assay.train {
  requires transitive assay.nn;

}
