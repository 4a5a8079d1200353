package assay.rm.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.rm.text.jinja.TemplateException;
import assay.tensor.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChatTemplateTest {
  private static final LocalDate DATE = LocalDate.of(2026, 11, 23);
  private static final List<Message> HI = List.of(new Message("user", "Hi"));

  private static String render(String template, List<Message> conversation) {
    return new ChatTemplate(template, new SpecialTokens(Map.of("bos_token", "<s>")))
        .text(conversation, false, DATE);
  }

  private static String loadAndRender(Path folder) {
    return ChatTemplate.load(folder).orElseThrow().text(HI, false, DATE);
  }

  @Test
  void aTemplateFileComesBeforeTheOneInTheConfig(@TempDir Path folder) throws IOException {
    assertEquals(Optional.empty(), ChatTemplate.load(folder));
    Path config = folder.resolve("tokenizer_config.json");
    Files.writeString(
        config, "{\"chat_template\": \"{{ bos_token }}config\", \"bos_token\": \"<b>\"}");
    assertEquals("<b>config", loadAndRender(folder));
    Files.writeString(folder.resolve("chat_template.jinja"), "{{ bos_token }}file\n");
    assertEquals("<b>file", loadAndRender(folder));
  }

  @Test
  void ofSeveralTemplatesTheDefaultIsTaken(@TempDir Path folder) throws IOException {
    Path config = folder.resolve("tokenizer_config.json");
    Files.writeString(
        config,
        "{\"chat_template\": [{\"name\": \"tool_use\", \"template\": \"t\"},"
            + " {\"name\": \"default\", \"template\": \"d\"}]}");
    assertEquals("d", loadAndRender(folder));
    Files.writeString(config, "{\"chat_template\": [{\"name\": \"rag\", \"template\": \"t\"}]}");
    assertThrows(InvalidInputException.class, () -> ChatTemplate.load(folder));
    Files.writeString(config, "{\"chat_template\": 1}");
    assertThrows(InvalidInputException.class, () -> ChatTemplate.load(folder));
  }

  @Test
  void aBrokenTemplateOrConfigIsNamed(@TempDir Path folder) throws IOException {
    Path config = folder.resolve("tokenizer_config.json");
    Files.writeString(config, "{\n\"chat_template\": \"{% if %}\"}");
    InvalidInputException template =
        assertThrows(InvalidInputException.class, () -> ChatTemplate.load(folder));
    assertTrue(template.getMessage().startsWith(config + ": chat template, line 1:"));
    Files.writeString(config, "{\n\"chat_template\": ");
    InvalidInputException json =
        assertThrows(InvalidInputException.class, () -> ChatTemplate.load(folder));
    assertTrue(json.getMessage().startsWith(config + ":2:"), json.getMessage());
    Files.writeString(config, "{\"bos_token\": 1}");
    InvalidInputException token =
        assertThrows(InvalidInputException.class, () -> ChatTemplate.load(folder));
    assertTrue(token.getMessage().contains("bos_token"), token.getMessage());
  }

  @Test
  void specialTokensAreStringsOrObjectsAndMayStandInTheOlderFile(@TempDir Path folder)
      throws IOException {
    Files.writeString(
        folder.resolve("tokenizer_config.json"),
        "{\"bos_token\": {\"content\": \"<b>\"}, \"eos_token\": \"<e>\", \"unk_token\": null}");
    Files.writeString(
        folder.resolve("special_tokens_map.json"),
        "{\"eos_token\": \"other\", \"unk_token\": {\"content\": \"<u>\"}}");
    assertEquals(
        Map.of("bos_token", "<b>", "eos_token", "<e>", "unk_token", "<u>"),
        SpecialTokens.load(folder).byName());
  }

  @Test
  void aMessageHasItsFieldsInOrderAndNoneThatIsNull() {
    Map<String, Object> extra = new LinkedHashMap<>();
    extra.put("z", 1);
    extra.put("name", null);
    extra.put("a", List.of(true));
    Message message = new Message("assistant", null, extra);
    assertEquals(
        "{'role': 'assistant', 'z': 1, 'a': [True]}",
        render("{{ messages[0] }}", List.of(message)));
  }

  @Test
  void aFieldContentReplacesTheText() {
    Object parts = List.of(Map.of("type", "text", "text", "part"));
    Message message = new Message("user", "text", Map.of("content", parts));
    assertEquals("part", render("{{ messages[0].content[0].text }}", List.of(message)));
  }

  @Test
  void reasoningGoesByEveryNameThatTemplatesKnow() {
    for (String name : List.of("reasoning_content", "thinking", "reasoning")) {
      Message message = new Message("assistant", "4", Map.of(name, "2+2"));
      assertEquals(
          "2+2 2+2",
          render(
              "{{ messages[0].thinking }} {{ messages[0].reasoning_content }}", List.of(message)));
    }
  }

  @Test
  void toolsAndDocumentsAreNoneAndMissingTokensAreUndefined() {
    assertEquals(
        "None None False <s>",
        render("{{ tools }} {{ documents }} {{ eos_token is defined }} {{ bos_token }}", HI));
  }

  @Test
  void onlyATemplateThatAsksForTheDayDependsOnIt() {
    SpecialTokens none = new SpecialTokens(Map.of());
    assertTrue(new ChatTemplate("{{ strftime_now('%d') }}", none).isDateDependent());
    assertFalse(new ChatTemplate("{{ date_string }}", none).isDateDependent());
    assertEquals("2026-11-23", render("{{ strftime_now('%Y-%m-%d') }}", HI));
  }

  @Test
  void theHashIsThatOfTheSource() {
    // printf abc | sha256sum
    assertEquals(
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        new ChatTemplate("abc", new SpecialTokens(Map.of())).sha256());
  }

  @Test
  void anEmptyOrRefusedConversationIsAnError() {
    assertThrows(InvalidInputException.class, () -> render("x", List.of()));
    TemplateException refusal =
        assertThrows(TemplateException.class, () -> render("{{ raise_exception('no') }}", HI));
    assertEquals(TemplateException.Reason.REFUSED, refusal.reason());
  }
}
