package assay.rm.text.jinja;

import static assay.rm.text.jinja.HostileTemplate.VARIABLES;
import static assay.rm.text.jinja.HostileTemplate.assertRefused;
import static assay.rm.text.jinja.HostileTemplate.render;
import static org.junit.jupiter.api.Assertions.assertEquals;

import assay.rm.text.jinja.TemplateException.Reason;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Templates that want to reach out of the template, or to change what they are given. */
class TemplateEscapesTest {
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
            "{{ range.__call__(1) }}",
            "{{ raise_exception.__globals__.x }}",
            "{{ namespace.__init__.x }}",
            "{{ strftime_now('%Q') }}",
            "{{ dict(**{'__class__': 1}).__class__.x.y }}",
            "{{ dict.fromkeys('abc') }}",
            "{{ loop.x.y }}",
            "{% for i in [1] %}{{ loop.__class__.x }}{% endfor %}",
            "{% macro m() %}{% endmacro %}{{ m.__globals__.x }}",
            "{% macro m() %}{% endmacro %}{{ m }}",
            "{{ namespace() }}");
    assertRefused(templates, Reason.FAILED, Reason.SYNTAX);
  }

  @Test
  void inputsCannotBeChangedAndFilesCannotBeRead() {
    List<String> templates =
        List.of(
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
            "{% debug %}");
    assertRefused(templates, Reason.FAILED, Reason.SYNTAX, Reason.LIMIT);
  }

  @Test
  void valuesOutOfRangeAreRefused() {
    List<String> templates =
        List.of(
            "{{ messages | tojson(indent=999999999) }}",
            "{{ strftime_now('%B' * 99999) }}",
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
  void aTemplateCannotChangeItsInput() {
    String before = VARIABLES.get("messages").toString();
    render("{% set messages = messages + [1] %}{% set x = messages | reverse | list %}");
    render(
        "{% for m in messages %}{% set m = 1 %}{% endfor %}{{ messages | sort(attribute='role') }}");
    assertEquals(before, VARIABLES.get("messages").toString());
  }
}
