package assay.rm.text.jinja;

import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A parsed template. It does not change, and may render in several threads at once. */
public final class Template {
  private final List<Statement> statements;
  private final Set<String> namesRead;

  private Template(List<Statement> statements, Set<String> namesRead) {
    this.statements = statements;
    this.namesRead = namesRead;
  }

  /**
   * @throws TemplateException if the source is not well formed
   */
  public static Template parse(String source) {
    StatementParser parser = new StatementParser(Lexer.tokenize(source));
    List<Statement> statements = parser.parse();
    return new Template(statements, parser.namesRead());
  }

  /** Whether the template reads a variable or function, on whatever path. */
  public boolean reads(String name) {
    return namesRead.contains(name);
  }

  /**
   * @param variables what the template can read, beside the functions that every template has
   * @param date the day that {@code strftime_now} prints
   * @throws TemplateException if the template refuses, fails or exceeds {@link Limits#forInput}
   */
  public Rendering render(Map<String, Value> variables, LocalDate date) {
    long characters = 0;
    for (Value value : variables.values()) {
      characters += characters(value);
    }
    return render(variables, date, Limits.forInput(characters));
  }

  /** As {@link #render(Map, LocalDate)}, within limits of one's own. */
  public Rendering render(Map<String, Value> variables, LocalDate date, Limits limits) {
    Operations operations = new Operations(new Budget(limits));
    Scope functions = new Scope(null, new Globals(operations, date).functions());
    Scope inputs = new Scope(functions, Map.copyOf(variables));
    return new Renderer(operations).render(statements, new Scope(inputs));
  }

  private static long characters(Value value) {
    return switch (value) {
      case Value.Text text -> text.value().length();
      case Value.Sequence sequence ->
          1L + sequence.items().stream().mapToLong(Template::characters).sum();
      case Value.Mapping mapping ->
          1L
              + mapping.entries().entrySet().stream()
                  .mapToLong(entry -> characters(entry.getKey()) + characters(entry.getValue()))
                  .sum();
      default -> 1;
    };
  }

  /**
   * What a template printed.
   *
   * @param generations where the text of <code>{% generation %}</code> blocks stands
   */
  public record Rendering(String text, List<Span> generations) {}

  /** A part of a text, from start to before end, in code points. */
  public record Span(int start, int end) {}
}
