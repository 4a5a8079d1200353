package assay.rm.data;

import assay.rm.text.Message;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Finds what makes a row unfit for training, as far as it shows before tokenizing. */
final class PairFilter {
  private PairFilter() {}

  static Optional<DropReason> fault(PairRow row) {
    if (row instanceof PairRow.Conversations conversations) {
      Optional<DropReason> fault = faultOfTurns(conversations);
      if (fault.isPresent()) {
        return fault;
      }
    }
    return Double.isFinite(row.margin())
        ? Optional.empty()
        : Optional.of(DropReason.NON_FINITE_MARGIN);
  }

  private static Optional<DropReason> faultOfTurns(PairRow.Conversations row) {
    List<Message> chosen = row.chosen();
    List<Message> rejected = row.rejected();
    if (chosen.isEmpty() || rejected.isEmpty()) {
      return Optional.of(DropReason.NO_TURNS);
    }
    List<Message> all = Stream.concat(chosen.stream(), rejected.stream()).toList();
    if (any(all, turn -> turn.content() == null)) {
      return Optional.of(DropReason.NOT_TEXT);
    }
    // A turn that calls tools says nothing else.
    if (any(all, turn -> turn.content().isBlank() && !turn.extra().containsKey("tool_calls"))) {
      return Optional.of(DropReason.EMPTY_CONTENT);
    }
    if (any(all, turn -> !FieldParser.isUnicode(turn.content()))) {
      return Optional.of(DropReason.INVALID_UNICODE);
    }
    if (any(all, turn -> !Roles.isKnown(turn.role()))) {
      return Optional.of(DropReason.UNKNOWN_ROLE);
    }
    if (!Roles.isAssistant(chosen.getLast().role())
        || !Roles.isAssistant(rejected.getLast().role())) {
      return Optional.of(DropReason.LAST_TURN_NOT_ASSISTANT);
    }
    return faultOfOrder(row);
  }

  private static Optional<DropReason> faultOfOrder(PairRow.Conversations row) {
    if (row.prompt().isEmpty()) {
      return Optional.of(DropReason.NO_PROMPT);
    }
    if (!Roles.alternate(row.chosen()) || !Roles.alternate(row.rejected())) {
      return Optional.of(DropReason.ROLES_NOT_ALTERNATING);
    }
    if (!FieldParser.startsWith(row.rejected(), row.prompt())
        || (!row.promptGiven() && row.chosen().size() != row.rejected().size())) {
      return Optional.of(DropReason.DIFFERENT_PROMPTS);
    }
    return row.chosen().equals(row.rejected())
        ? Optional.of(DropReason.SAME_TEXT)
        : Optional.empty();
  }

  private static boolean any(List<Message> turns, Predicate<Message> test) {
    return turns.stream().anyMatch(test);
  }
}
