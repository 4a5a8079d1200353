package assay.rm.text.jinja;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a call passes to a function, method, filter, test or macro.
 *
 * @param function who is called, for error messages
 */
record Arguments(String function, List<Value> positional, Map<String, Value> named) {
  static Arguments none(String function) {
    return new Arguments(function, List.of(), Map.of());
  }

  /**
   * Gives every argument its parameter's name.
   *
   * @throws TemplateException if there are too many, or one that has no parameter, or two for one
   */
  Arguments bind(String... parameters) {
    if (positional.size() > parameters.length) {
      throw TemplateException.failed(
          function
              + " takes at most "
              + parameters.length
              + " arguments, not "
              + positional.size());
    }
    Map<String, Value> bound = new HashMap<>(named);
    bound.keySet().removeAll(List.of(parameters));
    if (!bound.isEmpty()) {
      throw TemplateException.failed(
          function + " has no parameter '" + bound.keySet().iterator().next() + "'");
    }
    bound.putAll(named);
    for (int i = 0; i < positional.size(); i++) {
      if (bound.put(parameters[i], positional.get(i)) != null) {
        throw TemplateException.failed(function + " got '" + parameters[i] + "' twice");
      }
    }
    return new Arguments(function, List.of(), bound);
  }

  /** The argument for a bound parameter, or null if the call leaves it out. */
  Value value(String parameter) {
    return named.get(parameter);
  }

  Value required(String parameter) {
    Value value = named.get(parameter);
    if (value == null) {
      throw TemplateException.failed(function + " needs '" + parameter + "'");
    }
    return value;
  }

  /** A string, or the default if it is left out or none. */
  String text(String parameter, String defaultValue) {
    Value value = named.get(parameter);
    if (value == null || value == Value.None.NONE) {
      return defaultValue;
    }
    if (value instanceof Value.Text text) {
      return text.value();
    }
    throw wrong(parameter, "a string", value);
  }

  String requiredText(String parameter) {
    if (required(parameter) instanceof Value.Text text) {
      return text.value();
    }
    throw wrong(parameter, "a string", required(parameter));
  }

  /** A whole number, or the default if it is left out or none. */
  long integer(String parameter, long defaultValue) {
    Value value = named.get(parameter);
    if (value == null || value == Value.None.NONE) {
      return defaultValue;
    }
    return switch (value) {
      case Value.Int number -> number.value();
      case Value.Bool flag -> flag.value() ? 1 : 0;
      default -> throw wrong(parameter, "a whole number", value);
    };
  }

  /** Whether the argument counts as true, or the default if it is left out. */
  boolean flag(String parameter, boolean defaultValue) {
    Value value = named.get(parameter);
    return value == null ? defaultValue : Operations.isTrue(value);
  }

  private TemplateException wrong(String parameter, String expected, Value value) {
    return TemplateException.failed(
        function
            + ": '"
            + parameter
            + "' must be "
            + expected
            + ", not "
            + Operations.typeName(value));
  }
}
