package assay.eval.doctor;

import assay.rm.data.RowPlace;
import assay.rm.data.TextHash;
import assay.rm.text.Message;
import it.unimi.dsi.fastutil.longs.Long2IntOpenHashMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
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

  private final List<RowPlace> places = new ArrayList<>();
  private final Long2IntOpenHashMap whole = new Long2IntOpenHashMap(); // to an index of places
  private final Long2IntOpenHashMap runs = new Long2IntOpenHashMap();

  /**
   * @param words of a prompt, as {@link #words} finds them
   */
  void add(RowPlace place, List<String> words) {
    int index = places.size();
    places.add(place);
    whole.putIfAbsent(TextHash.ofTexts(words), index);
    runs(words).forEach(run -> runs.putIfAbsent(run, index));
  }

  /** The first row with the same prompt. */
  Optional<RowPlace> find(List<String> words) {
    return find(whole, TextHash.ofTexts(words));
  }

  /** The first row whose prompt has a run of words in common with this one. */
  Optional<RowPlace> findRun(List<String> words) {
    return runs(words).mapToObj(run -> find(runs, run)).flatMap(Optional::stream).findFirst();
  }

  private Optional<RowPlace> find(Long2IntOpenHashMap indices, long hash) {
    return indices.containsKey(hash)
        ? Optional.of(places.get(indices.get(hash)))
        : Optional.empty();
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
