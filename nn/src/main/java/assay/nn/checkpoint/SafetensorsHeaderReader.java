package assay.nn.checkpoint;

import assay.nn.checkpoint.SafetensorsHeader.Entry;
import assay.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** Reads one header token by token: what is kept is checked first, the rest is never built. */
final class SafetensorsHeaderReader {
  /** Tensors, and metadata texts, in one file: many times what is seen in practice. */
  static final int MAX_KEYS = 250_000;

  static final int MAX_DIMS = 64;

  /** Larger than any file, and small enough that the sum of two offsets can't overflow. */
  private static final int MAX_DIGITS = 18;

  private final JsonParser parser;
  private final String source;
  private String key = ""; // of the header, for messages

  SafetensorsHeaderReader(JsonParser parser, String source) {
    this.parser = parser;
    this.source = source;
  }

  SafetensorsHeader read(long dataStart) {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      throw problem("expected a JSON object");
    }
    Map<String, Entry> byName = new HashMap<>();
    Map<String, String> metadata = null;
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      key = parser.currentName();
      parser.nextToken();
      if (key.equals(SafetensorsHeader.METADATA_KEY)) {
        if (metadata != null) {
          throw problem("stands twice");
        }
        metadata = texts();
      } else if (byName.size() == MAX_KEYS) {
        throw problem("is one tensor more than the limit of " + MAX_KEYS);
      } else if (byName.put(key, entry()) != null) {
        throw problem("stands twice");
      }
    }
    if (parser.nextToken() != null) {
      throw problem("there is text after the JSON object");
    }
    return new SafetensorsHeader(
        inByteOrder(byName), metadata == null ? Map.of() : metadata, dataStart);
  }

  private static Map<String, Entry> inByteOrder(Map<String, Entry> byName) {
    List<Entry> sorted = new ArrayList<>(byName.values());
    // An empty tensor begins where its neighbour does: its end puts it first.
    sorted.sort(
        Comparator.comparingLong(Entry::begin)
            .thenComparingLong(Entry::end)
            .thenComparing(Entry::name));
    Map<String, Entry> entries = LinkedHashMap.newLinkedHashMap(sorted.size());
    for (Entry entry : sorted) {
      entries.put(entry.name(), entry);
    }
    return Collections.unmodifiableMap(entries);
  }

  private Map<String, String> texts() {
    Map<String, String> texts = new LinkedHashMap<>();
    if (parser.currentToken() == JsonToken.VALUE_NULL) {
      return texts;
    }
    expectToken(JsonToken.START_OBJECT, "an object");
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      parser.nextToken();
      expectToken(JsonToken.VALUE_STRING, "strings only");
      if (texts.size() == MAX_KEYS) {
        throw problem("has more than " + MAX_KEYS + " keys");
      }
      if (texts.put(name, wellFormed(parser.getString())) != null) {
        throw problem(Quote.of(name) + " stands twice");
      }
    }
    return Collections.unmodifiableMap(texts);
  }

  private Entry entry() {
    expectToken(JsonToken.START_OBJECT, "an object");
    String dtype = null;
    int[] dims = null;
    long[] offsets = null;
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String field = parser.currentName();
      parser.nextToken();
      switch (field) {
        case "dtype" -> {
          expectFirst(dtype, field);
          expectToken(JsonToken.VALUE_STRING, "a string as dtype");
          dtype = wellFormed(parser.getString());
        }
        case "shape" -> {
          expectFirst(dims, field);
          dims = Arrays.stream(counts(field, MAX_DIMS)).mapToInt(this::dim).toArray();
        }
        case "data_offsets" -> {
          expectFirst(offsets, field);
          offsets = counts(field, 2);
        }
        default -> parser.skipChildren(); // as the reference implementation does
      }
    }
    if (dtype == null || dims == null || offsets == null || offsets.length != 2) {
      throw problem("expected dtype, shape and data_offsets [begin, end]");
    }
    checkSize(dtype, dims, offsets[0], offsets[1]);
    return new Entry(key, dtype, Shape.of(dims), offsets[0], offsets[1]);
  }

  private int dim(long count) {
    if (count > Integer.MAX_VALUE) {
      throw problem("dimension " + count + " is over " + Integer.MAX_VALUE);
    }
    return (int) count;
  }

  /** A list of at most {@code most} whole numbers, none below 0. */
  private long[] counts(String field, int most) {
    expectToken(JsonToken.START_ARRAY, "a list as " + field);
    long[] counts = new long[4];
    int length = 0;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      expectToken(JsonToken.VALUE_NUMBER_INT, "whole numbers in " + field);
      String digits = parser.getString();
      if (digits.length() > MAX_DIGITS || digits.charAt(0) == '-') {
        throw problem(digits + " can't stand in " + field);
      }
      if (length == most) {
        throw problem("more than " + most + " numbers in " + field);
      }
      if (length == counts.length) {
        counts = Arrays.copyOf(counts, 2 * length);
      }
      counts[length++] = Long.parseLong(digits);
    }
    return Arrays.copyOf(counts, length);
  }

  /** The bytes from begin to end must be those that shape and dtype take, where it is known. */
  private void checkSize(String dtype, int[] dims, long begin, long end) {
    long elements = 1;
    for (int dim : dims) {
      if (dim != 0 && elements > Long.MAX_VALUE / 64 / dim) {
        throw problem("shape " + Arrays.toString(dims) + " overflows");
      }
      elements *= dim;
    }
    if (end < begin) {
      throw problem("data_offsets end at " + end + " before they begin at " + begin);
    }
    Integer bits = SafetensorsHeader.BITS.get(dtype);
    if (bits == null) {
      return;
    }
    if (elements * bits % 8 != 0) {
      throw problem("the last element of " + Arrays.toString(dims) + " ends inside a byte");
    }
    if (end - begin != elements * bits / 8) {
      throw problem(
          String.format(
              "%s %s takes %d bytes, data_offsets give it %d",
              dtype, Arrays.toString(dims), elements * bits / 8, end - begin));
    }
  }

  /** A JSON escape can make half of a surrogate pair, which no UTF-8 text can hold. */
  private String wellFormed(String text) {
    if (text.codePoints().anyMatch(c -> Character.getType(c) == Character.SURROGATE)) {
      throw problem(Quote.of(text) + " is not valid Unicode");
    }
    return text;
  }

  private void expectFirst(Object earlier, String field) {
    if (earlier != null) {
      throw problem(field + " stands twice");
    }
  }

  private void expectToken(JsonToken token, String expected) {
    if (parser.currentToken() != token) {
      throw problem("expected " + expected);
    }
  }

  private SafetensorsException problem(String message) {
    String where = key.isEmpty() ? "header" : Quote.of(key);
    return new SafetensorsException(source + ": " + where + ": " + message);
  }
}
