package assay.nn.checkpoint;

import assay.tensor.InvalidInputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A JSON object whose values are read by type; a value of another type is an error that names file
 * and key.
 *
 * @param source the file's name
 * @param path where the object stands in the file: empty, or ends in a dot
 * @param values as {@link Json} reads them
 */
public record JsonObject(String source, String path, Map<String, Object> values) {

  /** The key is there and is not null. */
  public boolean has(String key) {
    return values.get(key) != null;
  }

  /** The key is there, with null as its value. */
  public boolean isNull(String key) {
    return values.containsKey(key) && values.get(key) == null;
  }

  /** A whole number from {@code least} to {@code most}; {@code absent} if there is no such key. */
  public int integer(String key, int least, int most, int absent) {
    return values.containsKey(key) ? integerOf(key, values.get(key), least, most) : absent;
  }

  private int integerOf(String key, Object value, int least, int most) {
    if (value instanceof Long number && number >= least && number <= most) {
      return Math.toIntExact(number);
    }
    throw wrong(key, value, "a whole number from " + least + " to " + most);
  }

  /** A whole number of at least 0, which must be there. */
  public long count(String key) {
    if (values.get(key) instanceof Long number && number >= 0) {
      return number;
    }
    throw wrong(key, values.get(key), "a whole number, 0 or more");
  }

  /** A number, finite in float32 too; {@code absent} if there is no such key. */
  public double number(String key, double absent) {
    if (!values.containsKey(key)) {
      return absent;
    }
    if (values.get(key) instanceof Number number && Float.isFinite(number.floatValue())) {
      return number.doubleValue();
    }
    throw wrong(key, values.get(key), "a number");
  }

  /** A number over zero in float32 too; {@code absent} if there is no such key. */
  public double positive(String key, double absent) {
    double number = number(key, absent);
    if (values.containsKey(key) && !((float) number > 0)) {
      throw wrong(key, number, "a number over 0");
    }
    return number;
  }

  /** {@code absent} also where the value is null. */
  public boolean bool(String key, boolean absent) {
    return switch (values.get(key)) {
      case null -> absent;
      case Boolean value -> value;
      case Object value -> throw wrong(key, value, "true or false");
    };
  }

  /** {@code absent} also where the value is null. */
  public String string(String key, String absent) {
    return switch (values.get(key)) {
      case null -> absent;
      case String value -> value;
      case Object value -> throw wrong(key, value, "a string");
    };
  }

  /** An inner object, empty if there is none or if it is null. */
  public JsonObject object(String key) {
    return switch (values.get(key)) {
      case null -> new JsonObject(source, path + key + ".", Map.of());
      case Map<?, ?> value -> new JsonObject(source, path + key + ".", stringKeys(value));
      case Object value -> throw wrong(key, value, "an object");
    };
  }

  private static Map<String, Object> stringKeys(Map<?, ?> map) {
    @SuppressWarnings("unchecked") // Json makes maps with string keys only
    Map<String, Object> checked = (Map<String, Object>) map;
    return checked;
  }

  /** A list of objects, empty if there is none or if it is null. */
  public List<JsonObject> objects(String key) {
    List<JsonObject> objects = new ArrayList<>();
    for (Object value : list(key)) {
      if (!(value instanceof Map<?, ?> map)) {
        throw wrong(key, value, "a list of objects");
      }
      objects.add(
          new JsonObject(source, path + key + "[" + objects.size() + "].", stringKeys(map)));
    }
    return objects;
  }

  /** A list of strings, empty if there is none or if it is null. */
  public List<String> strings(String key) {
    List<String> strings = new ArrayList<>();
    for (Object value : list(key)) {
      if (!(value instanceof String string)) {
        throw wrong(key, value, "a list of strings");
      }
      strings.add(string);
    }
    return strings;
  }

  /** One whole number or a list of them, empty if there is none or if it is null. */
  public List<Integer> integers(String key, int least, int most) {
    if (values.get(key) instanceof Long) {
      return List.of(integer(key, least, most, 0));
    }
    List<Integer> integers = new ArrayList<>();
    for (Object value : list(key)) {
      integers.add(integerOf(key, value, least, most));
    }
    return integers;
  }

  private List<?> list(String key) {
    return switch (values.get(key)) {
      case null -> List.of();
      case List<?> value -> value;
      case Object value -> throw wrong(key, value, "a list");
    };
  }

  private InvalidInputException wrong(String key, Object value, String expected) {
    return error(key, "expected " + expected + ", found " + Quote.of(String.valueOf(value)));
  }

  /** An error about one key. */
  public InvalidInputException error(String key, String message) {
    return new InvalidInputException(source + ": " + Quote.plain(path + key) + ": " + message);
  }
}
