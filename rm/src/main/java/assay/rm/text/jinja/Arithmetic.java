package assay.rm.text.jinja;

import assay.rm.text.jinja.Value.Int;
import assay.rm.text.jinja.Value.Real;
import assay.rm.text.jinja.Value.Sequence;
import assay.rm.text.jinja.Value.Text;
import java.util.ArrayList;
import java.util.List;

/** The operators {@code + - * / // % **}, on numbers as in Python, and on strings and lists. */
final class Arithmetic {
  private final Operations operations;

  Arithmetic(Operations operations) {
    this.operations = operations;
  }

  /**
   * @throws TemplateException if the operator does not fit the operands, at a division by zero, and
   *     when a whole number leaves 64 bits
   */
  Value apply(String operator, Value left, Value right) {
    if (operator.equals("+") && left instanceof Text a && right instanceof Text b) {
      return operations.builder().append(a.value()).append(b.value()).toValue();
    }
    if (operator.equals("+") && left instanceof Sequence a && right instanceof Sequence b) {
      return join(a, b);
    }
    if (operator.equals("*") && Operations.integer(right) instanceof Int times) {
      return repeat(left, times);
    }
    if (operator.equals("*") && Operations.integer(left) instanceof Int times) {
      return repeat(right, times);
    }
    return numbers(operator, left, right);
  }

  private Value repeat(Value value, Int times) {
    return switch (value) {
      case Text text -> operations.builder().repeat(text.value(), times.value()).toValue();
      case Sequence sequence -> repeat(sequence, times.value());
      default -> numbers("*", value, times);
    };
  }

  private Value join(Sequence left, Sequence right) {
    if (left.kind() != right.kind()
        || (left.kind() != Sequence.Kind.LIST && left.kind() != Sequence.Kind.TUPLE)) {
      throw mismatch("+", left, right);
    }
    operations.budget().items((long) left.items().size() + right.items().size());
    List<Value> items = new ArrayList<>(left.items());
    items.addAll(right.items());
    return new Sequence(left.kind(), items);
  }

  private Value repeat(Sequence sequence, long times) {
    if (sequence.kind() != Sequence.Kind.LIST && sequence.kind() != Sequence.Kind.TUPLE) {
      throw mismatch("*", sequence, new Int(times));
    }
    if (times > Budget.MAX_REPETITION) {
      throw TemplateException.limit("repeats a list " + times + " times");
    }
    long count = sequence.items().isEmpty() ? 0 : Math.max(0, times);
    operations.budget().items(sequence.items().size() * count);
    List<Value> items = new ArrayList<>();
    for (long i = 0; i < count; i++) {
      items.addAll(sequence.items());
    }
    return new Sequence(sequence.kind(), items);
  }

  private static Value numbers(String operator, Value left, Value right) {
    if (!Operations.isNumber(left) || !Operations.isNumber(right)) {
      throw mismatch(operator, left, right);
    }
    boolean whole =
        Operations.integer(left) instanceof Int && Operations.integer(right) instanceof Int;
    try {
      return whole && !operator.equals("/")
          ? integers(operator, toLong(left), toLong(right))
          : new Real(reals(operator, toDouble(left), toDouble(right)));
    } catch (ArithmeticException e) {
      throw TemplateException.failed("a whole number leaves 64 bits");
    }
  }

  private static Value integers(String operator, long a, long b) {
    return switch (operator) {
      case "+" -> new Int(Math.addExact(a, b));
      case "-" -> new Int(Math.subtractExact(a, b));
      case "*" -> new Int(Math.multiplyExact(a, b));
      case "//" -> new Int(Math.floorDivExact(a, nonZero(b)));
      case "%" -> new Int(Math.floorMod(a, nonZero(b)));
      case "**" ->
          b < 0 ? new Real(Math.pow((double) nonZero(a), (double) b)) : new Int(power(a, b));
      default -> throw new AssertionError(operator);
    };
  }

  /** a^b by squaring: a hostile exponent costs 64 multiplications. */
  private static long power(long base, long exponent) {
    if (base == 0 || base == 1 || base == -1) {
      return exponent == 0 ? 1 : (exponent % 2 == 0 ? base * base : base);
    }
    long result = 1;
    long square = base;
    for (long rest = exponent; rest > 0; rest >>= 1) {
      if ((rest & 1) == 1) {
        result = Math.multiplyExact(result, square);
      }
      if (rest > 1) {
        square = Math.multiplyExact(square, square);
      }
    }
    return result;
  }

  private static double reals(String operator, double a, double b) {
    return switch (operator) {
      case "+" -> a + b;
      case "-" -> a - b;
      case "*" -> a * b;
      case "/" -> a / nonZero(b);
      case "//" -> Math.floor(a / nonZero(b));
      // The remainder takes the divisor's sign.
      case "%" -> a - b * Math.floor(a / nonZero(b));
      case "**" -> power(a, b);
      default -> throw new AssertionError(operator);
    };
  }

  private static double power(double base, double exponent) {
    double power = Math.pow(base, exponent);
    if (!Double.isFinite(power)) {
      throw TemplateException.failed(base + " ** " + exponent + " is no number");
    }
    return power;
  }

  private static long nonZero(long divisor) {
    if (divisor == 0) {
      throw TemplateException.failed("division by zero");
    }
    return divisor;
  }

  private static double nonZero(double divisor) {
    if (divisor == 0) {
      throw TemplateException.failed("division by zero");
    }
    return divisor;
  }

  /** {@code -a} or {@code +a}. */
  static Value sign(boolean negative, Value operand) {
    return switch (Operations.integer(operand)) {
      case Int number when negative && number.value() == Long.MIN_VALUE ->
          throw TemplateException.failed("a whole number leaves 64 bits");
      case Int number -> new Int(negative ? -number.value() : number.value());
      case Real number -> new Real(negative ? -number.value() : number.value());
      default ->
          throw TemplateException.failed(
              "a sign needs a number, not " + Operations.typeName(operand));
    };
  }

  private static long toLong(Value number) {
    return ((Int) Operations.integer(number)).value();
  }

  static double toDouble(Value number) {
    return Operations.integer(number) instanceof Int whole
        ? whole.value()
        : ((Real) number).value();
  }

  private static TemplateException mismatch(String operator, Value left, Value right) {
    return TemplateException.failed(
        "'"
            + operator
            + "' does not fit "
            + Operations.typeName(left)
            + " and "
            + Operations.typeName(right));
  }
}
