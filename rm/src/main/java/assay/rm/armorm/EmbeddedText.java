package assay.rm.armorm;

import assay.rm.data.AttributeRow;
import assay.rm.data.PreferencePair;
import assay.tensor.Sha256;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;

/**
 * What one row of the embedding cache stands for: token sequences, each with the state of its last
 * token, and perhaps the token that the gate reads.
 *
 * @param sequences with a gate they have its token and all before it in common
 * @param gate its index; {@link #NO_GATE} for none
 * @param promptHash equal for texts of the same prompt, which is then computed once
 * @param place where it comes from, for messages
 */
record EmbeddedText(List<int[]> sequences, int gate, long promptHash, String place) {
  static final int NO_GATE = -1;

  static EmbeddedText of(AttributeRow row) {
    return new EmbeddedText(List.of(row.ids()), NO_GATE, row.promptHash(), row.place().toString());
  }

  /** Both sides of a pair and the gate that they share. */
  static EmbeddedText of(PreferencePair pair, int gate) {
    return new EmbeddedText(
        List.of(pair.chosenIds(), pair.rejectedIds()),
        gate,
        pair.promptHash(),
        pair.file() + ":" + pair.line());
  }

  /** Each sequence's last state, then the gate's. */
  int numStates() {
    return sequences.size() + (gate == NO_GATE ? 0 : 1);
  }

  /** Tokens of all sequences, with nothing shared. */
  long numTokens() {
    return sequences.stream().mapToLong(ids -> ids.length).sum();
  }

  /** What the states depend on, besides the model, in 32 hexadecimal digits. */
  String hash() {
    MessageDigest digest = Sha256.begin();
    digest.update(("gate " + gate).getBytes(StandardCharsets.UTF_8));
    for (int[] ids : sequences) {
      StringBuilder text = new StringBuilder("\nids");
      for (int id : ids) {
        text.append(' ').append(id);
      }
      digest.update(text.toString().getBytes(StandardCharsets.UTF_8));
    }
    return HexFormat.of().formatHex(digest.digest(), 0, 16);
  }
}
