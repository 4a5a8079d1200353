package assay.rm.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import assay.rm.text.jinja.Template;
import assay.rm.text.jinja.TemplateException;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/**
 * Real templates render byte for byte as transformers renders them, and refuse what they refuse
 * there.
 *
 * <p>To check another file of the same form, for instance one with templates whose license does not
 * let them be distributed, set the property {@code assay.chat-templates} to its path: {@code mvn
 * test -Dtest=ChatTemplateGoldenTest -Dassay.chat-templates=FILE}.
 */
class ChatTemplateGoldenTest {
  private static final LocalDate DATE = LocalDate.of(2026, 11, 23);

  /**
   * The fixture.
   *
   * @param templates source by name
   * @param conversations messages by name
   * @param tools what is offered in the conversation {@code toolcall}
   */
  private record Golden(
      Map<String, String> templates,
      Map<String, List<Map<String, Object>>> conversations,
      List<Map<String, Object>> tools,
      @JsonProperty("special_tokens") Map<String, String> specialTokens,
      List<Case> cases,
      @JsonProperty("generation_spans") List<SpanCase> spanCases) {}

  /** What a template makes of a conversation; {@code error} where it must refuse. */
  private record Case(
      @JsonProperty("t") String template,
      @JsonProperty("c") String conversation,
      @JsonProperty("agp") boolean addGenerationPrompt,
      @JsonProperty("out") String text,
      @JsonProperty("err") String error) {}

  /** Where the generation blocks of a text stand, as pairs of start and end. */
  private record SpanCase(
      @JsonProperty("t") String template,
      @JsonProperty("c") String conversation,
      @JsonProperty("out") String text,
      @JsonProperty("g") List<List<Integer>> spans) {}

  private static Golden golden() throws IOException {
    String other = System.getProperty("assay.chat-templates");
    Path file =
        other != null
            ? Path.of(other)
            : Path.of(System.getProperty("assay.test-resources"), "text/chat-templates.json.gz");
    try (InputStream raw = Files.newInputStream(file);
        InputStream in = file.toString().endsWith(".gz") ? new GZIPInputStream(raw) : raw) {
      return JsonMapper.builder().build().readValue(in, Golden.class);
    }
  }

  private static List<Message> messages(List<Map<String, Object>> turns) {
    List<Message> messages = new ArrayList<>();
    for (Map<String, Object> turn : turns) {
      Map<String, Object> extra = new LinkedHashMap<>(turn);
      extra.remove("role");
      messages.add(new Message((String) turn.get("role"), null, extra));
    }
    return messages;
  }

  private static Template.Rendering render(
      Golden golden, ChatTemplate template, String conversation, boolean addGenerationPrompt) {
    List<Message> messages = messages(golden.conversations().get(conversation));
    List<Map<String, Object>> tools = conversation.equals("toolcall") ? golden.tools() : null;
    return template.render(messages, tools, addGenerationPrompt, DATE);
  }

  @Test
  void everyTemplateRendersAsTransformersRendersIt() throws IOException {
    Golden golden = golden();
    Map<String, ChatTemplate> templates = new HashMap<>();
    SpecialTokens tokens = new SpecialTokens(golden.specialTokens());
    golden
        .templates()
        .forEach((name, source) -> templates.put(name, new ChatTemplate(source, tokens)));

    for (Case expected : golden.cases()) {
      ChatTemplate template = templates.get(expected.template());
      String text;
      try {
        text =
            render(golden, template, expected.conversation(), expected.addGenerationPrompt())
                .text();
      } catch (TemplateException e) {
        text = null;
      }
      assertEquals(
          expected.error() == null ? expected.text() : null, text, () -> expected.toString());
    }
    for (SpanCase expected : golden.spanCases()) {
      Template.Rendering rendered =
          render(golden, templates.get(expected.template()), expected.conversation(), false);
      List<List<Integer>> spans =
          rendered.generations().stream().map(span -> List.of(span.start(), span.end())).toList();
      assertEquals(expected.spans(), spans, () -> expected.toString());
      assertEquals(expected.text(), rendered.text());
    }
    System.out.printf(
        "chat templates: %d templates, %d renders and %d sets of generation spans checked%n",
        templates.size(), golden.cases().size(), golden.spanCases().size());
  }
}
