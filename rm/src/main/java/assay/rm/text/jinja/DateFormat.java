package assay.rm.text.jinja;

import java.time.LocalDate;
import java.time.format.TextStyle;
import java.time.temporal.ChronoField;
import java.time.temporal.IsoFields;
import java.util.Locale;

/**
 * The directives of {@code strftime}, in English. Templates know a day, not a time: it is always
 * midnight, so that a rendering can be repeated.
 */
final class DateFormat {
  private DateFormat() {}

  static TextBuilder format(TextBuilder out, String format, LocalDate date) {
    for (int i = 0; i < format.length(); i++) {
      char c = format.charAt(i);
      if (c != '%' || i + 1 == format.length()) {
        out.append(c);
        continue;
      }
      c = format.charAt(++i);
      // A hyphen leaves out the leading zeros of a number: %-d.
      boolean bare = c == '-' && i + 1 < format.length();
      String text = directive(bare ? format.charAt(++i) : c, date);
      out.append(bare ? withoutLeadingZeros(text) : text);
    }
    return out;
  }

  private static String directive(char directive, LocalDate date) {
    return switch (directive) {
      case 'a' -> date.getDayOfWeek().getDisplayName(TextStyle.SHORT, Locale.ENGLISH);
      case 'A' -> date.getDayOfWeek().getDisplayName(TextStyle.FULL, Locale.ENGLISH);
      case 'b', 'h' ->
          date.getMonth().name().charAt(0)
              + date.getMonth().name().substring(1, 3).toLowerCase(Locale.ROOT);
      case 'B' -> date.getMonth().getDisplayName(TextStyle.FULL, Locale.ENGLISH);
      case 'd' -> padded(date.getDayOfMonth(), 2);
      case 'e' -> (date.getDayOfMonth() < 10 ? " " : "") + date.getDayOfMonth();
      case 'j' -> padded(date.getDayOfYear(), 3);
      case 'm' -> padded(date.getMonthValue(), 2);
      case 'y' -> padded(date.getYear() % 100, 2);
      case 'Y' -> Integer.toString(date.getYear());
      case 'G' -> Integer.toString(date.get(IsoFields.WEEK_BASED_YEAR));
      case 'V' -> padded(date.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR), 2);
      case 'u' -> Integer.toString(date.getDayOfWeek().getValue());
      case 'w' -> Integer.toString(date.getDayOfWeek().getValue() % 7);
      case 'U' -> padded((date.getDayOfYear() + 6 - date.getDayOfWeek().getValue() % 7) / 7, 2);
      case 'W' -> padded((date.getDayOfYear() + 7 - date.get(ChronoField.DAY_OF_WEEK)) / 7, 2);
      case 'D', 'x' ->
          directive('m', date) + "/" + directive('d', date) + "/" + directive('y', date);
      case 'F' -> date.toString();
      case 'c' ->
          directive('a', date)
              + " "
              + directive('b', date)
              + " "
              + directive('e', date)
              + " 00:00:00 "
              + directive('Y', date);
      case 'H', 'M', 'S' -> "00";
      case 'I' -> "12";
      case 'p' -> "AM";
      case 'f' -> "000000";
      case 'R' -> "00:00";
      case 'T', 'X' -> "00:00:00";
      case 'z', 'Z' -> "";
      case 'n' -> "\n";
      case 't' -> "\t";
      case '%' -> "%";
      default -> throw TemplateException.failed("strftime_now does not know %" + directive);
    };
  }

  private static String padded(int number, int width) {
    String digits = Integer.toString(number);
    return "0".repeat(Math.max(0, width - digits.length())) + digits;
  }

  private static String withoutLeadingZeros(String number) {
    int start = 0;
    while (start < number.length() - 1 && "0 ".indexOf(number.charAt(start)) >= 0) {
      start++;
    }
    return number.substring(start);
  }
}
