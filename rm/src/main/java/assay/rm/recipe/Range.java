package assay.rm.recipe;

/**
 * The numbers that a key allows. Infinities and NaN are never among them.
 *
 * @param belowMax whether the maximum itself is left out
 */
record Range(double min, double max, boolean belowMax) {
  static Range atLeast(double min) {
    return new Range(min, Double.MAX_VALUE, false);
  }

  static Range between(double min, double max) {
    return new Range(min, max, false);
  }

  static Range fromToBelow(double min, double max) {
    return new Range(min, max, true);
  }

  static Range any() {
    return atLeast(-Double.MAX_VALUE);
  }

  boolean contains(double value) {
    return value >= min && (belowMax ? value < max : value <= max);
  }

  /** What follows "expected a number" in a message. */
  String description() {
    if (min == -Double.MAX_VALUE) {
      return "";
    }
    if (max == Double.MAX_VALUE) {
      return " of at least " + text(min);
    }
    return belowMax
        ? " of at least " + text(min) + " and below " + text(max)
        : " from " + text(min) + " to " + text(max);
  }

  private static String text(double value) {
    return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
  }
}
