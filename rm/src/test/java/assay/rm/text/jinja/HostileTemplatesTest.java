package assay.rm.text.jinja;

import static assay.rm.text.jinja.HostileTemplate.assertRefused;
import static assay.rm.text.jinja.HostileTemplate.render;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.rm.text.jinja.TemplateException.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/**
 * Templates that want to run forever, fill the memory or overflow the stack. All are held by
 * counting, so none of these tests looks at a clock.
 */
class HostileTemplatesTest {
  private static String nested(String open, String middle, String close, int depth) {
    return open.repeat(depth) + middle + close.repeat(depth);
  }

  @Test
  void endlessLoopsRunOutOfSteps() {
    List<String> bodies =
        List.of(
            "",
            "{{ i }}",
            "{% set x = i * 2 %}",
            "{{ 'abc' | upper }}",
            "{{ 'abc'.split('b') }}",
            "{% if i %}{% continue %}{% endif %}",
            "{{ [3, 1, 2] | sort }}",
            "{{ messages | map(attribute='role') | join }}",
            "{{ messages | tojson }}",
            "{{ loop.index }}{{ loop.last }}",
            "{% set ns.x = i %}",
            "{% generation %}a{% endgeneration %}");
    List<String> templates = new ArrayList<>();
    for (String body : bodies) {
      for (int depth : new int[] {2, 5}) {
        templates.add(
            "{% set ns = namespace() %}"
                + nested("{% for i in range(99999) %}", body, "{% endfor %}", depth));
      }
    }
    assertRefused(templates, Reason.LIMIT);
  }

  @Test
  void stringsThatDoubleRunOutOfCharacters() {
    List<String> growths =
        List.of(
            "ns.s ~ ns.s",
            "ns.s + ns.s",
            "ns.s * 2",
            "2 * ns.s",
            "[ns.s, ns.s] | join",
            "ns.s.join([ns.s, ns.s])",
            "ns.s.replace('a', 'aa')",
            "ns.s | replace('a', 'aa')",
            "ns.s.replace('', 'a')",
            "ns.s.ljust(99999) ~ ns.s",
            "ns.s | indent(99999, true) ~ ns.s",
            "ns.s | tojson ~ ns.s",
            "ns.s ~ [ns.s]",
            "ns.s ~ {'k': ns.s}",
            "(ns.s | upper) ~ (ns.s | lower)",
            "ns.s ~ (ns.s | reverse)",
            "ns.s ~ ns.s[::-1]",
            "(ns.s | e) ~ (ns.s | e)",
            "(ns.s | list | join) ~ ns.s",
            "ns.s ~ (ns.s.split('b') | join)");
    List<String> templates = new ArrayList<>();
    for (String growth : growths) {
      templates.add(
          "{% set ns = namespace(s='aaaa') %}{% for i in range(90000) %}{% set ns.s = "
              + growth
              + " %}{% endfor %}");
    }
    assertRefused(templates, Reason.LIMIT);
  }

  @Test
  void hugeRepetitionIsRefusedBeforeItTakesMemory() {
    List<String> sizes = List.of("200100", "10**9", "9223372036854775807", "10**15");
    List<String> uses =
        List.of(
            "{{ 'a' * (%s) }}",
            "{{ (%s) * 'abc' }}",
            "{{ [1] * (%s) }}",
            "{{ (1, 2) * (%s) }}",
            "{{ range(%s) }}",
            "{{ range(%s) | list | length }}",
            "{{ range(0, %s, 2) | sum }}",
            "{{ range(0, -(%s), -1) | list }}",
            "{{ 'a'.ljust(%s) }}",
            "{{ 'a'.rjust(%s) }}",
            "{{ 'a'.center(%s) }}",
            "{{ 'a\\nb' | indent(%s) }}",
            "{% for i in range(%s) %}{% endfor %}",
            "{{ messages * (%s) }}");
    List<String> templates = new ArrayList<>();
    for (String use : uses) {
      for (String size : sizes) {
        templates.add(use.replace("%s", use.contains("0, %s, 2") ? size + " * 2" : size));
      }
    }
    assertRefused(templates, Reason.LIMIT, Reason.FAILED);
  }

  @Test
  void listsThatGrowRunOutOfBudget() {
    List<String> growths =
        List.of(
            "ns.x + ns.x",
            "ns.x * 2",
            "ns.x + [1]",
            "ns.x + (ns.x | list)",
            "(ns.x | map('string') | list) + ns.x",
            "(ns.x | sort) + ns.x",
            "(ns.x | reverse | list) + ns.x",
            "ns.x[:] + ns.x",
            "ns.x + (ns.x | select | list)",
            "ns.x + dict(a=ns.x).values() | list + ns.x",
            "('a b ' * 20000).split() + ns.x",
            "('a' * 60000) | list + ns.x",
            "ns.x + ('\n' * 60000).splitlines()");
    List<String> templates = new ArrayList<>();
    for (String growth : growths) {
      templates.add(
          "{% set ns = namespace(x=[1, 2]) %}{% for i in range(90000) %}{% set ns.x = "
              + growth
              + " %}{% endfor %}");
    }
    assertRefused(templates, Reason.LIMIT, Reason.FAILED);
  }

