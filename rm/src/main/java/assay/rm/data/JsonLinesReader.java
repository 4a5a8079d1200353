package assay.rm.data;

import assay.tensor.InvalidInputException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** One JSON object per line. Blank lines are no rows, but they count as lines. */
final class JsonLinesReader implements RowReader {
  private final String name;
  private final InputStream in;
  // A decoder that reports, since the usual one turns broken bytes into question marks.
  private final CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
  private byte[] buffer = new byte[1 << 16];
  private int from;
  private int to;
  private boolean ended;
  private long line;

  JsonLinesReader(String name, InputStream in) {
    this.name = name;
    this.in = in;
  }

  @Override
  public Optional<Row> next() {
    while (true) {
      String text = nextLine();
      if (text == null) {
        return Optional.empty();
      }
      if (!text.isBlank()) {
        return Optional.of(parse(text));
      }
    }
  }

  private Row parse(String text) {
    RowPlace place = new RowPlace(name, RowPlace.Unit.LINE, line);
    JsonNode node;
    try {
      node = Json.MAPPER.readTree(text);
    } catch (JacksonException e) {
      int column = e.getLocation() == null ? 0 : e.getLocation().getColumnNr();
      throw new InvalidInputException(
          place + ":" + column + ": not valid JSON: " + Json.complaint(e), e);
    }
    if (node instanceof ObjectNode fields) {
      return new Row(place, fields);
    }
    throw new InvalidInputException(
        place + ": expected one JSON object per line, found " + Json.describe(node));
  }

  /** The next line without its end, or null after the last. Only \n ends a line. */
  private String nextLine() {
    int searched = from;
    while (true) {
      for (int i = searched; i < to; i++) {
        if (buffer[i] == '\n') {
          String text = decode(from, i);
          from = i + 1;
          return text;
        }
      }
      if (ended) {
        String text = from < to ? decode(from, to) : null;
        from = to;
        return text;
      }
      searched = to - from;
      fill();
    }
  }

  private String decode(int start, int end) {
    line++;
    try {
      return decoder.decode(ByteBuffer.wrap(buffer, start, end - start)).toString();
    } catch (CharacterCodingException e) {
      throw new InvalidInputException(name + ":" + line + ": is not UTF-8 text", e);
    }
  }

  /** Moves the unread bytes to the front, grows if they fill the buffer, and reads on. */
  private void fill() {
    System.arraycopy(buffer, from, buffer, 0, to - from);
    to -= from;
    from = 0;
    if (to == buffer.length) {
      buffer = Arrays.copyOf(buffer, 2 * buffer.length);
    }
    try {
      int read = in.read(buffer, to, buffer.length - to);
      ended = read < 0;
      to += Math.max(read, 0);
    } catch (IOException e) {
      throw new InvalidInputException(name + ":" + (line + 1) + ": cannot be read: " + e, e);
    }
  }

  @Override
  public void close() {
    RowFiles.close(name, in);
  }
}
