package assay.eval.doctor;

import assay.rm.text.Message;
import it.unimi.dsi.fastutil.longs.LongOpenHashSet;
import java.util.List;

/**
 * Prompts of other data, to find those that are used again, whole or in part. A part is a run of
 * {@value #RUN} words, as in Brown et al. 2020, "Language Models are Few-Shot Learners", appendix
 * C.
 */
final class Prompts {
  static final int RUN = 13;

  private final LongOpenHashSet whole = new LongOpenHashSet();
  private final LongOpenHashSet runs = new LongOpenHashSet();

  void add(List<Message> prompt) {
    whole.add(TextHash.ofWords(prompt));
    List<String> words = TextHash.words(prompt);
    for (int end = RUN; end <= words.size(); end++) {
      runs.add(TextHash.ofWords(words, end - RUN, end));
    }
  }

  boolean contains(List<Message> prompt) {
    return whole.contains(TextHash.ofWords(prompt));
  }

  boolean sharesRunWith(List<Message> prompt) {
    List<String> words = TextHash.words(prompt);
    for (int end = RUN; end <= words.size(); end++) {
      if (runs.contains(TextHash.ofWords(words, end - RUN, end))) {
        return true;
      }
    }
    return false;
  }
}
