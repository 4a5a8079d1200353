package assay.rm.data;

import assay.rm.text.Message;
import assay.tensor.InvalidInputException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Causal data augmentation (Liu et al. 2024, RRM: Robust Reward Model Training Mitigates Reward
 * Hacking). What makes an answer look good whatever the prompt, such as its length, is what a
 * reward model should not learn. So each prompt is also given with answers to other prompts, which
 * look as good and do not answer it: any answer to the prompt, chosen or rejected, is better than
 * they are, and of two of them neither is better.
 *
 * <p>To each training pair (x, w, l) come the answers to two other prompts, (w', l') and (w'',
 * l''), as in RLHFlow's pair-pm/RRM. Of the 15 pairs that six answers make, one is the pair itself;
 * the others are the 14 candidates:
 *
 * <pre>
 *   8   w or l  is better than  w', l', w'' or l''
 *   6   any of  w', l', w'', l''  and any other of them: neutral, target 0.5
 * </pre>
 *
 * <p>The ratio says how many of the 14 are drawn for each pair, uniformly and without replacement:
 * with 14 it is all of RLHFlow's data, and in the mean 3/7 of what is drawn is neutral.
 *
 * <p>Where RLHFlow shuffles the pairs twice, so that now and then a pair meets itself or its own
 * prompt, here all pairs stand in a ring in random order, those of one prompt side by side; the
 * most pairs of one prompt are m. The other two stand m and 2m places further on, so the three
 * prompts differ, and each pair is in each role once.
 */
final class RrmAugmentation {
  private final List<PairRow.Conversations> ring;
  private final int distance;
  private final SplitMix64 random;

  /**
   * @param rows the training pairs, which passed the filter
   * @throws InvalidInputException if more than a third of the pairs have the same prompt
   */
  RrmAugmentation(List<PairRow.Conversations> rows, long seed) {
    Map<Long, List<PairRow.Conversations>> byPrompt = new LinkedHashMap<>();
    for (int i : Shuffle.order(rows.size(), seed, 0)) {
      PairRow.Conversations row = rows.get(i);
      byPrompt.computeIfAbsent(row.promptHash(), _ -> new ArrayList<>()).add(row);
    }
    ring = byPrompt.values().stream().flatMap(Collection::stream).toList();
    distance = byPrompt.values().stream().mapToInt(List::size).max().orElse(0);
    if (3 * distance > rows.size()) {
      throw new InvalidInputException(
          "data.augmentation: rrm takes answers to two other prompts for each pair, but %d of the %d"
                  .formatted(distance, rows.size())
              + " training pairs have the same prompt; expected a third of them at most");
    }
    random = new SplitMix64(SplitMix64.mix(~seed));
  }

  /** Draws pairs for each training pair, {@code ratio} in the mean, and hands them on. */
  void draw(double ratio, Consumer<PairRow.Conversations> sink) {
    for (int i = 0; i < ring.size(); i++) {
      List<PairRow.Conversations> candidates = candidates(i);
      int count = (int) (Math.floor((i + 1) * ratio) - Math.floor(i * ratio));
      for (int drawn = 0; drawn < count; drawn++) {
        sink.accept(candidates.remove(random.nextInt(candidates.size())));
      }
    }
  }

  /** The 14 pairs for the pair at a place of the ring. */
  private List<PairRow.Conversations> candidates(int place) {
    PairRow.Conversations own = ring.get(place);
    own = own.named("rrm on " + own.place().file());
    List<List<Message>> answers = new ArrayList<>();
    for (int step = 0; step < 3; step++) {
      PairRow.Conversations row = ring.get((place + step * distance) % ring.size());
      answers.add(row.chosenAnswer());
      answers.add(row.rejectedAnswer());
    }
    List<PairRow.Conversations> candidates = new ArrayList<>();
    for (int first = 0; first < answers.size(); first++) {
      for (int second = Math.max(2, first + 1); second < answers.size(); second++) {
        double target = first < 2 ? 1 : 0.5;
        candidates.add(own.answered(answers.get(first), answers.get(second), target));
      }
    }
    return candidates;
  }
}
