package assay.rm.text.jinja;

/** What a rendering has used up of its {@link Limits}. */
final class Budget {
  /** Characters that are copied or looked at in about the time of one step. */
  private static final int CHARACTERS_PER_STEP = 32;

  /** Python's sandbox has the same bound for {@code range}; here it holds for all repetition. */
  static final int MAX_REPETITION = 100_000;

  /** Characters that take about the memory of an item and its place in a list. */
  private static final int CHARACTERS_PER_ITEM = 8;

  private final Limits limits;
  private long steps;
  private long characters;
  private int depth;

  Budget(Limits limits) {
    this.limits = limits;
  }

  void step() {
    steps(1);
  }

  void steps(long count) {
    steps += count;
    if (steps > limits.steps()) {
      throw TemplateException.limit("needs more than " + limits.steps() + " steps");
    }
    if (Thread.currentThread().isInterrupted()) {
      throw TemplateException.limit("was interrupted");
    }
  }

  /** For going through a string once. */
  void scan(int length) {
    steps(1 + length / CHARACTERS_PER_STEP);
  }

  /** For searching a string for another, which at worst compares each with each. */
  void search(int length, int pattern) {
    long places = Math.max(0, length - pattern) + 1L;
    steps(1 + places * Math.max(1, pattern) / (8 * CHARACTERS_PER_STEP));
  }

  /** For making a string; to be called before the memory is taken. */
  void characters(long count) {
    characters += count;
    if (characters > limits.characters()) {
      throw TemplateException.limit(
          "makes strings of more than " + limits.characters() + " characters in all");
    }
    steps(1 + count / CHARACTERS_PER_STEP);
  }

  /** For making a list or map of some length; to be called before the memory is taken. */
  void items(long count) {
    steps(count);
    characters += CHARACTERS_PER_ITEM * count;
    characters(0);
  }

  /** Goes one level deeper; every call needs its {@link #leave}. */
  void enter() {
    step();
    if (++depth > limits.depth()) {
      throw TemplateException.limit(
          "expressions, blocks or macros are evaluated more than " + limits.depth() + " deep");
    }
  }

  void leave() {
    depth--;
  }
}
