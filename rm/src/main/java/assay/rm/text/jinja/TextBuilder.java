package assay.rm.text.jinja;

/** Builds a string piece by piece, each paid for before it is copied. */
final class TextBuilder {
  private final Budget budget;
  private final StringBuilder text = new StringBuilder();
  private int codePoints;

  TextBuilder(Budget budget) {
    this.budget = budget;
  }

  TextBuilder append(String piece) {
    budget.characters(piece.length());
    text.append(piece);
    codePoints += piece.codePointCount(0, piece.length());
    return this;
  }

  TextBuilder append(int codePoint) {
    budget.characters(Character.charCount(codePoint));
    text.appendCodePoint(codePoint);
    codePoints++;
    return this;
  }

  /** Nothing if the number of times is not positive. */
  TextBuilder repeat(String piece, long times) {
    if (times > Budget.MAX_REPETITION) {
      throw TemplateException.limit("repeats a string " + times + " times");
    }
    int count = (int) Math.max(0, times);
    budget.characters((long) piece.length() * count);
    text.repeat(piece, count);
    codePoints += piece.codePointCount(0, piece.length()) * count;
    return this;
  }

  /** Length so far in code points. */
  int codePoints() {
    return codePoints;
  }

  Value.Text toValue() {
    return new Value.Text(text.toString());
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
