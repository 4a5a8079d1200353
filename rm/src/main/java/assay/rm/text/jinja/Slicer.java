package assay.rm.text.jinja;

import assay.rm.text.jinja.Value.Int;
import assay.rm.text.jinja.Value.None;
import assay.rm.text.jinja.Value.Sequence;
import assay.rm.text.jinja.Value.Text;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code object[start:stop:step]} with Python's rules: negative ends count from the back, ends
 * outside are moved in, a negative step goes backwards, and any part may be absent.
 */
final class Slicer {
  private final Operations operations;

  Slicer(Operations operations) {
    this.operations = operations;
  }

  /** An absent part is null or none. */
  Value slice(Value object, Value start, Value stop, Value step) {
    return switch (object) {
      case Text text -> {
        Range range = Range.of(operations.length(text), start, stop, step);
        operations.budget().characters(text.value().length());
        yield new Text(range.step() == 1 ? part(text.value(), range) : pick(text.value(), range));
      }
      case Sequence sequence when sequence.kind() != Sequence.Kind.VIEW -> {
        Range range = Range.of(sequence.items().size(), start, stop, step);
        operations.budget().items(range.count());
        List<Value> items = new ArrayList<>(range.count());
        for (int i = 0; i < range.count(); i++) {
          items.add(sequence.items().get(range.index(i)));
        }
        yield new Sequence(sequence.kind(), items);
      }
      default -> throw TemplateException.failed(Operations.typeName(object) + " cannot be sliced");
    };
  }

  private static String part(String text, Range range) {
    int from = text.offsetByCodePoints(0, (int) range.start());
    return text.substring(from, text.offsetByCodePoints(from, range.count()));
  }

  private static String pick(String text, Range range) {
    int[] codePoints = text.codePoints().toArray();
    StringBuilder picked = new StringBuilder();
    for (int i = 0; i < range.count(); i++) {
      picked.appendCodePoint(codePoints[range.index(i)]);
    }
    return picked.toString();
  }

  /** The indices start, start + step, ..., of which there are count. */
  private record Range(long start, long step, int count) {
    int index(int i) {
      return (int) (start + i * step);
    }

    static Range of(int length, Value start, Value stop, Value step) {
      long stride = isAbsent(step) ? 1 : whole(step);
      if (stride == 0) {
        throw TemplateException.failed("the step of a slice is zero");
      }
      boolean forward = stride > 0;
      long first = isAbsent(start) ? (forward ? 0 : length - 1) : end(start, length, forward);
      long end = isAbsent(stop) ? (forward ? length : -1) : end(stop, length, forward);
      // Beyond the length, a longer step makes no difference, and cannot overflow.
      long bounded = Math.clamp(stride, -length - 1L, length + 1L);
      long distance = forward ? end - first : first - end;
      int count = distance <= 0 ? 0 : (int) ((distance - 1) / Math.abs(bounded)) + 1;
      return new Range(first, bounded, count);
    }

    private static long end(Value value, int length, boolean forward) {
      long index = whole(value);
      long fromStart = index < 0 ? index + length : index;
      return forward ? Math.clamp(fromStart, 0, length) : Math.clamp(fromStart, -1, length - 1);
    }

    private static boolean isAbsent(Value value) {
      return value == null || value == None.NONE;
    }

    private static long whole(Value value) {
      if (Operations.integer(value) instanceof Int number) {
        return number.value();
      }
      throw TemplateException.failed(
          "a slice needs whole numbers, not " + Operations.typeName(value));
    }
  }
}
