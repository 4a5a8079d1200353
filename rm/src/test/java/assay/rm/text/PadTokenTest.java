package assay.rm.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PadTokenTest {
  private static final int ROWS = 128_256;

  /** Chooses for a vocabulary of the Llama 3 kind: ids from 128000 are markers. */
  private static PadToken choose(
      OptionalInt current,
      Set<Integer> endpoints,
      Set<Integer> template,
      Map<Integer, String> markers) {
    return PadToken.choose(
        new PadToken.Situation(
            current, endpoints, template, new TreeMap<>(markers), Optional.empty(), ROWS, ROWS));
  }

  private static final Map<Integer, String> LLAMA3 =
      Map.of(
          128_000, "<|begin_of_text|>",
          128_001, "<|end_of_text|>",
          128_002, "<|reserved_special_token_0|>",
          128_009, "<|eot_id|>");

  private static final Map<Integer, String> LLAMA31 =
      Map.of(
          128_000, "<|begin_of_text|>",
          128_001, "<|end_of_text|>",
          128_002, "<|reserved_special_token_0|>",
          128_004, "<|finetune_right_pad_id|>",
          128_009, "<|eot_id|>");

  @Test
  void aTokenThatNoTextContainsIsKept() {
    Map<Integer, String> qwen = Map.of(151_643, "<|endoftext|>", 151_645, "<|im_end|>");
    PadToken.Situation situation =
        new PadToken.Situation(
            OptionalInt.of(151_643),
            Set.of(151_645),
            Set.of(151_644, 151_645, 198),
            new TreeMap<>(qwen),
            Optional.empty(),
            151_669,
            151_936);
    assertEquals(new PadToken.Existing(151_643, "<|endoftext|>"), PadToken.choose(situation));
  }

  @Test
  void anEndOfTextOrOfTurnIsNotKept() {
    PadToken reserved = new PadToken.Existing(128_002, "<|reserved_special_token_0|>");
    assertEquals(reserved, choose(OptionalInt.of(128_001), Set.of(128_001), Set.of(), LLAMA3));
    assertEquals(reserved, choose(OptionalInt.of(128_009), Set.of(), Set.of(128_009), LLAMA3));
  }

  @Test
  void aPadTokenOfTheVocabularyComesBeforeAReservedOne() {
    assertEquals(
        new PadToken.Existing(128_004, "<|finetune_right_pad_id|>"),
        choose(OptionalInt.empty(), Set.of(128_000, 128_001), Set.of(128_009), LLAMA31));
  }

  @Test
  void aTokenThatIsTextIsNotKept() {
    assertEquals(
        new PadToken.Existing(128_004, "<|finetune_right_pad_id|>"),
        choose(OptionalInt.of(17), Set.of(), Set.of(), LLAMA31));
  }

  @Test
  void thePadsOfPicturesAreNotTaken() {
    assertEquals(
        new PadToken.Added(ROWS, "[PAD]"),
        choose(
            OptionalInt.empty(),
            Set.of(),
            Set.of(),
            Map.of(5, "<|image_pad|>", 6, "<|vision_pad|>", 7, "<|fim_pad|>")));
  }

  @Test
  void anUnknownTokenOfAByteFallbackTokenizerComesBeforeANewOne() {
    PadToken.Existing unknown = new PadToken.Existing(0, "<unk>");
    Map<Integer, String> markers = Map.of(0, "<unk>", 1, "<s>", 2, "</s>");
    PadToken.Situation situation =
        new PadToken.Situation(
            OptionalInt.of(2),
            Set.of(1, 2),
            Set.of(1, 2),
            new TreeMap<>(markers),
            Optional.of(unknown),
            512,
            512);
    assertEquals(unknown, PadToken.choose(situation));
  }

  @Test
  void elseANewTokenIsAddedBehindTheVocabulary() {
    Map<Integer, String> mistral = Map.of(0, "<unk>", 1, "<s>", 2, "</s>");
    assertEquals(
        new PadToken.Added(ROWS, "[PAD]"),
        choose(OptionalInt.empty(), Set.of(1, 2), Set.of(1, 2), mistral));
    assertEquals(
        new PadToken.Added(ROWS, "[[PAD]]"),
        choose(OptionalInt.empty(), Set.of(), Set.of(3), Map.of(3, "[PAD]")));
  }

  @Test
  void aTokenWithoutARowIsNotTaken() {
    assertEquals(
        new PadToken.Added(ROWS, "[[PAD]]"),
        choose(OptionalInt.of(ROWS), Set.of(), Set.of(), Map.of(ROWS, "[PAD]")));
  }

  @Test
  void theFilesNameAnExistingTokenAndChangeNothingElse(@TempDir Path folder) throws IOException {
    for (String name : new String[] {"tokenizer.json", "tokenizer_config.json"}) {
      Files.copy(Fixtures.STORIES.resolve(name), folder.resolve(name));
    }
    Files.writeString(folder.resolve("special_tokens_map.json"), "{\"pad_token\": \"</s>\"}");
    Map<String, String> before = SpecialTokens.load(folder).byName();
    PadTokenFiles.write(folder, new PadToken.Existing(0, "<unk>"));
    Map<String, String> after = new TreeMap<>(SpecialTokens.load(folder).byName());
    assertEquals("<unk>", after.put("pad_token", before.get("pad_token")));
    assertEquals(new TreeMap<>(before), after);
    assertEquals(
        Files.readString(Fixtures.STORIES.resolve("tokenizer.json")),
        Files.readString(folder.resolve("tokenizer.json")));
    assertEquals(
        "<unk>",
        JsonFile.readIfPresent(folder.resolve("special_tokens_map.json")).get("pad_token"));
  }

  @Test
  void theFilesGainANewToken(@TempDir Path folder) throws IOException {
    for (String name : new String[] {"tokenizer.json", "tokenizer_config.json"}) {
      Files.copy(Fixtures.STORIES.resolve(name), folder.resolve(name));
    }
    PadTokenFiles.write(folder, new PadToken.Added(512, "[PAD]"));
    try (Tokenizer changed = Tokenizer.load(folder);
        Tokenizer original = Tokenizer.load(Fixtures.STORIES)) {
      assertEquals("[PAD]", SpecialTokens.load(folder).get("pad_token"));
      assertEquals(513, changed.vocabularySize());
      assertEquals("[PAD]", changed.specialTokens().get(512));
      assertArrayEquals(new int[] {512}, changed.encode("[PAD]", false));
      String text = "Once upon a time, 😀";
      assertArrayEquals(original.encode(text, true), changed.encode(text, true));
    }
  }
}
