package assay.rm.data;

import assay.rm.text.ConversationEncoder;
import assay.rm.text.Message;
import assay.tensor.InvalidInputException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A small encoder for tests: one token for the beginning, then for each turn one for its role and
 * one for each word. Words get their ids in the order in which they first occur.
 */
final class WordEncoder implements ConversationEncoder {
  private final Map<String, Integer> vocabulary = new HashMap<>();

  @Override
  public int[] encode(List<Message> conversation) {
    List<String> words = new ArrayList<>(List.of("<begin>"));
    for (Message turn : conversation) {
      if (turn.content().equals("refuse me")) {
        throw new InvalidInputException("the template knows no " + turn.role() + " turn");
      }
      words.add("<" + turn.role() + ">");
      words.addAll(List.of(turn.content().strip().split("\\s+")));
    }
    return ids(words);
  }

  @Override
  public int[] encodeText(String text) {
    return ids(List.of(text.strip().split("\\s+")));
  }

  private int[] ids(List<String> words) {
    return words.stream()
        .mapToInt(word -> vocabulary.computeIfAbsent(word, key -> vocabulary.size()))
        .toArray();
  }
}
