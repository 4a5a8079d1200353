/** The command line: {@code assay train recipe.yaml} and the other commands. */
module assay.cli {
  requires assay.eval;
  requires info.picocli;

  opens assay.cli to
      info.picocli;
}
