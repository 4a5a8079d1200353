/** Benchmarks and statistics of reward models. */
module assay.eval {
  requires transitive assay.rm;
}
