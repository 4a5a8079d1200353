package assay.rm.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.tensor.InvalidInputException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class TokenizerTest {
  private static final Tokenizer STORIES = Tokenizer.load(Fixtures.STORIES);

  @AfterAll
  static void close() {
    STORIES.close();
  }

  private static int[] ids(JsonNode array) {
    int[] ids = new int[array.size()];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = array.get(i).asInt();
    }
    return ids;
  }

  @Test
  void idsAreThoseOfTransformers() throws IOException {
    String json = Files.readString(Fixtures.ROOT.resolve("models/stories260K-reference.json"));
    int texts = 0;
    for (JsonNode expected : JsonMapper.builder().build().readTree(json).get("cases")) {
      if (expected.has("text")) {
        int[] ids = STORIES.encode(expected.get("text").asString(), true);
        assertArrayEquals(ids(expected.get("input_ids")), ids);
        texts++;
      }
    }
    assertEquals(2, texts);
  }

  @Test
  void aLongTextIsNeitherCutNorPadded() {
    int[] one = STORIES.encode("Once upon a time", false);
    int[] many = STORIES.encode("Once upon a time".repeat(2000), false);
    assertTrue(many.length > 1999 * one.length, "tokens: " + many.length);
    assertEquals(4, one.length);
  }

  @Test
  void decodingGivesTheTextBack() {
    String text = "Héllo wörld 😀 x\ty\n\0 z";
    assertEquals(text, STORIES.decode(STORIES.encode(text, false)));
  }

  @Test
  void specialTokensInATextAreFound() {
    assertArrayEquals(new int[] {1, 261, 2}, STORIES.encode("<s>a</s>", false));
  }

  @Test
  void tokensAndIdsAreEachOthers() {
    assertEquals(512, STORIES.vocabularySize());
    assertEquals("</s>", STORIES.token(2));
    assertEquals(OptionalInt.of(2), STORIES.id("</s>"));
    assertEquals(OptionalInt.empty(), STORIES.id("no such token"));
    assertEquals("", STORIES.token(512));
    for (int id = 0; id < 512; id++) {
      assertEquals(id, STORIES.id(STORIES.token(id)).getAsInt());
    }
    assertEquals(new TreeMap<>(Map.of(0, "<unk>", 1, "<s>", 2, "</s>")), STORIES.specialTokens());
  }

  @Test
  void thePostProcessorsAdditionsAreKnown() {
    assertArrayEquals(new int[] {1}, STORIES.prefix());
    assertArrayEquals(new int[0], STORIES.suffix());
  }

  @Test
  void anUnknownTokenThatNoTextGivesIsKnown() {
    assertEquals(Optional.of(new PadToken.Existing(0, "<unk>")), STORIES.unreachableUnknown());
  }

  @Test
  void halfASurrogatePairIsRefused() {
    for (String text : new String[] {"a\ud83d", "\ude00", "\ud83dx", "\ude00\ud83d"}) {
      assertThrows(InvalidInputException.class, () -> STORIES.encode(text, false));
    }
  }

  @Test
  void aMissingOrBrokenFileIsNamed(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("tokenizer.json");
    assertMessage(folder, file + ": is missing");
    for (String broken :
        new String[] {
          "",
          "null",
          "[]",
          "{",
          "{}",
          "not json",
          "{\"model\": 1}",
          "{\"model\": {\"vocab\": {}}}",
          "{\"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": 0}}}",
          "{\"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": -1}, \"merges\": []}}",
          "{\"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": \"x\"}, \"merges\": []}}",
          "{\"model\": {\"type\": \"Magic\", \"vocab\": {\"a\": 0}, \"merges\": []}}"
        }) {
      Files.writeString(file, broken);
      assertMessage(folder, file.toString());
    }
    Files.write(file, new byte[] {(byte) 0xff, (byte) 0xfe});
    assertMessage(folder, file + ": the text is not UTF-8");
    String whole = Files.readString(Fixtures.STORIES.resolve("tokenizer.json"));
    Files.writeString(file, whole.substring(0, whole.length() / 2), StandardCharsets.UTF_8);
    assertMessage(folder, file.toString());
  }

  private static void assertMessage(Path folder, String start) {
    InvalidInputException error =
        assertThrows(InvalidInputException.class, () -> Tokenizer.load(folder));
    assertTrue(error.getMessage().startsWith(start), error.getMessage());
  }
}
