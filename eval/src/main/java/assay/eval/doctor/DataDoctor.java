package assay.eval.doctor;

import assay.rm.data.Row;
import assay.rm.data.RowFiles;
import assay.rm.data.RowPlace;
import assay.rm.data.RowReader;
import assay.rm.data.ScoreItem;
import assay.rm.data.ScoreRow;
import assay.rm.data.TextHash;
import assay.rm.text.Message;
import assay.tensor.InvalidInputException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/**
 * Examines files of preference pairs. Files are taken together: a pair that stands in two of them
 * is a duplicate.
 *
 * <p>First {@link #readOther} for the data to keep apart, then {@link #read} for those to examine.
 */
public final class DataDoctor {
  private final Prompts others = new Prompts();
  private final Comparisons comparisons = new Comparisons();
  private final List<RowPlace> places = new ArrayList<>(); // of the rows in comparisons
  private final Map<String, Map<Fault, List<Finding.Faulty>>> found =
      new LinkedHashMap<>(); // by file
  private final Map<String, Lengths> lengths = new HashMap<>();

  /**
   * Two conversations.
   *
   * @param prompt the turns that both begin with
   */
  record Pair(List<Message> prompt, List<Message> chosen, List<Message> rejected) {
    List<Message> answer(List<Message> conversation) {
      return conversation.subList(prompt.size(), conversation.size());
    }
  }

  /**
   * Reads data whose prompts must not stand in those that are examined: a test set, a benchmark.
   *
   * @throws InvalidInputException if the file cannot be read; names file and line
   */
  public void readOther(Path file) {
    try (RowReader rows = RowFiles.open(file)) {
      for (Optional<Row> row = rows.next(); row.isPresent(); row = rows.next()) {
        for (List<Message> turns : conversations(ScoreRow.parse(row.get()))) {
          others.add(
              row.get().place(), Prompts.words(turns.subList(0, Math.max(0, turns.size() - 1))));
        }
      }
    }
  }

  /** The conversations of a row of any kind that has some. */
  private static List<List<Message>> conversations(ScoreRow row) {
    List<List<Message>> conversations = new ArrayList<>();
    for (ScoreItem item : row.items()) {
      if (item instanceof ScoreItem.Conversation(List<Message> turns)) {
        conversations.add(turns);
      }
    }
    return conversations;
  }

  /**
   * Reads data to examine.
   *
   * @throws InvalidInputException if the file cannot be read; names file and line
   */
  public void read(Path file) {
    Map<Fault, List<Finding.Faulty>> faults = new EnumMap<>(Fault.class);
    found.put(file.toString(), faults);
    long pairs = 0;
    long ties = 0;
    long longerWins = 0;
    double chosen = 0;
    double rejected = 0;
    try (RowReader rows = RowFiles.open(file)) {
      for (Optional<Row> row = rows.next(); row.isPresent(); row = rows.next()) {
        Optional<Pair> pair = pair(row.get());
        if (pair.isEmpty()) {
          note(faults, Fault.UNREADABLE, row.get().place(), Optional.empty());
          continue;
        }
        examine(faults, row.get().place(), pair.get());
        long better = characters(pair.get().answer(pair.get().chosen));
        long worse = characters(pair.get().answer(pair.get().rejected));
        pairs++;
        ties += better == worse ? 1 : 0;
        longerWins += better > worse ? 1 : 0;
        chosen += better;
        rejected += worse;
      }
    }
    if (pairs > 0) {
      lengths.put(
          file.toString(), new Lengths(pairs, ties, longerWins, chosen / pairs, rejected / pairs));
    }
  }

  /** The two answers of a row; empty if it has not just two. */
  static Optional<Pair> pair(Row row) {
    ScoreRow parsed = ScoreRow.parse(row);
    List<List<Message>> sides = conversations(parsed);
    if (!(parsed instanceof ScoreRow.Pair) || sides.size() != 2) {
      return Optional.empty();
    }
    List<Message> chosen = sides.get(0);
    List<Message> rejected = sides.get(1);
    if (chosen.isEmpty() || rejected.isEmpty()) {
      return Optional.empty();
    }
    int shared = PairChecks.sharedTurns(chosen, rejected);
    return Optional.of(new Pair(chosen.subList(0, shared), chosen, rejected));
  }

  private void examine(Map<Fault, List<Finding.Faulty>> faults, RowPlace place, Pair pair) {
    PairChecks.faults(pair.chosen, pair.rejected)
        .forEach(fault -> note(faults, fault, place, Optional.empty()));
    List<String> words = Prompts.words(pair.prompt);
    Optional<RowPlace> same = others.find(words);
    if (same.isPresent()) {
      note(faults, Fault.SHARED_PROMPT, place, same);
    } else {
      others
          .findRun(words)
          .ifPresent(other -> note(faults, Fault.SHARED_TEXT, place, Optional.of(other)));
    }
    long better = TextHash.of(pair.answer(pair.chosen));
    long worse = TextHash.of(pair.answer(pair.rejected));
    // Without a prompt only the same two answers have anything to do with each other.
    long prompt = pair.prompt.isEmpty() ? better ^ worse : TextHash.ofTexts(words);
    comparisons.add(places.size(), prompt, better, worse);
    places.add(place);
  }

  private static void note(
      Map<Fault, List<Finding.Faulty>> faults,
      Fault fault,
      RowPlace place,
      Optional<RowPlace> other) {
    faults.computeIfAbsent(fault, _ -> new ArrayList<>()).add(new Finding.Faulty(place, other));
  }

  private static long characters(List<Message> turns) {
    return turns.stream()
        .mapToLong(turn -> turn.content() == null ? 0 : turn.content().length())
        .sum();
  }

  /** What there is to say of each file, in the order in which they were read. */
  public List<Diagnosis> diagnose() {
    Map<String, Map<Fault, List<Finding.Faulty>>> all = new LinkedHashMap<>();
    found.forEach((file, faults) -> all.put(file, new EnumMap<>(faults)));
    note(all, Fault.DUPLICATE, comparisons.duplicates());
    note(all, Fault.CONTRADICTION, comparisons.contradictions());
    note(all, Fault.CYCLE, comparisons.cycles());
    List<Diagnosis> diagnoses = new ArrayList<>();
    all.forEach(
        (file, faults) -> {
          List<Finding> findings = new ArrayList<>();
          faults.forEach((fault, rows) -> findings.add(new Finding(fault, List.copyOf(rows))));
          diagnoses.add(new Diagnosis(file, findings, Optional.ofNullable(lengths.get(file))));
        });
    return diagnoses;
  }

  /**
   * @param rows with the one that each has the fault with, as indices of {@link #places}
   */
  private void note(
      Map<String, Map<Fault, List<Finding.Faulty>>> all,
      Fault fault,
      SortedMap<Integer, Integer> rows) {
    rows.forEach(
        (row, other) -> {
          RowPlace place = places.get(row);
          note(all.get(place.file()), fault, place, Optional.of(places.get(other)));
        });
  }
}
