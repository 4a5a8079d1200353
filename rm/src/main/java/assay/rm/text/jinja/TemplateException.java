package assay.rm.text.jinja;

import assay.tensor.InvalidInputException;

/**
 * A template that cannot be read, refuses its input, fails, or wants more than its budget. The
 * message names the template line.
 */
public final class TemplateException extends InvalidInputException {
  /** Why a rendering ended early. */
  public enum Reason {
    /** The template is not well formed, or uses a tag, filter or test that we do not have. */
    SYNTAX,
    /** The template itself called {@code raise_exception}: it does not accept the conversation. */
    REFUSED,
    /** An expression has no value: an undefined name, a wrong type, a number out of range. */
    FAILED,
    /** The template needs more steps, characters or depth than it is allowed. */
    LIMIT
  }

  private final Reason reason;
  private final String detail;
  private final int line;

  TemplateException(Reason reason, String detail, int line) {
    super("chat template" + (line > 0 ? ", line " + line : "") + ": " + detail);
    this.reason = reason;
    this.detail = detail;
    this.line = line;
  }

  /** A failure whose line is not known yet; the innermost expression being evaluated adds it. */
  static TemplateException failed(String detail) {
    return new TemplateException(Reason.FAILED, detail, 0);
  }

  static TemplateException limit(String detail) {
    return new TemplateException(Reason.LIMIT, detail, 0);
  }

  static TemplateException syntax(String detail, int line) {
    return new TemplateException(Reason.SYNTAX, detail, line);
  }

  /** This exception, placed at a line unless it already has one. */
  TemplateException atLine(int newLine) {
    if (line > 0) {
      return this;
    }
    TemplateException placed = new TemplateException(reason, detail, newLine);
    placed.setStackTrace(getStackTrace());
    return placed;
  }

  public Reason reason() {
    return reason;
  }

  /** The message without its place. */
  public String detail() {
    return detail;
  }

  /** Line in the template, from 1; 0 if the template as a whole is meant. */
  public int line() {
    return line;
  }
}
