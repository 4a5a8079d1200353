package assay.rm.text.jinja;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.rm.text.jinja.TemplateException.Reason;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;

/** Renders templates that mean no good, for a short conversation. */
final class HostileTemplate {
  static final Map<String, Value> VARIABLES =
      Map.of(
          "messages",
          Value.of(
              List.of(
                  Map.of("role", "user", "content", "Hi"),
                  Map.of("role", "assistant", "content", "Hello!"))),
          "bos_token",
          Value.of("<s>"),
          "add_generation_prompt",
          Value.of(false));

  static String render(String template) {
    return Template.parse(template).render(VARIABLES, LocalDate.of(2026, 11, 23)).text();
  }

  /** Every template must end with one of the reasons. */
  static void assertRefused(List<String> templates, Reason... reasons) {
    for (String template : templates) {
      String shown = template.length() < 200 ? template : template.substring(0, 200) + "...";
      TemplateException refusal =
          assertThrows(TemplateException.class, () -> render(template), shown);
      assertTrue(List.of(reasons).contains(refusal.reason()), shown + ": " + refusal.getMessage());
    }
    System.out.printf("hostile templates: %d refused%n", templates.size());
  }

  private HostileTemplate() {}
}
