package assay.rm.text;

import java.nio.file.Path;

/** Where the test resources of this package lie. */
final class Fixtures {
  static final Path ROOT = Path.of(System.getProperty("assay.test-resources"));

  /** A Llama of 260,032 weights whose tokenizer falls back on bytes. Its pad token is its EOS. */
  static final Path STORIES = ROOT.resolve("models/stories260K");

  private Fixtures() {}
}
