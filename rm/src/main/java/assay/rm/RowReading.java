package assay.rm;

import assay.rm.data.Judgement;
import assay.rm.data.ScoreItem;
import assay.rm.data.ScoreRow;
import assay.rm.recipe.Recipe;
import assay.rm.text.ConversationEncoder;
import assay.rm.text.TextEncoder;
import assay.tensor.InvalidInputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * What is read for a row that is to be judged, and what becomes of the scores.
 *
 * @param sequences neighbours should begin alike: what they share is computed once
 * @param mostCut the tokens that were cut from the sequence of which most were
 */
public record RowReading(List<Sequence> sequences, Judge judge, int mostCut) {
  /** Nothing was cut. */
  RowReading(List<Sequence> sequences, Judge judge) {
    this(sequences, judge, 0);
  }

  /**
   * Tokens that are read together.
   *
   * @param text that they stand for; empty if they were given
   * @param readAt the tokens whose states the model's heads read; the last of all is one of them
   */
  @SuppressWarnings("ArrayRecordComponent") // handed through once, never a key
  public record Sequence(Optional<String> text, int[] ids, int... readAt) {
    /** Read at its last token. */
    Sequence(Optional<String> text, int[] ids) {
      this(text, ids, ids.length - 1);
    }

    /** The score is still read at the last token. */
    private Sequence cut(Recipe.TooLong rule, int maxTokens) {
      int[] kept = rule.truncate(ids, maxTokens);
      int excess = ids.length - kept.length;
      int start = rule == Recipe.TooLong.TRUNCATE_LEFT ? excess : 0;
      int[] moved =
          IntStream.of(readAt)
              .map(at -> at == ids.length - 1 ? kept.length - 1 : at - start)
              .toArray();
      if (IntStream.of(moved).anyMatch(at -> at < 0 || at >= kept.length)) {
        throw new InvalidInputException(
            "a text of %d tokens; cut to %d it would lose a token that the model must read"
                .formatted(ids.length, maxTokens));
      }
      return new Sequence(text, kept, moved);
    }

    Sequence readAt(int... tokens) {
      return new Sequence(text, ids, tokens);
    }
  }

  /**
   * The same with every sequence cut to a length.
   *
   * @throws InvalidInputException if a token that the model's heads read would be cut off
   */
  RowReading cut(Recipe.TooLong rule, int maxTokens) {
    List<Sequence> kept =
        sequences.stream().map(sequence -> sequence.cut(rule, maxTokens)).toList();
    int most =
        IntStream.range(0, kept.size())
            .map(i -> sequences.get(i).ids.length - kept.get(i).ids.length)
            .max()
            .orElse(0);
    return new RowReading(kept, judge, most);
  }

  /** Each of a row's answers by itself. */
  static List<Sequence> answersApart(Optional<TextEncoder> encoder, ScoreRow row) {
    List<Sequence> sequences = new ArrayList<>();
    Optional<ConversationEncoder> texts = encoder.map(text -> text);
    for (ScoreItem item : row.items()) {
      Optional<String> text =
          switch (item) {
            case ScoreItem.Conversation conversation ->
                encoder.map(own -> own.render(conversation.turns()));
            case ScoreItem.Steps steps ->
                encoder.map(own -> own.render(steps.conversation().turns()));
            case ScoreItem.Text verbatim -> Optional.of(verbatim.text());
            case ScoreItem.TokenIds _ -> Optional.empty();
          };
      sequences.add(new Sequence(text, item.encode(texts)));
    }
    return sequences;
  }

  /** Nothing is read, and this is why. */
  static RowReading refusal(String reason) {
    return new RowReading(List.of(), scores -> new Judgement.Refusal(reason));
  }

  /** Makes a judgement of what the network says of the sequences. */
  public interface Judge {
    /**
     * @param outputs a row for each sequence, its score first; see {@link RewardNetwork#outputs}
     */
    Judgement judge(double[][] outputs);
  }
}
