/** Benchmarks and statistics of reward models. */
module assay.eval {
  requires transitive assay.rm;

  exports assay.eval;
  exports assay.eval.statistics;
}
