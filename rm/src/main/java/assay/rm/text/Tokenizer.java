package assay.rm.text;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.io.IOException;
import java.nio.file.Path;

public final class Tokenizer {
  private final HuggingFaceTokenizer t;

  Tokenizer(Path folder) {
    System.setProperty("OPT_OUT_TRACKING", "true");
    System.setProperty("RUST_FLAVOR", "cpu");
    try {
      t =
          HuggingFaceTokenizer.builder()
              .optTokenizerPath(folder.resolve("tokenizer.json"))
              .optTruncation(false)
              .optPadding(false)
              .build();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  int[] encode(String s, boolean special) {
    long[] l = t.encode(s, special, false).getIds();
    return java.util.Arrays.stream(l).mapToInt(i -> (int) i).toArray();
  }

  public String token(int id) {
    return t.decode(new long[] {id}, false);
  }
}
