package assay.rm.text.jinja;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.rm.text.jinja.TemplateException.Reason;
import assay.tensor.InvalidInputException;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The language, feature by feature, as its documentation and Python describe it. */
class TemplateTest {
  private static Map<String, Value> variables() {
    Map<String, Object> message = new LinkedHashMap<>();
    message.put("role", "user");
    message.put("content", "Hi <b>'q'</b>\n");
    return Map.of(
        "message", Value.of(message), "messages", Value.of(List.of(message)), "n", Value.of(3));
  }

  private static String render(String template) {
    return Template.parse(template).render(variables(), LocalDate.of(2026, 11, 23)).text();
  }

  private static TemplateException refusal(String template) {
    return assertThrows(TemplateException.class, () -> render(template));
  }

  @Test
  void textOutsideOfTagsIsPrintedAsItIs() {
    assertEquals("a } { b\n c", render("a } { b\n c"));
  }

  @Test
  void oneNewlineAtTheEndBelongsToTheFile() {
    assertEquals("a", render("a\n"));
    assertEquals("a\n", render("a\n\n"));
    assertEquals("a\nb", render("a\r\nb\r\n"));
  }

  @Test
  void aBlockTagTakesTheSpaceBeforeItAndTheNewlineAfterIt() {
    assertEquals("a\nb\n", render("a\n  {% if n %}\nb\n  {% endif %}\n"));
    assertEquals("a\n  3\nb", render("a\n  {{ n }}\nb"));
    assertEquals("a x", render("a {% if n %}x{% endif %}"));
  }

  @Test
  void aMinusTakesAllSpaceAndAPlusKeepsIt() {
    assertEquals("a3b", render("a \n {{- n -}} \n b"));
    assertEquals("  \nx\n", render("  {%+ if n +%}\nx{% endif +%}\n\n"));
    assertEquals("ab", render("a \n{#- comment -#}\n b"));
  }

  @Test
  void rawTextMayHoldTags() {
    assertEquals("{{ n }}{% x %}", render("{% raw %}{{ n }}{% x %}{% endraw %}"));
  }

  @Test
  void bracesInsideATagDoNotEndIt() {
    assertEquals("1", render("{{ {'a': {'b': 1}}['a']['b'] }}"));
    assertEquals("}}", render("{{ '}}' }}"));
  }

  @Test
  void valuesPrintAsPythonPrintsThem() {
    assertEquals(
        "True None 1.0 1e+16 1e-05",
        render("{{ true ~ ' ' ~ none }} {{ 1.0 }} {{ 1e16 }} {{ 0.00001 }}"));
    assertEquals("['a', \"it's\", 1, (2,)]", render("{{ ['a', \"it's\", 1, (2,)] }}"));
    assertEquals("{'a': [1.5, False]}", render("{{ {'a': [1.5, false]} }}"));
  }

  @Test
  void jsonPrintsAsPythonPrintsIt() {
    assertEquals(
        "{\"role\": \"user\", \"content\": \"Hi <b>'q'</b>\\n\"}",
        render("{{ message | tojson }}"));
    assertEquals("{\n  \"a\": [\n    1\n  ]\n}", render("{{ {'a': [1]} | tojson(indent=2) }}"));
  }

  @Test
  void arithmeticIsPythons() {
    assertEquals(
        "-2 1 2.5 8 -1", render("{{ -3 // 2 }} {{ -3 % 2 }} {{ 5 / 2 }} {{ 2 ** 3 }} {{ 2 - n }}"));
    assertEquals("aaa", render("{{ 'a' * n }}"));
    assertEquals("[1, 2]", render("{{ [1] + [2] }}"));
  }

  @Test
  void comparisonsChain() {
    assertEquals("True False", render("{{ 1 < n <= 3 }} {{ 1 < n < 3 }}"));
  }

  @Test
  void stringsSideBySideAreOne() {
    assertEquals("ab", render("{{ 'a' 'b' }}"));
  }

  @Test
  void slicesFollowPythonsRules() {
    assertEquals("lo", render("{{ 'hello'[-2:] }}"));
    assertEquals("eh", render("{{ 'hello'[1::-1] }}"));
    assertEquals("hlo", render("{{ 'hello'[::2] }}"));
    assertEquals("[]", render("{{ [1, 2][5:] }}"));
  }

  @Test
  void lengthsAndIndicesCountCodePoints() {
    assertEquals("2 b", render("{{ '😀b' | length }} {{ '😀b'[1] }}"));
  }

  @Test
  void aLoopKnowsWhereItIs() {
    assertEquals(
        "1/2 True False|2/2 False True|",
        render(
            "{% for x in 'ab' %}{{ loop.index }}/{{ loop.length }} {{ loop.first }} {{ loop.last }}|{% endfor %}"));
  }

