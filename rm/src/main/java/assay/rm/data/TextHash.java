package assay.rm.data;

import assay.rm.text.Message;
import java.util.List;

/**
 * 64 bits that stand for a text, by which pairs of one prompt find each other. FNV-1a over UTF-16
 * units or token ids; among a million texts two differ and agree in their hash with probability
 * 3e-8.
 */
public final class TextHash {
  private static final long OFFSET = 0xcbf29ce484222325L;
  private static final long PRIME = 0x100000001b3L;

  private TextHash() {}

  /** Of roles and contents; a turn without a text is like one with an empty text. */
  public static long of(List<Message> turns) {
    long hash = OFFSET;
    for (Message turn : turns) {
      hash = add(hash, turn.role());
      hash = add(hash, turn.content() == null ? "" : turn.content());
    }
    return SplitMix64.mix(hash);
  }

  /** Of words, say. */
  public static long ofTexts(List<String> texts) {
    long hash = OFFSET;
    for (String text : texts) {
      hash = add(hash, text);
    }
    return SplitMix64.mix(hash);
  }

  /** Of the first {@code length} ids: the two sides' shared ones, as the row knows no prompt. */
  static long of(int[] ids, int length) {
    long hash = OFFSET;
    for (int i = 0; i < length; i++) {
      hash = (hash ^ ids[i]) * PRIME;
    }
    return SplitMix64.mix(hash);
  }

  private static long add(long hash, String text) {
    for (int i = 0; i < text.length(); i++) {
      hash = (hash ^ text.charAt(i)) * PRIME;
    }
    // An end that no UTF-16 unit equals, so that "ab","c" and "a","bc" differ.
    return (hash ^ 0x10000) * PRIME;
  }
}
