package assay.rm.text.jinja;

import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;

/** Whatever the template, it renders or ends in a {@link TemplateException}, never otherwise. */
class RandomTemplatesTest {
  private static final Limits SMALL = new Limits(20_000, 20_000, 400);

  private static final Map<String, Value> VARIABLES =
      Map.of(
          "messages",
          Value.of(List.of(Map.of("role", "user", "content", "Hi"), Map.of("role", "x"))),
          "s",
          Value.of(" a b\nc "),
          "n",
          Value.of(3),
          "f",
          Value.of(-1.5),
          "x",
          Value.of(Map.of("a", List.of(1, 2.5, "z"), "b", true)));

  private static final List<String> TAGS =
      List.of(
          "{% if n %}",
          "{% elif s %}",
          "{% else %}",
          "{% endif %}",
          "{% for i in x %}",
          "{% for a, b in x.items() if a %}",
          "{% for i in messages recursive %}",
          "{% endfor %}",
          "{% set s = n %}",
          "{% set s %}",
          "{% endset %}",
          "{% macro m(a, b=1) %}",
          "{% endmacro %}",
          "{% call m() %}",
          "{% endcall %}",
          "{% filter upper %}",
          "{% endfilter %}",
          "{% with n = 1 %}",
          "{% endwith %}",
          "{% generation %}",
          "{% endgeneration %}",
          "{% break %}",
          "{% continue %}",
          "{% raw %}",
          "{% endraw %}",
          "{# c #}",
          "{#-",
          "-#}",
          "{{ m(1) }}",
          "{{ loop(i) }}",
          "{{ caller() }}",
          "text",
          "\n",
          "  ",
          "{%- ",
          " -%}",
          "{{- ",
          " -}}",
          "{% set ns = namespace(v=1) %}",
          "{% set ns.v = i %}",
          "{{ ns.v }}",
          "{{",
          "}}",
          "{%",
          "%}",
          "{#",
          "#}");

  private static final List<String> PARTS =
      List.of(
          "n",
          "s",
          "f",
          "x",
          "messages",
          "i",
          "loop",
          "m",
          "1",
          "0",
          "-1",
          "2.5",
          "1e9",
          "'a'",
          "\"b\"",
          "''",
          "'\\x41'",
          "none",
          "true",
          "false",
          "+",
          "-",
          "*",
          "/",
          "//",
          "%",
          "**",
          "~",
          "==",
          "!=",
          "<",
          ">=",
          "in",
          "not",
          "not in",
          "and",
          "or",
          "is",
          "if",
          "else",
          "(",
          ")",
          "[",
          "]",
          "{",
          "}",
          ":",
          ",",
          ".",
          "|",
          "=",
          "[::-1]",
          "[1:]",
          "[0]",
          "['a']",
          ".a",
          ".role",
          ".items()",
          ".get('a')",
          ".split()",
          ".strip()",
          ".upper()",
          ".replace('a', s)",
          ".join(s)",
          ".format()",
          ".__class__",
          "| length",
          "| tojson",
          "| join(',')",
          "| list",
          "| first",
          "| last",
          "| sort",
          "| unique",
          "| reverse",
          "| map('upper')",
          "| map(attribute='a')",
          "| select",
          "| selectattr('role')",
          "| default(1)",
          "| int",
          "| float",
          "| round",
          "| abs",
          "| trim",
          "| title",
          "| indent(2)",
          "| items",
          "| dictsort",
          "| sum",
          "| max",
          "| string",
          "| nothing",
          "is defined",
          "is none",
          "is string",
          "is mapping",
          "is iterable",
          "is odd",
          "is divisibleby 3",
          "is in x",
          "range(3)",
          "dict(a=1)",
          "namespace()",
          "strftime_now('%d %b')",
          "raise_exception('no')",
          "(1, 2)",
          "[1, 'a']",
          "{'k': n}");

  @Provide
  Arbitrary<String> expressions() {
    return Arbitraries.of(PARTS)
        .list()
        .ofMinSize(1)
        .ofMaxSize(12)
        .map(parts -> "{{ " + String.join(" ", parts) + " }}");
  }

  @Provide
  Arbitrary<String> templates() {
    Arbitrary<String> pieces = Arbitraries.oneOf(Arbitraries.of(TAGS), expressions());
    return pieces.list().ofMinSize(1).ofMaxSize(15).map(list -> String.join("", list));
  }

  @Provide
  Arbitrary<String> characters() {
    return Arbitraries.of("{}%#-+ \n'\"\\|.()[]=,ab10_~é😀\t\0".codePoints().boxed().toList())
        .map(Character::toString)
        .list()
        .ofMaxSize(40)
        .map(list -> String.join("", list));
  }

  private static void renderOrRefuse(String template) {
    try {
      Template.parse(template).render(VARIABLES, LocalDate.of(2026, 11, 23), SMALL);
    } catch (TemplateException expected) {
      // the one way to fail
    }
  }

  @Property(tries = 4000, shrinking = ShrinkingMode.BOUNDED)
  void randomExpressionsRenderOrAreRefused(@ForAll("expressions") String template) {
    renderOrRefuse(template);
  }

  @Property(tries = 4000, shrinking = ShrinkingMode.BOUNDED)
  void randomTagsRenderOrAreRefused(@ForAll("templates") String template) {
    renderOrRefuse(template);
  }

  @Property(tries = 2000, shrinking = ShrinkingMode.BOUNDED)
  void randomCharactersRenderOrAreRefused(@ForAll("characters") String template) {
    renderOrRefuse(template);
    renderOrRefuse("{{ " + template + " }}");
  }
}