  @Test
  void aLoopCanSkipStopAndFindNothing() {
    assertEquals(
        "13",
        render(
            "{% for x in [1, 2, 3, 4] if x != 2 %}{% if x == 4 %}{% break %}{% endif %}{{ x }}{% endfor %}"));
    assertEquals("none", render("{% for x in [] %}x{% else %}none{% endfor %}"));
  }

  @Test
  void aLoopsConditionIsAskedWhenItsTurnComes() {
    assertEquals(
        "a",
        render(
            "{% set ns = namespace(done=false) %}{% for x in 'abc' if not ns.done %}{{ x }}{% set ns.done = true %}{% endfor %}"));
  }

  @Test
  void whatALoopSetsIsGoneAtItsEndButANamespaceStays() {
    assertEquals(
        "0", render("{% set x = 0 %}{% for i in [1] %}{% set x = i %}{% endfor %}{{ x }}"));
    assertEquals(
        "1",
        render(
            "{% set ns = namespace(x=0, y=1) %}{% for i in [1] %}{% set ns.x = i %}{% endfor %}{{ ns.x }}"));
  }

  @Test
  void aMacroTakesArgumentsDefaultsAndABlock() {
    assertEquals(
        "1-2 1-5 [x]",
        render(
            "{% macro m(a, b=2) %}{{ a }}-{{ b }}{% endmacro %}{% macro w() %}[{{ caller() }}]{% endmacro %}"
                + "{{ m(1) }} {{ m(1, b=5) }} {% call w() %}x{% endcall %}"));
  }

  @Test
  void aBlockCanBeSetAndFiltered() {
    assertEquals(
        "X!",
        render("{% set x | upper %}x{% endset %}{{ x }}{% filter trim %}  ! {% endfilter %}"));
  }

  @Test
  void aMethodComesBeforeAnEntryButTheSubscriptFindsTheEntry() {
    assertEquals(
        "1 [('items', 1)]",
        render("{% set d = {'items': 1} %}{{ d['items'] }} {{ d.items() | list }}"));
  }

  @Test
  void undefinedPrintsNothingAndFailsOtherwise() {
    assertEquals("|True", render("{{ missing }}|{{ message.missing is undefined }}"));
    assertEquals(Reason.FAILED, refusal("{{ missing + 1 }}").reason());
    assertEquals("'missing' is undefined", refusal("{{ missing.x }}").detail());
  }

  @Test
  void aFilteredSequenceCanBeGoneThroughOnce() {
    assertEquals("12|", render("{% set x = [1, 2] | select %}{{ x | join }}|{{ x | join }}"));
  }

  @Test
  void theDateIsTheOneGiven() {
    assertEquals(
        "23 Nov 2026, 2026-11-23, Monday 23 November",
        render("{{ strftime_now('%d %b %Y, %Y-%m-%d, %A %-d %B') }}"));
  }

  @Test
  void generationBlocksAreFoundInCodePoints() {
    Template.Rendering rendering =
        Template.parse(
                "😀{% generation %}ab{% endgeneration %}c{% generation %}{% endgeneration %}")
            .render(Map.of(), LocalDate.of(2026, 11, 23));
    assertEquals("😀abc", rendering.text());
    assertEquals(
        List.of(new Template.Span(1, 3), new Template.Span(4, 4)), rendering.generations());
  }

  @Test
  void aRefusalByTheTemplateIsToldFromAFailure() {
    TemplateException refusal = refusal("a\n{{ raise_exception('roles must alternate') }}");
    assertEquals(Reason.REFUSED, refusal.reason());
    assertEquals("chat template, line 2: roles must alternate", refusal.getMessage());
  }

  @Test
  void anErrorNamesTheLineOfTheExpression() {
    assertEquals(3, refusal("\n{% if n %}\n{{ 1 + 'a' }}\n{% endif %}").line());
    assertEquals(2, refusal("{{ n }}\n{% for %}").line());
    assertEquals(Reason.SYNTAX, refusal("{% if n %}").reason());
  }

  @Test
  void aTemplateKnowsWhatItReads() {
    Template template = Template.parse("{% macro m() %}{{ strftime_now('%d') }}{% endmacro %}");
    assertTrue(template.reads("strftime_now"));
    assertFalse(template.reads("messages"));
  }

  @Test
  void onlyJsonValuesGoIn() {
    assertThrows(InvalidInputException.class, () -> Value.of(new Object()));
    assertThrows(InvalidInputException.class, () -> Value.of(Map.of(1, "x")));
  }
}