  @Test
  void nestingThatGrowsIsRefused() {
    List<String> growths =
        List.of(
            "[ns.x]",
            "(ns.x,)",
            "{'a': ns.x}",
            "[[ns.x], 1]",
            "dict(a=ns.x)",
            "[ns.x, ns.x]",
            "{'a': ns.x, 'b': ns.x}",
            "[ns.x] | map('string') | list + [ns.x]",
            "[ns.x] + [ns.x]",
            "[ns.x] | sort(attribute='a') | list");
    List<String> templates = new ArrayList<>();
    for (String growth : growths) {
      for (String use : List.of("", "{{ ns.x }}", "{{ ns.x == ns.x }}", "{{ ns.x | tojson }}")) {
        templates.add(
            "{% set ns = namespace(x=[]) %}{% for i in range(90000) %}{% set ns.x = "
                + growth
                + " %}"
                + use
                + "{% endfor %}");
      }
    }
    assertRefused(templates, Reason.LIMIT, Reason.FAILED);
  }

  @Test
  void sharedListsCannotMakeAWalkExponential() {
    // Each level holds the one below twice: 2^90 leaves in 90 lists.
    String build =
        "{% set ns = namespace(x=['a'], y=['a']) %}{% for i in range(90) %}"
            + "{% set ns.x = [ns.x, ns.x] %}{% set ns.y = [ns.y, ns.y] %}{% endfor %}";
    List<String> uses =
        List.of(
            "{{ ns.x }}",
            "{{ ns.x | string | length }}",
            "{{ ns.x ~ '' }}",
            "{{ ns.x | tojson }}",
            "{{ ns.x | tojson(indent=2) }}",
            "{{ ns.x == ns.y }}",
            "{{ ns.x != ns.y }}",
            "{{ ns.x < ns.y }}",
            "{{ ns.x in [ns.y] }}",
            "{{ [ns.y].index(ns.x) }}",
            "{{ [ns.y, ns.x] | unique | list | length }}",
            "{{ [ns.y, ns.x] | sort | length }}",
            "{{ [ns.y, ns.x] | max | length }}",
            "{{ ns.x is eq ns.y }}",
            "{{ ns.x is sameas ns.y }}",
            "{{ [ns.x] | join }}",
            "{{ {'a': ns.x} }}");
    assertRefused(uses.stream().map(use -> build + use).toList(), Reason.LIMIT);
  }

  @Test
  void endlessRecursionIsRefused() {
    List<String> templates =
        List.of(
            "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
            "{% macro m() %}{{ m() ~ m() }}{% endmacro %}{{ m() }}",
            "{% macro a() %}{{ b() }}{% endmacro %}{% macro b() %}{{ a() }}{% endmacro %}{{ a() }}",
            "{% macro m(x) %}{{ m(x + 1) }}{% endmacro %}{{ m(0) }}",
            "{% macro m(x=m()) %}{% endmacro %}{% set y = m %}{{ y() }}",
            "{% macro m(f) %}{{ f(f) }}{% endmacro %}{{ m(m) }}",
            "{% macro m() %}{% call m() %}{% endcall %}{{ caller() }}{% endmacro %}"
                + "{% call m() %}{% endcall %}",
            "{% macro m() %}{% set x %}{{ m() }}{% endset %}{% endmacro %}{{ m() }}",
            "{% macro m() %}{% filter upper %}{{ m() }}{% endfilter %}{% endmacro %}{{ m() }}",
            "{% macro m() %}{% for i in [1] %}{{ m() }}{% endfor %}{% endmacro %}{{ m() }}",
            "{% macro m() %}{% if m() %}{% endif %}{% endmacro %}{{ m() }}",
            "{% macro m() %}{% generation %}{{ m() }}{% endgeneration %}{% endmacro %}{{ m() }}",
            "{% macro m() %}{% with x = m() %}{% endwith %}{% endmacro %}{{ m() }}",
            "{% for i in [1] recursive %}{{ loop([1]) }}{% endfor %}",
            "{% for i in [1, 2] recursive %}{{ loop([1, 2]) }}{% endfor %}",
            "{% set ns = namespace() %}{% macro m() %}{{ ns.f() }}{% endmacro %}"
                + "{% set ns.f = m %}{{ m() }}",
            "{% macro m() %}{{ [m()] | map('upper') | join }}{% endmacro %}{{ m() }}",
            "{% macro m() %}{{ {'a': m()} }}{% endmacro %}{{ m() }}",
            "{% macro m() %}{{ 'a' if m() else 'b' }}{% endmacro %}{{ m() }}",
            "{{ 'a' | map(" + "'map', ".repeat(50_000) + "'upper') | list }}");
    assertRefused(templates, Reason.LIMIT, Reason.FAILED);
  }

