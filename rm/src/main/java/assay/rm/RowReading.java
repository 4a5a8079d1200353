package assay.rm;

import assay.rm.data.Judgement;
import assay.rm.data.ScoreItem;
import assay.rm.data.ScoreRow;
import assay.rm.text.ConversationEncoder;
import assay.rm.text.TextEncoder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What is read for a row that is to be judged, and what becomes of the scores.
 *
 * @param sequences neighbours should begin alike: what they share is computed once
 */
public record RowReading(List<Sequence> sequences, Judge judge) {
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

    Sequence readAt(int... tokens) {
      return new Sequence(text, ids, tokens);
    }
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
