package assay.rm.text.jinja;

import java.util.List;

/** What a template is made of: text, printed expressions, and tags with what they enclose. */
sealed interface Statement {
  /** Line in the template where the statement begins, from 1. */
  int line();

  /** Text outside of tags. */
  record Data(String text, int line) implements Statement {}

  /** <code>{{ expression }}</code>. */
  record Print(Expression expression, int line) implements Statement {}

  /** <code>{% if %}</code> with its {@code elif}s; the first branch that holds is rendered. */
  record If(List<Branch> branches, List<Statement> otherwise, int line) implements Statement {}

  /** A condition and what it guards. */
  record Branch(Expression condition, List<Statement> body) {}

  /**
   * <code>{% for target in sequence if condition %}</code>.
   *
   * @param condition keeps an item if it holds; null keeps all
   * @param otherwise rendered if there was no item
   * @param recursive whether {@code loop(items)} may be called inside
   */
  record For(
      Target target,
      Expression sequence,
      Expression condition,
      List<Statement> body,
      List<Statement> otherwise,
      boolean recursive,
      int line)
      implements Statement {}

  /** <code>{% break %}</code>. */
  record Break(int line) implements Statement {}

  /** <code>{% continue %}</code>. */
  record Continue(int line) implements Statement {}

  /** <code>{% set target = value %}</code>. */
  record Set(Target target, Expression value, int line) implements Statement {}

  /**
   * <code>{% set target %}...{% endset %}</code>.
   *
   * @param value the block's text, or filters over it
   */
  record SetBlock(Target target, Expression value, List<Statement> body, int line)
      implements Statement {}

  /** <code>{% filter name %}...{% endfilter %}</code>. */
  record FilterBlock(Expression value, List<Statement> body, int line) implements Statement {}

  /** <code>{% with a = 1, b = 2 %}...{% endwith %}</code>. */
  record With(List<Target> targets, List<Expression> values, List<Statement> body, int line)
      implements Statement {}

  /** <code>{% macro name(parameters) %}...{% endmacro %}</code>. */
  record Macro(String name, MacroBody macro, int line) implements Statement {}

  /** <code>{% call(parameters) macro() %}...{% endcall %}</code>. */
  record CallBlock(Expression.Call call, MacroBody caller, int line) implements Statement {}

  /** <code>{% generation %}...{% endgeneration %}</code>: what the assistant says. */
  record Generation(List<Statement> body, int line) implements Statement {}

  /**
   * A piece of template that can be called.
   *
   * @param takesCaller whether it mentions {@code caller}, and so may be used in a call block
   * @param takesMore whether it mentions {@code varargs}: further arguments by position
   * @param takesMoreNamed whether it mentions {@code kwargs}: further arguments by name
   */
  record MacroBody(
      List<Parameter> parameters,
      List<Statement> body,
      boolean takesCaller,
      boolean takesMore,
      boolean takesMoreNamed) {}

  /** A parameter of a macro; without a default, {@code defaultValue} is null. */
  record Parameter(String name, Expression defaultValue) {}

  /** What can stand on the left of an assignment. */
  sealed interface Target {
    /** {@code name}. */
    record Variable(String name) implements Target {}

    /** {@code namespace.attribute}. */
    record Member(String namespace, String attribute) implements Target {}

    /** {@code a, b}: the value is unpacked. */
    record Several(List<Target> targets) implements Target {}
  }
}
