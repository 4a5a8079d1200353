/** Optimizers, schedules, the training step, ranks and checkpoints. */
module assay.train {
  requires transitive assay.nn;
  requires jdk.jfr;

  exports assay.train;
  exports assay.train.checkpoint;
  exports assay.train.parallel;
  exports assay.train.profile;
}
