package assay.eval.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.tensor.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataDoctorTest {
  @TempDir private Path folder;

  private static String pair(String prompt, String chosen, String rejected) {
    return "{\"prompt\": \"%s\", \"chosen\": \"%s\", \"rejected\": \"%s\"}"
        .formatted(prompt, chosen, rejected);
  }

  private Path file(String name, String... rows) throws IOException {
    return Files.writeString(folder.resolve(name), String.join("\n", rows));
  }

  /** The rows of each fault, of all files. */
  private static Map<Fault, List<Long>> diagnose(DataDoctor doctor) {
    Map<Fault, List<Long>> rows = new LinkedHashMap<>();
    doctor.diagnose().stream()
        .flatMap(diagnosis -> diagnosis.findings().stream())
        .forEach(
            finding ->
                rows.put(
                    finding.fault(),
                    finding.rows().stream().map(faulty -> faulty.row().number()).toList()));
    return rows;
  }

  private Map<Fault, List<Long>> diagnose(String... rows) throws IOException {
    DataDoctor doctor = new DataDoctor();
    doctor.read(file("pairs.jsonl", rows));
    return diagnose(doctor);
  }

  @Test
  void soundPairsHaveNoFault() throws IOException {
    assertEquals(Map.of(), diagnose(pair("a", "b", "c"), pair("a", "c", "d"), pair("a", "b", "d")));
  }

  @Test
  void aPairThatStandsTwiceIsADuplicateWhateverThePromptsWhiteSpace() throws IOException {
    assertEquals(
        Map.of(Fault.DUPLICATE, List.of(3L)),
        diagnose(
            pair("What is  it?", "b", "c"),
            pair("other", "b", "c"),
            pair("what IS it?", "b", "c")));
  }

  @Test
  void pairsThatSayTheOppositeContradictEachOther() throws IOException {
    assertEquals(
        Map.of(Fault.CONTRADICTION, List.of(1L, 3L)),
        diagnose(pair("a", "b", "c"), pair("other", "c", "b"), pair("a", "c", "b")));
  }

  @Test
  void preferencesThatGoRoundAreFoundAndThoseBesideThemAreNot() throws IOException {
    assertEquals(
        Map.of(Fault.CYCLE, List.of(1L, 2L, 4L)),
        diagnose(
            pair("a", "b", "c"),
            pair("a", "c", "d"),
            pair("a", "d", "e"), // leads out of the circle
            pair("a", "d", "b"),
            pair("a", "x", "b"))); // leads into it
  }

  @Test
  void faultsOfOnePair() throws IOException {
    assertEquals(
        Map.of(
            Fault.SAME_ANSWERS, List.of(1L),
            Fault.EMPTY_ANSWER, List.of(2L),
            Fault.ENCODING, List.of(3L, 4L, 5L),
            Fault.UNREADABLE, List.of(6L)),
        diagnose(
            pair("a", "b", "b"),
            pair("b", "c", " "),
            pair("c", "It\u00e2\u20ac\u2122s", "d"),
            pair("d", "caf\u00c3\u00a9", "e"),
            pair("e", "f\\u0000", "g"),
            "{\"text\": \"no pair\"}"));
  }

  @Test
  void rolesAndPromptsOfConversationsAreLookedAt() throws IOException {
    String user = "{\"role\": \"user\", \"content\": \"hello\"}";
    String answer = "{\"role\": \"assistant\", \"content\": \"%s\"}";
    String row = "{\"chosen\": [%s, %s], \"rejected\": [%s, %s]}";
    String other = user.replace("hello", "good bye");
    assertEquals(
        Map.of(Fault.DIFFERENT_PROMPTS, List.of(1L), Fault.ROLES, List.of(2L)),
        diagnose(
            row.formatted(user, answer.formatted("b"), other, answer.formatted("c")),
            row.formatted(user, other, user, answer.formatted("c"))));
  }

  @Test
  void promptsOfTheOtherDataAreFoundWholeAndInPart() throws IOException {
    String words = "one two three four five six seven eight nine ten eleven twelve thirteen";
    DataDoctor doctor = new DataDoctor();
    doctor.readOther(file("test.jsonl", pair("Short one?", "x", "y"), pair(words, "x", "y")));
    doctor.read(
        file(
            "train.jsonl",
            pair("short ONE?", "b", "c"),
            pair("Well: " + words + " and on", "b", "c"),
            pair(words.substring(4) + " fourteen", "b", "c")));
    assertEquals(
        Map.of(Fault.SHARED_PROMPT, List.of(1L), Fault.SHARED_TEXT, List.of(2L)), diagnose(doctor));
  }

  @Test
  void aFaultOfTwoRowsNamesTheOther() throws IOException {
    DataDoctor doctor = new DataDoctor();
    doctor.readOther(file("test.jsonl", pair("p", "x", "y"), pair("a", "x", "y")));
    doctor.read(
        file(
            "train.jsonl",
            pair("q", "b", "c"),
            pair("q", "b", "c"),
            pair("q", "c", "d"),
            pair("q", "d", "b"),
            pair("a", "c", "b")));
    Map<Fault, List<String>> others = new LinkedHashMap<>();
    for (Finding finding : doctor.diagnose().getFirst().findings()) {
      others.put(
          finding.fault(),
          finding.rows().stream()
              .map(faulty -> faulty.other().orElseThrow())
              .map(other -> folder.relativize(Path.of(other.toString())).toString())
              .toList());
    }
    assertEquals(
        Map.of(
            Fault.SHARED_PROMPT, List.of("test.jsonl:2"),
            Fault.DUPLICATE, List.of("train.jsonl:1"),
            Fault.CYCLE,
                List.of("train.jsonl:3", "train.jsonl:3", "train.jsonl:4", "train.jsonl:1")),
        others);
  }

  @Test
  void lengthsAreCountedOverTheAnswersAlone() throws IOException {
    DataDoctor doctor = new DataDoctor();
    doctor.read(
        file(
            "pairs.jsonl",
            pair("a long prompt", "four", "abc"),
            pair("p", "ab", "abc"),
            pair("q", "abcdef", "a"),
            pair("r", "xyz", "abc")));
    Lengths lengths = doctor.diagnose().getFirst().lengths().orElseThrow();
    assertEquals(4, lengths.pairs());
    assertEquals(1, lengths.ties());
    assertEquals(2, lengths.longerWins());
    assertEquals(15 / 4.0, lengths.meanChosen());
    assertEquals(10 / 4.0, lengths.meanRejected());
  }

  @Test
  void aLineThatIsNoJsonIsNamed() throws IOException {
    Path file = file("pairs.jsonl", pair("a", "b", "c"), "{");
    InvalidInputException e =
        assertThrows(InvalidInputException.class, () -> new DataDoctor().read(file));
    assertTrue(e.getMessage().contains("pairs.jsonl:2"), e.getMessage());
  }
}
