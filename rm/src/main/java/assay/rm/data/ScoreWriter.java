package assay.rm.data;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.node.ObjectNode;

/** Writes score rows as JSON Lines. */
public final class ScoreWriter implements AutoCloseable {
  private final String name;
  private final Writer out;
  private long numRows;
  private long numErrors;

  /**
   * @param name stands for the stream in messages
   */
  public ScoreWriter(String name, OutputStream out) {
    this.name = name;
    this.out = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8));
  }

  /** Writes an answer of {@link ScoreRow#answer} or {@link ScoreRow#error} as one line. */
  public void write(ObjectNode answer) {
    numRows++;
    numErrors += answer.has("error") ? 1 : 0;
    try {
      out.write(Json.MAPPER.writeValueAsString(answer));
      out.write('\n');
    } catch (IOException e) {
      throw cannotWrite(e);
    }
  }

  /** Hands on what has been written; to be called whenever the reader may be waiting for it. */
  public void flush() {
    try {
      out.flush();
    } catch (IOException e) {
      throw cannotWrite(e);
    }
  }

  public long numRows() {
    return numRows;
  }

  /** The rows that have an {@code error}; if there are any the command ends with exit code 1. */
  public long numErrors() {
    return numErrors;
  }

  @Override
  public void close() {
    try {
      out.close();
    } catch (IOException e) {
      throw cannotWrite(e);
    }
  }

  private UncheckedIOException cannotWrite(IOException e) {
    return new UncheckedIOException(name + ": cannot be written: " + e, e);
  }
}
