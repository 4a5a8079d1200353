/** Reward models: heads, texts, preference data and recipes. */
module assay.rm {
  requires transitive assay.train;
  requires ai.djl.tokenizers;
  requires ai.djl.api;
  requires it.unimi.dsi.fastutil.core;
  requires java.logging;
  requires java.net.http;
  requires org.snakeyaml.engine;
  requires transitive tools.jackson.databind;
  requires dev.hardwood.core;

  exports assay.rm.data;
  exports assay.rm.recipe;
  exports assay.rm;
  exports assay.rm.armorm;
  exports assay.rm.judge;
  exports assay.rm.text;
  exports assay.rm.text.jinja;
  exports assay.rm.tree;
}
