package assay.eval.doctor;

import assay.rm.text.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** 64 bits that stand for a text: FNV-1a over UTF-16 units, mixed. */
final class TextHash {
  private static final long OFFSET = 0xcbf29ce484222325L;
  private static final long PRIME = 0x100000001b3L;
  private static final int END = 0x10000; // equals no unit
  private static final Pattern WHITE_SPACE = Pattern.compile("\\s+");

  private TextHash() {}

  /** Of turns as they are. */
  static long of(List<Message> turns) {
    long hash = OFFSET;
    for (Message turn : turns) {
      hash = add(add(hash, turn.role()), text(turn));
    }
    return mix(hash);
  }

  /** Of turns without case and white space. */
  static long ofWords(List<Message> turns) {
    long hash = OFFSET;
    for (String word : words(turns)) {
      hash = add(hash, word);
    }
    return mix(hash);
  }

  /** What is between white space, in lower case. */
  static List<String> words(List<Message> turns) {
    List<String> words = new ArrayList<>();
    for (Message turn : turns) {
      String text = text(turn).toLowerCase(Locale.ROOT);
      WHITE_SPACE.splitAsStream(text).filter(word -> !word.isEmpty()).forEach(words::add);
    }
    return words;
  }

  static long ofWords(List<String> words, int from, int to) {
    long hash = OFFSET;
    for (String word : words.subList(from, to)) {
      hash = add(hash, word);
    }
    return mix(hash);
  }

  private static String text(Message turn) {
    return turn.content() == null ? "" : turn.content();
  }

  private static long add(long hash, String text) {
    for (int i = 0; i < text.length(); i++) {
      hash = (hash ^ text.charAt(i)) * PRIME;
    }
    return (hash ^ END) * PRIME;
  }

  /** The finishing steps of MurmurHash3, which spread every bit over all others. */
  private static long mix(long hash) {
    long mixed = (hash ^ (hash >>> 33)) * 0xff51afd7ed558ccdL;
    mixed = (mixed ^ (mixed >>> 33)) * 0xc4ceb9fe1a85ec53L;
    return mixed ^ (mixed >>> 33);
  }
}
