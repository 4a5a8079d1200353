package assay.tensor;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/**
 * A stretch of time in which a thread does one thing, for profiles: an event of the JDK's Flight
 * Recorder, which costs next to nothing while nobody records. Spans of a thread may lie in each
 * other.
 *
 * <pre>{@code
 * try (Span _ = Span.begin(Span.Kind.PHASE, "update")) {
 *   optimizer.step(learningRate, clipping);
 * }
 * }</pre>
 *
 * <p>On a GPU, what a span sees is the time it takes to ask for the work.
 */
@Name(Span.EVENT)
@Label("Span")
@Category("Assay")
@StackTrace(false)
@SuppressWarnings("UnusedVariable") // the recorder reads the fields
public final class Span extends Event implements AutoCloseable {
  /** The event's name in a recording. */
  public static final String EVENT = "assay.Span";

  /** What a span is spent on. */
  public enum Kind {
    /** One optimizer step. */
    STEP,
    /** A part of a step, such as the optimizer's update. */
    PHASE,
    /** An op's forward. */
    FORWARD,
    /** An op's backward. */
    BACKWARD,
    /** An exchange between ranks, on the thread that sees to it. */
    COLLECTIVE,
    /** Waiting for other ranks. */
    WAIT
  }

  @Label("Kind")
  private String kind;

  @Label("Name")
  private String name;

  @Label("Bytes")
  @DataAmount
  private long bytes;

  private Span() {}

  /** Begins on this thread, which must also end it. */
  public static Span begin(Kind kind, String name) {
    return begin(kind, name, 0);
  }

  /**
   * @param bytes that are moved
   */
  public static Span begin(Kind kind, String name, long bytes) {
    Span span = new Span();
    span.kind = kind.name();
    span.name = name;
    span.bytes = bytes;
    span.begin();
    return span;
  }

  @Override
  public void close() {
    commit();
  }
}
