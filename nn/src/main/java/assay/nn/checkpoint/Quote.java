package assay.nn.checkpoint;

/** Names from files, made fit for an error message. */
public final class Quote {
  private static final int LONGEST = 80;

  private Quote() {}

  /**
   * The text in double quotes, cut after 80 characters, with everything but printable ASCII
   * escaped: a hostile name can neither flood the terminal nor send it control sequences.
   */
  public static String of(String text) {
    return '"' + plain(text) + '"';
  }

  /** The same without the quotes. */
  public static String plain(String text) {
    StringBuilder quoted = new StringBuilder();
    for (int i = 0; i < Math.min(text.length(), LONGEST); i++) {
      char c = text.charAt(i);
      if (c >= ' ' && c <= '~' && c != '"') {
        quoted.append(c);
      } else {
        quoted.append(String.format("\\u%04x", (int) c));
      }
    }
    return quoted.append(text.length() > LONGEST ? "..." : "").toString();
  }
}
