package assay.eval.doctor;

import assay.rm.data.Roles;
import assay.rm.text.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What can be wrong with one pair by itself. */
final class PairChecks {
  /**
   * A replacement character, half a surrogate pair, a control character; or UTF-8 that was read as
   * Windows-1252: {@code Ã©} for é, {@code â€™} for an apostrophe.
   */
  private static final Pattern BAD_CHARACTERS =
      Pattern.compile(
          "\uFFFD|\\p{Cs}|[\\p{Cc}&&[^\\t\\n\\r]]|\u00C3[\u0080-\u00BF]|\u00E2\u20AC[\u0080-\u2122]");

  private PairChecks() {}

  /** All faults of two conversations, of which the last turns are the answers. */
  static List<Fault> faults(List<Message> chosen, List<Message> rejected) {
    List<Fault> faults = new ArrayList<>();
    if (chosen.equals(rejected)) {
      faults.add(Fault.SAME_ANSWERS);
    }
    if (isEmpty(chosen) || isEmpty(rejected)) {
      faults.add(Fault.EMPTY_ANSWER);
    }
    if (sharedTurns(chosen, rejected) == 0) {
      faults.add(Fault.DIFFERENT_PROMPTS);
    }
    if (!isInOrder(chosen) || !isInOrder(rejected)) {
      faults.add(Fault.ROLES);
    }
    if (Stream.concat(chosen.stream(), rejected.stream()).anyMatch(PairChecks::isGarbled)) {
      faults.add(Fault.ENCODING);
    }
    return faults;
  }

  /** The turns that both begin with, of which the last of either is none. */
  static int sharedTurns(List<Message> chosen, List<Message> rejected) {
    int most = Math.min(chosen.size(), rejected.size()) - 1;
    int shared = 0;
    while (shared < most && chosen.get(shared).equals(rejected.get(shared))) {
      shared++;
    }
    return shared;
  }

  private static boolean isEmpty(List<Message> turns) {
    return turns.isEmpty()
        || (turns.getLast().content() != null && turns.getLast().content().isBlank());
  }

  private static boolean isInOrder(List<Message> turns) {
    return !turns.isEmpty() && Roles.alternate(turns) && turns.getLast().role().equals("assistant");
  }

  private static boolean isGarbled(Message turn) {
    return turn.content() != null && BAD_CHARACTERS.matcher(turn.content()).find();
  }
}
