/**
 * A small interpreter of the template language that chat templates are written in.
 *
 * <h2>The idea</h2>
 *
 * Every chat model comes with a program that turns a conversation into the one text it was trained
 * on. The program is written in Jinja, a template language for Python: text with tags in it.
 *
 * <pre>{@code
 * {%- for message in messages %}
 * {{- '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>\n' }}
 * {%- endfor %}
 * }</pre>
 *
 * A reward model scores text, so one character more or less is another question to it. This package
 * gives, byte for byte, what Jinja gives in the hands of transformers.
 *
 * <p>Like most interpreters it has three stages, each of which can be read alone:
 *
 * <ol>
 *   <li>{@link assay.rm.text.jinja.Lexer} cuts the source into tokens. Text outside of tags is one
 *       token; inside, {@link assay.rm.text.jinja.TagLexer} finds names, numbers, strings and
 *       operators. The rules about white space live here.
 *   <li>{@link assay.rm.text.jinja.StatementParser} and {@link
 *       assay.rm.text.jinja.ExpressionParser} make a tree of records: {@link
 *       assay.rm.text.jinja.Statement} and {@link assay.rm.text.jinja.Expression} list every kind
 *       of node.
 *   <li>{@link assay.rm.text.jinja.Renderer} walks the statements and prints; {@link
 *       assay.rm.text.jinja.Evaluator} walks an expression and returns a {@link
 *       assay.rm.text.jinja.Value}. What operators, filters, tests and methods do with values is in
 *       classes of their own.
 * </ol>
 *
 * <pre>{@code
 * Template template = Template.parse("{% for x in xs %}{{ x | upper }} {% endfor %}");
 * Map<String, Value> variables = Map.of("xs", Value.of(List.of("a", "b")));
 * template.render(variables, LocalDate.now()).text(); // "A B "
 * }</pre>
 *
 * <h2>Decisions</h2>
 *
 * <ul>
 *   <li><b>Our own interpreter, not a library.</b> Jinja for the JVM exists, but was written for
 *       web pages over Java objects: it renders few chat templates right, and templates have
 *       reached through it to the whole program more than once. Here a value is one of a dozen
 *       {@linkplain assay.rm.text.jinja.Value kinds}, all data; there is no object to reach for and
 *       no reflection to do it with.
 *   <li><b>A tree that is walked, not code that is generated.</b> A template runs once a
 *       conversation and takes microseconds beside a model's milliseconds. What would be gained is
 *       nothing, and what would be lost is that one can read it.
 *   <li><b>Work is counted, not timed.</b> A template is a program from the internet. {@link
 *       assay.rm.text.jinja.Limits} bounds steps, characters and depth, so that a hostile one ends
 *       in the same {@link assay.rm.text.jinja.TemplateException} everywhere. A clock would let the
 *       same template pass on one machine and fail on another.
 *   <li><b>Containers know their depth.</b> A list refuses to be made if it would lie more than 100
 *       deep, instead of every walk (printing, comparing, JSON) counting for itself.
 *   <li><b>Python's meaning, with Python's oddities.</b> Strings are indexed by code point,
 *       integers divide downwards, {@code map} gives a generator that is empty the second time.
 *       What is left out fails and says so: whole numbers beyond 64 bits, {@code str.format} and
 *       {@code %} on strings, filters for web pages, templates that include others. One thing
 *       differs without an error: {@code safe} and {@code escape} do not mark their result, so a
 *       later {@code +} does not escape what is added to it.
 * </ul>
 */
package assay.rm.text.jinja;
