package assay.rm.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.rm.recipe.Recipe.TooLong;
import assay.tensor.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PairLoaderTest {
  @TempDir Path folder;

  private PairLoader.Loaded load(PairLoader loader, String... lines) throws IOException {
    Path file = folder.resolve("pairs.jsonl");
    Files.writeString(file, String.join("\n", lines) + "\n");
    return loader.load(List.of(file.toString()));
  }

  private PairLoader.Loaded load(String... lines) throws IOException {
    return load(Fixtures.loader(100, TooLong.DROP), lines);
  }

  private String errorOf(String line) {
    String message = assertThrows(InvalidInputException.class, () -> load(line)).getMessage();
    return message.substring(message.indexOf("pairs.jsonl"));
  }

  /** A row of ids {@code 0 .. n-1}, which differ in their last. */
  private static String idRow(int numChosen, int numRejected) {
    int[] chosen = IntStream.range(0, numChosen).toArray();
    int[] rejected = IntStream.range(0, numRejected).toArray();
    rejected[numRejected - 1] = 99;
    return "{\"chosen_ids\":%s,\"rejected_ids\":%s}"
        .formatted(java.util.Arrays.toString(chosen), java.util.Arrays.toString(rejected));
  }

  @Test
  void everyPlantedFaultIsCountedUnderItsReasonWithItsLine() {
    Path file = Fixtures.resource("data/planted-faults.jsonl");
    List<PreferencePair> pairs = new ArrayList<>();
    FileReport report = Fixtures.loader(16, TooLong.DROP).read(file, pairs::add);

    Map<DropReason, List<Long>> expected = new EnumMap<>(DropReason.class);
    expected.put(DropReason.NO_TURNS, List.of(3L, 4L));
    expected.put(DropReason.NOT_TEXT, List.of(5L));
    expected.put(DropReason.EMPTY_CONTENT, List.of(6L, 8L));
    expected.put(DropReason.INVALID_UNICODE, List.of(9L));
    expected.put(DropReason.UNKNOWN_ROLE, List.of(10L));
    expected.put(DropReason.LAST_TURN_NOT_ASSISTANT, List.of(11L));
    expected.put(DropReason.NO_PROMPT, List.of(12L));
    expected.put(DropReason.ROLES_NOT_ALTERNATING, List.of(13L, 14L));
    expected.put(DropReason.DIFFERENT_PROMPTS, List.of(15L, 16L));
    expected.put(DropReason.SAME_TEXT, List.of(17L));
    expected.put(DropReason.NON_FINITE_MARGIN, List.of(18L, 19L));
    expected.put(DropReason.TEMPLATE_REFUSED, List.of(21L));
    expected.put(DropReason.NO_TOKENS, List.of(22L));
    expected.put(DropReason.TOKEN_ID_OUT_OF_RANGE, List.of(23L, 24L));
    expected.put(DropReason.TOO_LONG, List.of(25L));
    expected.put(DropReason.SAME_TOKENS, List.of(27L, 28L));
    Set<DropReason> possible = EnumSet.allOf(DropReason.class);
    possible.remove(DropReason.NOT_ONE_TURN); // of comparisons alone
    possible.remove(DropReason.DIFFERENT_QUESTIONS); // where a gate reads the question
    possible.removeAll( // of unlabelled pairs alone
        List.of(DropReason.HELD_OUT_PROMPT, DropReason.NOT_JUDGED, DropReason.NOT_CONFIDENT));
    assertEquals(possible, expected.keySet());

    Map<DropReason, List<Long>> found = new EnumMap<>(DropReason.class);
    report.dropped().forEach((reason, drops) -> found.put(reason, drops.firstLines()));
    assertEquals(expected, found);
    report.dropped().forEach((r, drops) -> assertEquals(drops.firstLines().size(), drops.count()));

    assertEquals(
        List.of(1L, 2L, 7L, 20L, 26L, 30L, 31L), pairs.stream().map(PreferencePair::line).toList());
    assertEquals(30, report.read());
    assertEquals(7, report.used());
    assertEquals(23, report.numDropped());
    assertEquals(
        "the template knows no system turn",
        report.dropped().get(DropReason.TEMPLATE_REFUSED).detail());
  }

  @Test
  void goodRowsAreTheSameWithAndWithoutFaultyOnesBetweenThem() throws IOException {
    List<String> lines = Files.readAllLines(Fixtures.resource("data/planted-faults.jsonl"));
    List<PreferencePair> among = new ArrayList<>();
    Fixtures.loader(16, TooLong.DROP)
        .read(Fixtures.resource("data/planted-faults.jsonl"), among::add);
    String[] good =
        among.stream().map(pair -> lines.get((int) pair.line() - 1)).toArray(String[]::new);
    List<PreferencePair> alone = load(Fixtures.loader(16, TooLong.DROP), good).pairs();
    assertEquals(among.size(), alone.size());
    for (int i = 0; i < alone.size(); i++) {
      assertEquals(among.get(i).id(), alone.get(i).id());
      assertEquals(among.get(i).margin(), alone.get(i).margin());
      assertEquals(among.get(i).promptHash(), alone.get(i).promptHash());
      assertEquals(among.get(i).chosenIds().length, alone.get(i).chosenIds().length);
    }
  }

  @Test
  void kindsOfRowsGiveTheSamePair() throws IOException {
    List<PreferencePair> pairs =
        load(
                """
                {"chosen":[{"role":"user","content":"Why?"},{"role":"assistant","content":"So."}],"rejected":[{"role":"user","content":"Why?"},{"role":"assistant","content":"No."}]}""",
                """
                {"prompt":"Why?","chosen":"So.","rejected":"No."}""",
                """
                {"prompt":[{"role":"user","content":"Why?"}],"chosen":"So.","rejected":"No."}""",
                """
                {"prompt":"Why?","chosen":[{"role":"assistant","content":"So."}],"rejected":[{"role":"assistant","content":"No."}]}""",
                """
                {"prompt":"Why?","chosen":[{"role":"user","content":"Why?"},{"role":"assistant","content":"So."}],"rejected":"No."}""",
                """
                {"chosen_ids":[0,1,2,3,4],"rejected_ids":[0,1,2,3,5]}""")
            .pairs();
    assertEquals(6, pairs.size());
    for (PreferencePair pair : pairs) {
      assertArrayEquals(new int[] {0, 1, 2, 3, 4}, pair.chosenIds());
      assertArrayEquals(new int[] {0, 1, 2, 3, 5}, pair.rejectedIds());
    }
    assertEquals(1, pairs.stream().limit(5).map(PreferencePair::promptHash).distinct().count());
  }

  @Test
  void marginSourceAndIdAreKeptAndOtherFieldsIgnored() throws IOException {
    List<PreferencePair> pairs =
        load(
                "{\"id\":7,\"chosen_ids\":[1],\"rejected_ids\":[2],\"margin\":0.5,\"source\":\"a\"}",
                "{\"chosen_ids\":[1],\"rejected_ids\":[2],\"source\":\"a\",\"x\":[{}]}",
                "{\"chosen_ids\":[1],\"rejected_ids\":[2],\"margin\":null,\"source\":null}")
            .pairs();
    assertEquals(0.5, pairs.get(0).margin());
    assertEquals("7", pairs.get(0).id());
    assertSame(pairs.get(0).source(), pairs.get(1).source());
    assertEquals(0.0, pairs.get(2).margin());
    assertEquals("", pairs.get(2).source());
  }

  @Test
  void completionsOfSeveralTurnsMayDifferInAnyTurn() throws IOException {
    PairLoader.Loaded loaded =
        load(
            """
            {"prompt":"Why?","chosen":[{"role":"assistant","content":"So."},{"role":"user","content":"How?"},{"role":"assistant","content":"Thus."}],"rejected":[{"role":"assistant","content":"No."}]}""");
    assertEquals(1, loaded.pairs().size());
    assertEquals(9, loaded.pairs().getFirst().chosenIds().length);
  }

  @Test
  void conversationsWithoutAPromptMayDifferInTheirLastTurnOnly() throws IOException {
    String one = "{\"role\":\"user\",\"content\":\"a\"},{\"role\":\"assistant\",\"content\":\"b\"}";
    String two = one.replace("b", "c") + "," + one;
    FileReport report =
        load(
                "{\"chosen\":[%s],\"rejected\":[%s]}".formatted(one, two),
                "{\"chosen\":[%s],\"rejected\":[%s]}".formatted(two, one))
            .reports()
            .getFirst();
    assertEquals(List.of(1L, 2L), report.dropped().get(DropReason.DIFFERENT_PROMPTS).firstLines());
  }

  @Test
  void toolsMaySpeakAfterTheAssistantWhoGoesOn() throws IOException {
    String call =
        """
        {"role":"user","content":"Rain?"},{"role":"assistant","content":null,"tool_calls":[{"name":"weather"}]},{"role":"tool","content":"yes"},""";
    PairLoader.Loaded loaded =
        load(
            "{\"chosen\":[%s{\"role\":\"assistant\",\"content\":\"Yes.\"}],".formatted(call)
                + "\"rejected\":[%s{\"role\":\"assistant\",\"content\":\"No.\"}]}".formatted(call));
    assertEquals(1, loaded.pairs().size());
  }

  @Test
  void rowsThatAreNotOfTheFormatAreErrorsWithTheirPlace() {
    assertEquals(
        "pairs.jsonl:1: expected chosen and rejected, or chosen_ids and rejected_ids; found prompt,"
            + " response",
        errorOf("{\"prompt\":\"a\",\"response\":\"b\"}"));
    assertEquals(
        "pairs.jsonl:1: chosen: expected a list of turns, found the number 5",
        errorOf("{\"chosen\":5,\"rejected\":[]}"));
    assertEquals(
        "pairs.jsonl:1: chosen[0]: expected a turn {\"role\", \"content\"}, found"
            + " {\"content\":\"x\"}",
        errorOf("{\"chosen\":[{\"content\":\"x\"}],\"rejected\":[]}"));
    assertEquals(
        "pairs.jsonl:1: an answer as text needs a prompt beside it; else give lists of turns",
        errorOf("{\"chosen\":\"x\",\"rejected\":\"y\"}"));
    assertEquals(
        "pairs.jsonl:1: chosen_ids[1]: expected a token id, found the number 1.5",
        errorOf("{\"chosen_ids\":[1,1.5],\"rejected_ids\":[2]}"));
    assertEquals(
        "pairs.jsonl:1: chosen_ids[0]: expected a token id, found the number 3000000000",
        errorOf("{\"chosen_ids\":[3000000000],\"rejected_ids\":[2]}"));
    assertEquals(
        "pairs.jsonl:1: margin: expected a number, found text",
        errorOf("{\"chosen_ids\":[1],\"rejected_ids\":[2],\"margin\":\"big\"}"));
  }

  @Test
  void textWithoutATokenizerIsAnErrorAndIdsAreNot() throws IOException {
    PairLoader idsOnly =
        new PairLoader(
            new PairEncoder(PairReader.conversations(Optional.empty()), 100, TooLong.DROP, 100));
    assertEquals(1, load(idsOnly, idRow(3, 3)).pairs().size());
    InvalidInputException e =
        assertThrows(
            InvalidInputException.class,
            () -> load(idsOnly, "{\"prompt\":\"a\",\"chosen\":\"b\",\"rejected\":\"c\"}"));
    assertTrue(e.getMessage().contains("pairs.jsonl:1: text needs a tokenizer"), e.getMessage());
  }

  @Test
  void sideOfExactlyMaxLengthFitsAndOneMoreDropsThePair() throws IOException {
    PairLoader.Loaded loaded =
        load(Fixtures.loader(5, TooLong.DROP), idRow(5, 5), idRow(6, 5), idRow(5, 6), idRow(5, 1));
    assertEquals(List.of(1L, 4L), loaded.pairs().stream().map(PreferencePair::line).toList());
    assertEquals(
        List.of(2L, 3L),
        loaded.reports().getFirst().dropped().get(DropReason.TOO_LONG).firstLines());
  }

  @Test
  void truncationCutsEachSideByItself() throws IOException {
    PreferencePair left =
        load(Fixtures.loader(4, TooLong.TRUNCATE_LEFT), idRow(6, 3)).pairs().getFirst();
    assertArrayEquals(new int[] {2, 3, 4, 5}, left.chosenIds());
    assertArrayEquals(new int[] {0, 1, 99}, left.rejectedIds());
    PreferencePair right =
        load(Fixtures.loader(4, TooLong.TRUNCATE_RIGHT), idRow(6, 3)).pairs().getFirst();
    assertArrayEquals(new int[] {0, 1, 2, 3}, right.chosenIds());
    assertArrayEquals(new int[] {0, 1, 99}, right.rejectedIds());
  }

  @Test
  void sidesThatTruncationMakesEqualAreDropped() throws IOException {
    PairLoader.Loaded loaded = load(Fixtures.loader(4, TooLong.TRUNCATE_RIGHT), idRow(6, 6));
    assertEquals(0, loaded.pairs().size());
    assertEquals(
        List.of(1L),
        loaded.reports().getFirst().dropped().get(DropReason.SAME_TOKENS).firstLines());
  }

  @Test
  void tooLongCanBeAnErrorThatNamesTheRow() {
    InvalidInputException e =
        assertThrows(
            InvalidInputException.class,
            () -> load(Fixtures.loader(4, TooLong.ERROR), idRow(4, 4), idRow(3, 5)));
    assertTrue(
        e.getMessage().endsWith("pairs.jsonl:2: a side has 5 tokens, more than data.max_length 4"),
        e.getMessage());
  }

  @Test
  void parquetPairsEqualThoseOfJsonLines() {
    List<PreferencePair> lines =
        Fixtures.loader(1000, TooLong.DROP)
            .load(List.of(Fixtures.resource("data/pairs.jsonl").toString()))
            .pairs();
    List<PreferencePair> rows =
        Fixtures.loader(1000, TooLong.DROP)
            .load(List.of(Fixtures.resource("data/pairs-zstd.parquet").toString()))
            .pairs();
    assertEquals(5, lines.size()); // pairs 3 and 5 have a blank answer
    assertEquals(5, rows.size());
    for (int i = 0; i < rows.size(); i++) {
      assertArrayEquals(lines.get(i).chosenIds(), rows.get(i).chosenIds());
      assertArrayEquals(lines.get(i).rejectedIds(), rows.get(i).rejectedIds());
      assertEquals(lines.get(i).margin(), rows.get(i).margin());
      assertEquals(lines.get(i).id(), rows.get(i).id());
      assertEquals(lines.get(i).promptHash(), rows.get(i).promptHash());
      assertEquals(lines.get(i).line(), rows.get(i).line());
    }
    List<PreferencePair> ids =
        Fixtures.loader(1000, TooLong.DROP)
            .load(List.of(Fixtures.resource("data/ids.parquet").toString()))
            .pairs();
    assertArrayEquals(new int[] {7, 7}, ids.get(1).rejectedIds());
  }

  @Test
  void promptHashKeepsTurnsAndRolesApart() throws IOException {
    List<PreferencePair> pairs =
        load(
                """
                {"prompt":"a b","chosen":"x","rejected":"y"}""",
                """
                {"prompt":"a c","chosen":"x","rejected":"y"}""",
                """
                {"prompt":[{"role":"system","content":"a"},{"role":"user","content":"b"}],"chosen":"x","rejected":"y"}""",
                """
                {"prompt":[{"role":"system","content":"ab"},{"role":"user","content":"b"}],"chosen":"x","rejected":"y"}""",
                """
                {"prompt":"a b","chosen":"z","rejected":"y"}""")
            .pairs();
    assertEquals(4, pairs.stream().map(PreferencePair::promptHash).distinct().count());
    assertEquals(pairs.get(0).promptHash(), pairs.get(4).promptHash());
    assertNotEquals(pairs.get(2).promptHash(), pairs.get(3).promptHash());
  }

  @Test
  void realPairsOfHarmlessnessAreAllUsed() {
    PairLoader.Loaded loaded =
        Fixtures.loader(4096, TooLong.DROP)
            .load(List.of(Fixtures.resource("preference/hh-harmless.jsonl").toString()));
    FileReport report = loaded.reports().getFirst();
    assertEquals(1852, report.read());
    assertEquals(1852, report.used());
    assertEquals(Map.of(), report.dropped());
    assertEquals(1852, loaded.pairs().size());
  }
}
