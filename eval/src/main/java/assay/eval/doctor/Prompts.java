package assay.eval.doctor;

import assay.rm.data.TextHash;
import assay.rm.text.Message;
import it.unimi.dsi.fastutil.longs.LongOpenHashSet;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Prompts of other data, to find those that are used again, whole or in part. A part is a run of
 * {@value #RUN} words, as in Brown et al. 2020, "Language Models are Few-Shot Learners", appendix
 * C.
 */
final class Prompts {
  static final int RUN = 13;

  private static final Pattern WHITE_SPACE = Pattern.compile("\\s+");

  private final LongOpenHashSet whole = new LongOpenHashSet();
  private final LongOpenHashSet runs = new LongOpenHashSet();

  /**
   * @param words of a prompt, as {@link #words} finds them
   */
  void add(List<String> words) {
    whole.add(TextHash.ofTexts(words));
    runs(words).forEach(runs::add);
  }

  boolean contains(List<String> words) {
    return whole.contains(TextHash.ofTexts(words));
  }

  boolean sharesRunWith(List<String> words) {
    return runs(words).anyMatch(runs::contains);
  }

  private static LongStream runs(List<String> words) {
    return IntStream.rangeClosed(RUN, words.size())
        .mapToLong(end -> TextHash.ofTexts(words.subList(end - RUN, end)));
  }

  /** What is between white space, in lower case. */
  static List<String> words(List<Message> turns) {
    return turns.stream()
        .filter(turn -> turn.content() != null)
        .map(turn -> turn.content().toLowerCase(Locale.ROOT))
        .flatMap(WHITE_SPACE::splitAsStream)
        .filter(word -> !word.isEmpty())
        .toList();
  }
}
