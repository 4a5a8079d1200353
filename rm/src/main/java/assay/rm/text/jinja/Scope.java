package assay.rm.text.jinja;

import java.util.HashMap;
import java.util.Map;

/**
 * Variables by name. A loop, a macro or a block of its own opens an inner scope: it sees the outer
 * variables, but what it sets is gone at its end. An {@code if} opens none.
 */
final class Scope {
  private final Scope outer;
  private final Map<String, Value> variables;

  Scope(Scope outer) {
    this(outer, new HashMap<>());
  }

  Scope(Scope outer, Map<String, Value> variables) {
    this.outer = outer;
    this.variables = variables;
  }

  void set(String name, Value value) {
    variables.put(name, value);
  }

  /** The value of the innermost variable of a name, or undefined. */
  Value get(String name) {
    for (Scope scope = this; scope != null; scope = scope.outer) {
      Value value = scope.variables.get(name);
      if (value != null) {
        return value;
      }
    }
    return new Value.Undefined("'" + name + "'");
  }
}
