/** Reward models: heads, texts, preference data and recipes. */
module assay.rm {
  requires transitive assay.train;
  requires ai.djl.tokenizers;
  requires ai.djl.api;
  requires it.unimi.dsi.fastutil.core;
  requires org.snakeyaml.engine;
  requires tools.jackson.databind;

  exports assay.rm.recipe;
  exports assay.rm;
  exports assay.rm.text;
}
