package assay.rm.text.jinja;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.rm.text.jinja.TemplateException.Reason;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/**
 * Templates that want to run forever, fill the memory, overflow the stack or reach out of the
 * template. All are held by counting, so none of these tests looks at a clock.
 */
class HostileTemplatesTest {
  private static final Map<String, Value> VARIABLES =
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

  private static int refused;

  private static String render(String template) {
    return Template.parse(template).render(VARIABLES, LocalDate.of(2026, 11, 23)).text();
  }

  /** Every template must end with one of the reasons. */
  private static void assertRefused(List<String> templates, Reason... reasons) {
    for (String template : templates) {
      String shown = template.length() < 200 ? template : template.substring(0, 200) + "...";
      TemplateException refusal =
          assertThrows(TemplateException.class, () -> render(template), shown);
      assertTrue(List.of(reasons).contains(refusal.reason()), shown + ": " + refusal.getMessage());
    }
    refused += templates.size();
  }

  @AfterAll
  static void printCount() {
    System.out.printf("hostile templates: %d refused%n", refused);
  }

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
      for (int depth = 2; depth <= 5; depth++) {
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
  void attributesOfPythonAndJavaAreUndefined() {
    List<String> objects =
        List.of("''", "[]", "{}", "1", "messages", "bos_token", "range", "namespace()", "none");
    List<String> attributes =
        List.of(
            "__class__",
            "__globals__",
            "__init__",
            "__builtins__",
            "__subclasses__",
            "__mro__",
            "__dict__",
            "__reduce__",
            "func_globals",
            "gi_frame",
            "getClass",
            "class",
            "classLoader",
            "hashCode",
            "toString",
            "forName",
            "format",
            "format_map",
            "append",
            "pop",
            "clear",
            "update",
            "mro");
    List<String> templates = new ArrayList<>();
    for (String object : objects) {
      for (String attribute : attributes) {
        assertEquals("", render("{{ " + object + "." + attribute + " }}"));
        assertEquals("", render("{{ " + object + "['" + attribute + "'] }}"));
        templates.add("{{ " + object + "." + attribute + "() }}");
        templates.add("{{ " + object + "['" + attribute + "'].x }}");
      }
    }
    assertRefused(templates, Reason.FAILED);
  }

  @Test
  void knownEscapesFromOtherSandboxesAreRefused() {
    List<String> templates =
        List.of(
            "{{ ''.__class__.__mro__[1].__subclasses__() }}",
            "{{ [].__class__.__base__.__subclasses__()[40]('/etc/passwd').read() }}",
            "{{ config.__class__.__init__.__globals__['os'].popen('id').read() }}",
            "{{ self.__init__.__globals__.__builtins__.__import__('os').popen('id').read() }}",
            "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
            "{{ joiner.__init__.__globals__.os.popen('id').read() }}",
            "{{ lipsum.__globals__['os'].popen('id').read() }}",
            "{{ request.application.__globals__.__builtins__ }}",
            "{{ get_flashed_messages.__globals__.__builtins__ }}",
            "{{ ''|attr('__class__') }}",
            "{{ ('{0.__class__}'|attr('format'))('') }}",
            "{{ '{0.__class__.__mro__}'.format(messages) }}",
            "{{ '{x.__class__}'.format_map({'x': 1}) }}",
            "{{ '%s' | format(messages.__class__) }}",
            "{{ messages | map(attribute='__class__.__mro__') | list }}",
            "{{ messages | sort(attribute='__class__.x') }}",
            "{{ messages | join(attribute='__class__.x') }}",
            "{{ messages | selectattr('__class__.x') | list }}",
            "{{ messages | map('attr', '__class__') | list }}",
            "{{ ''.getClass().forName('java.lang.Runtime').getMethods() }}",
            "{{ ____int3rpr3t3r____ }}{{ ____int3rpr3t3r____.getConfig() }}",
            "{{ 'a'.getClass().forName('javax.script.ScriptEngineManager').newInstance() }}",
            "{% for x in ''.class.forName('java.lang.System').env %}{{ x }}{% endfor %}"
                + "{{ x.y.z }}",
            "{{ messages.append({'role': 'system', 'content': 'obey'}) }}",
            "{{ messages[0].update({'content': 'changed'}) }}",
            "{{ messages[0].pop('content') }}",
            "{{ messages[0].setdefault('x', 1) }}",
            "{{ messages[0].clear() }}",
            "{% set messages.x = 1 %}",
            "{% set ns = namespace() %}{% set ns.__class__ = 1 %}",
            "{% include '/etc/passwd' %}",
            "{% import '/etc/passwd' as x %}",
            "{% from '/etc/passwd' import x %}",
            "{% extends '/etc/passwd' %}",
            "{% do messages.append(1) %}",
            "{% block x %}{% endblock %}",
            "{% debug %}",
            "{{ range.__call__(1) }}",
            "{{ raise_exception.__globals__.x }}",
            "{{ namespace.__init__.x }}",
            "{{ strftime_now('%Q') }}",
            "{{ strftime_now('%B' * 99999) }}",
            "{{ dict(**{'__class__': 1}).__class__.x.y }}",
            "{{ dict.fromkeys('abc') }}",
            "{{ loop.x.y }}",
            "{% for i in [1] %}{{ loop.__class__.x }}{% endfor %}",
            "{% macro m() %}{% endmacro %}{{ m.__globals__.x }}",
            "{% macro m() %}{% endmacro %}{{ m }}",
            "{{ namespace() }}",
            "{{ messages | tojson(indent=999999999) }}",
            "{{ messages | tojson(default=range) }}",
            "{{ 9223372036854775807 + 1 }}",
            "{{ 99999999999999999999 }}",
            "{{ 2 ** 9999999999 }}",
            "{{ 1 % 0 }}",
            "{{ 1 // 0 }}",
            "{{ 1 / 0 }}",
            "{{ 0 ** -1 }}",
            "{{ 'abc' | int(base=99) }}",
            "{{ [1, 'a'] | sort }}",
            "{{ {[]: 1} }}",
            "{{ [1][::0] }}",
            "{{ range(1, 2, 0) }}",
            "{{ 'a'.split('') }}");
    assertRefused(templates, Reason.FAILED, Reason.SYNTAX, Reason.LIMIT);
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
  void aTemplateCannotChangeItsInput() {
    String before = VARIABLES.get("messages").toString();
    render("{% set messages = messages + [1] %}{% set x = messages | reverse | list %}");
    render(
        "{% for m in messages %}{% set m = 1 %}{% endfor %}{{ messages | sort(attribute='role') }}");
    assertEquals(before, VARIABLES.get("messages").toString());
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
