package assay.rm.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.tensor.InvalidInputException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class TextEncoderTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final List<Message> CONVERSATION =
      List.of(new Message("user", "What is 2+2?"), new Message("assistant", "2+2 is 4."));

  private static TextEncoder load(Path folder) {
    return TextEncoder.load(folder, Optional.empty()).orElseThrow();
  }

  private static int[] ids(JsonNode array) {
    return IntStream.range(0, array.size()).map(i -> array.get(i).asInt()).toArray();
  }

  private static List<Message> messages(JsonNode turns) {
    List<Message> messages = new ArrayList<>();
    for (JsonNode turn : turns) {
      messages.add(new Message(turn.get("role").asString(), turn.get("content").asString()));
    }
    return messages;
  }

  /** A copy of the stories260K tokenizer with another template. */
  private static Path folderWith(Path folder, String template) throws IOException {
    Files.copy(Fixtures.STORIES.resolve("tokenizer.json"), folder.resolve("tokenizer.json"));
    if (template != null) {
      Files.writeString(folder.resolve("chat_template.jinja"), template);
    }
    Files.writeString(
        folder.resolve("tokenizer_config.json"),
        "{\"bos_token\": \"<s>\", \"eos_token\": {\"content\": \"</s>\"}}");
    return folder;
  }

  @Test
  void aConversationGivesTheIdsThatTransformersGives() throws IOException {
    JsonNode reference =
        JSON.readTree(Files.readString(Fixtures.ROOT.resolve("models/stories260K-reference.json")));
    JsonNode expected = reference.get("cases").get(2);
    try (TextEncoder encoder = load(Fixtures.STORIES)) {
      List<Message> conversation = messages(expected.get("messages"));
      assertEquals(expected.get("rendered").asString(), encoder.render(conversation));
      assertArrayEquals(ids(expected.get("input_ids")), encoder.encode(conversation));
    }
  }

  @Test
  void theFirstPairGivesTheIdsThatTrlTrainedOn() throws IOException {
    Path golden = Fixtures.ROOT.resolve("golden/trl-stories260k");
    JsonNode expected =
        JSON.readTree(Files.readString(golden.resolve("trl.json"))).get("first_pair_ids");
    JsonNode pair;
    try (BufferedReader rows = Files.newBufferedReader(golden.resolve("pairs.jsonl"))) {
      pair = JSON.readTree(rows.readLine());
    }
    try (TextEncoder encoder = load(golden.resolve("model"))) {
      for (String side : List.of("chosen", "rejected")) {
        assertArrayEquals(ids(expected.get(side)), encoder.encode(messages(pair.get(side))), side);
      }
    }
  }

  @Test
  void bosStandsOnceWhetherTheTemplatePrintsItOrNot(@TempDir Path folder) throws IOException {
    String turns = "{% for m in messages %}{{ m.content }}{{ eos_token }}{% endfor %}";
    try (TextEncoder without = load(folderWith(folder, turns));
        TextEncoder with = load(Fixtures.STORIES)) {
      for (TextEncoder encoder : List.of(without, with)) {
        int[] ids = encoder.encode(CONVERSATION);
        assertEquals(1, ids[0]);
        assertEquals(1, Arrays.stream(ids).filter(id -> id == 1).count());
        assertEquals(2, ids[ids.length - 1]);
      }
      assertFalse(without.render(CONVERSATION).contains("<s>"));
    }
  }

  @Test
  void aTextIsTakenAsItIsWithBosOnceAndNoEos() {
    try (TextEncoder encoder = load(Fixtures.STORIES)) {
      int[] expected = {1, 403, 407, 261, 378};
      assertArrayEquals(expected, encoder.encodeText("Once upon a time"));
      assertArrayEquals(new int[] {1, 261, 2}, encoder.encodeText("<s>a</s>"));
      assertArrayEquals(new int[] {1}, encoder.encodeText(""));
    }
  }

  @Test
  void withoutBosInThePostProcessorNoneIsAdded(@TempDir Path folder) throws IOException {
    folderWith(folder, "{% for m in messages %}{{ m.content }}{% endfor %}");
    Path file = folder.resolve("tokenizer.json");
    String tokenizer = Files.readString(file);
    int start = tokenizer.indexOf("\"post_processor\": {");
    int end = tokenizer.indexOf("\"decoder\"");
    Files.writeString(
        file,
        tokenizer.substring(0, start) + "\"post_processor\": null,\n" + tokenizer.substring(end));
    try (TextEncoder encoder = load(folder)) {
      assertEquals(Optional.empty(), encoder.bosToken());
      assertArrayEquals(new int[] {403, 407, 261, 378}, encoder.encodeText("Once upon a time"));
      assertThrows(InvalidInputException.class, () -> encoder.encodeText(""));
      assertThrows(
          InvalidInputException.class, () -> encoder.encode(List.of(new Message("user", ""))));
    }
  }

  @Test
  void anExplanationShowsTextTokensAndWhereTheRewardIsRead() {
    try (TextEncoder encoder = load(Fixtures.STORIES)) {
      TextEncoder.Explanation explanation = encoder.explain(CONVERSATION);
      assertEquals("<s>user: What is 2+2?</s>assistant: 2+2 is 4.</s>", explanation.text());
      assertArrayEquals(encoder.encode(CONVERSATION), explanation.ids());
      assertEquals(explanation.ids().length - 1, explanation.readAt());
      assertEquals("</s>", explanation.tokens().get(explanation.readAt()));
      assertEquals(List.of("<s>", "▁a"), encoder.explainText("a").tokens());
    }
  }

  @Test
  void theContractKnowsTemplateDateAndBos(@TempDir Path folder) throws IOException {
    String dated = "{{ strftime_now('%d %b %Y') }}{{ messages[0].content }}";
    LocalDate day = LocalDate.of(2026, 11, 23);
    folderWith(folder, dated);
    try (TextEncoder fixed = TextEncoder.load(folder, Optional.of(day)).orElseThrow();
        TextEncoder today = load(folder);
        TextEncoder undated = load(Fixtures.STORIES)) {
      assertEquals("23 Nov 2026What is 2+2?", fixed.render(CONVERSATION));
      assertEquals(Optional.of("2026-11-23"), fixed.templateDate());
      assertFalse(fixed.usesToday());
      assertTrue(today.usesToday());
      assertEquals(Optional.empty(), undated.templateDate());
      assertFalse(undated.usesToday());
      assertEquals(Optional.of("<s>"), undated.bosToken());
      assertEquals(64, undated.templateSha256().orElseThrow().length());
    }
  }

  @Test
  void aFolderWithoutTokenizerHasNoEncoderAndOneWithoutTemplateReadsTextsOnly(@TempDir Path folder)
      throws IOException {
    assertEquals(Optional.empty(), TextEncoder.load(folder, Optional.empty()));
    try (TextEncoder encoder = load(folderWith(folder, null))) {
      assertEquals(Optional.empty(), encoder.template());
      assertArrayEquals(new int[] {1, 261}, encoder.encodeText("a"));
      InvalidInputException error =
          assertThrows(InvalidInputException.class, () -> encoder.encode(CONVERSATION));
      assertTrue(error.getMessage().contains("chat_template.jinja"), error.getMessage());
    }
  }

  @Test
  void stories260kPadsWithItsUnknownTokenAsItsOwnIsItsEos() {
    try (TextEncoder encoder = load(Fixtures.STORIES)) {
      assertEquals(
          new PadToken.Existing(0, "<unk>"),
          encoder.padToken(OptionalInt.of(2), Set.of(1, 2), 512));
      Set<Integer> templateIds = encoder.templateIds();
      assertTrue(templateIds.containsAll(Set.of(1, 2)), templateIds.toString());
      assertFalse(templateIds.contains(0));
    }
  }
}
