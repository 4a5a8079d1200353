/** Benchmarks and statistics of reward models. */
module assay.eval {
  requires transitive assay.rm;
  requires it.unimi.dsi.fastutil.core;

  exports assay.eval;
  exports assay.eval.doctor;
  exports assay.eval.report;
  exports assay.eval.statistics;
}
