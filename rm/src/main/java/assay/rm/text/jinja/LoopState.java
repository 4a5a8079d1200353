package assay.rm.text.jinja;

import assay.rm.text.jinja.Value.Bool;
import assay.rm.text.jinja.Value.Int;
import assay.rm.text.jinja.Value.Undefined;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Predicate;

/**
 * A loop in progress, and the variable {@code loop}.
 *
 * <p>Items are taken one at a time, and a loop's condition is asked only when its item's turn
 * comes: the body may change a namespace that the condition reads. Only {@code loop.last}, {@code
 * loop.nextitem} and {@code loop.length} look ahead.
 */
final class LoopState implements Value.Loop {
  private final Operations operations;
  private final List<Value> items;
  private final Predicate<Value> condition;
  private final int depth;
  private final Value.Function.Body recursion;
  private final Deque<Value> ahead = new ArrayDeque<>();
  private int read;
  private int index0 = -1;
  private Value previous;
  private Value current;
  private Value watched;

  /**
   * @param condition which items take part
   * @param depth 0 for a loop that is not inside a call of itself
   * @param recursion what a call of the loop does, or null if it is not recursive
   */
  LoopState(
      Operations operations,
      List<Value> items,
      Predicate<Value> condition,
      int depth,
      Value.Function.Body recursion) {
    this.operations = operations;
    this.items = items;
    this.condition = condition;
    this.depth = depth;
    this.recursion = recursion;
  }

  /** Goes on to the next item, or returns false. */
  boolean advance() {
    if (peek() == null) {
      return false;
    }
    previous = current;
    current = ahead.pop();
    index0++;
    return true;
  }

  Value current() {
    return current;
  }

  /** The item after the current one, or null at the end. */
  private Value peek() {
    if (ahead.isEmpty()) {
      readOne();
    }
    return ahead.peek();
  }

  /** Reads up to the next item that takes part. */
  private boolean readOne() {
    while (read < items.size()) {
      operations.budget().step();
      Value item = items.get(read++);
      if (condition.test(item)) {
        ahead.add(item);
        return true;
      }
    }
    return false;
  }

  private int length() {
    while (readOne()) {}
    return index0 + 1 + ahead.size();
  }

  @Override
  public Value attribute(String name) {
    return switch (name) {
      case "index" -> new Int(index0 + 1L);
      case "index0" -> new Int(index0);
      case "length" -> new Int(length());
      case "revindex" -> new Int(length() - index0);
      case "revindex0" -> new Int(length() - index0 - 1L);
      case "first" -> Bool.of(index0 == 0);
      case "last" -> Bool.of(peek() == null);
      case "previtem" -> previous == null ? new Undefined("the item before the first") : previous;
      case "nextitem" -> peek() == null ? new Undefined("the item after the last") : peek();
      case "depth" -> new Int(depth + 1L);
      case "depth0" -> new Int(depth);
      case "cycle" -> new Value.Function("cycle", this::cycle);
      case "changed" -> new Value.Function("changed", this::changed);
      default -> null;
    };
  }

  @Override
  public Value again(Arguments arguments) {
    if (recursion == null) {
      throw TemplateException.failed("a loop can only be called if its tag says 'recursive'");
    }
    return recursion.call(arguments);
  }

  /** The arguments in turn, one for each item. */
  private Value cycle(Arguments arguments) {
    if (arguments.positional().isEmpty()) {
      throw TemplateException.failed("loop.cycle needs values to go through");
    }
    return arguments.positional().get(index0 % arguments.positional().size());
  }

  /** Whether the arguments differ from those of the call before. */
  private Value changed(Arguments arguments) {
    Value values = Value.Sequence.tuple(arguments.positional());
    boolean changed = watched == null || !operations.equal(watched, values);
    watched = values;
    return Bool.of(changed);
  }
}