  @Test
  void deepSourceIsRefusedWithoutOverflowingTheStack() {
    List<UnaryOperator<String>> wrappings =
        List.of(
            inside -> "(" + inside + ")",
            inside -> "[" + inside + "]",
            inside -> "{'a': " + inside + "}",
            inside -> "not " + inside,
            inside -> "-" + inside,
            inside -> "+" + inside,
            inside -> "messages[" + inside + "]",
            inside -> "messages[" + inside + ":]",
            inside -> "1 | default(" + inside + ")",
            inside -> "1 is eq(" + inside + ")",
            inside -> "range(" + inside + ")",
            inside -> "1 if " + inside + " else 2",
            inside -> "1 if 0 else " + inside,
            inside -> inside + " + 1",
            inside -> "1 - (" + inside + ")",
            inside -> inside + " and 1",
            inside -> inside + " or 0",
            inside -> inside + " | string",
            inside -> inside + " * 1",
            inside -> inside + ".x",
            inside -> inside + "[0]",
            inside -> inside + "()",
            inside -> "1 ** " + inside,
            inside -> "1 ~ (" + inside + ")");
    List<String> templates = new ArrayList<>();
    for (UnaryOperator<String> wrapping : wrappings) {
      // Built from both ends, as wrapping a long string ten thousand times is slow.
      String[] ends = wrapping.apply("\0").split("\0", -1);
      for (int depth : new int[] {1_000, 20_000}) {
        templates.add("{{ " + nested(ends[0], "0", ends[1], depth) + " }}");
      }
    }
    List<String> blocks =
        List.of(
            "{% if true %}|{% endif %}",
            "{% for i in [1] %}|{% endfor %}",
            "{% set x %}|{% endset %}",
            "{% filter upper %}|{% endfilter %}",
            "{% with x = 1 %}|{% endwith %}",
            "{% macro m() %}|{% endmacro %}",
            "{% generation %}|{% endgeneration %}",
            "{% if 0 %}{% else %}|{% endif %}");
    for (String block : blocks) {
      String[] ends = block.split("\\|", -1);
      templates.add(nested(ends[0], "x", ends[1], 5_000));
    }
    assertRefused(templates, Reason.LIMIT, Reason.FAILED, Reason.SYNTAX);
  }

  @Test
  void tooLongATemplateIsRefused() {
    assertRefused(List.of("a".repeat(1_000_001), "{{ 1 }}".repeat(200_000)), Reason.LIMIT);
  }

  @Test
  void searchesAndSortsThatAreSlowRunOutOfSteps() {
    String big = "{% set a = 'a' * 90000 %}{% set b = 'a' * 45000 ~ 'b' %}";
    List<String> uses =
        List.of(
            "{{ b in a }}",
            "{{ a.find(b) }}",
            "{{ a.count(b) }}",
            "{{ a.replace(b, '') | length }}",
            "{{ a.split(b) | length }}",
            "{{ a.partition(b) | length }}",
            "{{ a.strip(b) | length }}",
            "{{ a | trim(b) | length }}",
            "{{ a.rsplit(b) | length }}",
            "{{ a.rfind(b) }}");
    List<String> templates = new ArrayList<>();
    for (String use : uses) {
      templates.add(big + "{% for i in range(1000) %}" + use + "{% endfor %}");
    }
    String list = "{% set x = range(90000) | list %}";
    for (String use :
        List.of(
            "{{ x | unique | list | length }}",
            "{% for i in x %}{{ 'z' in x }}{% endfor %}",
            "{% for i in x %}{{ x | max }}{% endfor %}",
            "{% for i in x %}{{ x | sum }}{% endfor %}",
            "{% for i in x %}{{ x[1:] | length }}{% endfor %}",
            "{% for i in x %}{{ x | sort | length }}{% endfor %}",
            "{% for i in x %}{{ x | join | length }}{% endfor %}")) {
      templates.add(list + use);
    }
    assertRefused(templates, Reason.LIMIT);
  }

  @Test
  void theStackOfASmallThreadIsEnough() throws InterruptedException {
    String deepest =
        "{% macro m(x) %}{% if x %}{% for i in [1] %}{{ [m(x - 1) ~ ''] | join }}{% endfor %}"
            + "{% endif %}{% endmacro %}{{ m(10000) }}";
    List<Throwable> thrown = new ArrayList<>();
    Thread small =
        new Thread(
            null,
            () -> {
              try {
                render(deepest);
              } catch (TemplateException e) {
                thrown.add(e);
              }
            },
            "small",
            512 * 1024);
    small.setUncaughtExceptionHandler((thread, error) -> thrown.add(error));
    small.start();
    small.join();
    assertEquals(TemplateException.class, thrown.getFirst().getClass());
  }

  @Test
  void anInterruptEndsARendering() {
    Thread.currentThread().interrupt();
    TemplateException refusal =
        assertThrows(TemplateException.class, () -> render("{{ messages }}"));
    assertTrue(Thread.interrupted());
    assertEquals(Reason.LIMIT, refusal.reason());
  }
}
