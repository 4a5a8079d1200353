package assay.train.profile;

import assay.tensor.Span;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/** Records the spans of all threads of this program, from its start to its stop. */
public final class Profiler implements AutoCloseable {
  private final Recording recording = new Recording();

  private Profiler() {}

  /** Begins; spans that have begun before are not seen. */
  public static Profiler start() {
    Profiler profiler = new Profiler();
    profiler.recording.enable(Span.EVENT).withoutStackTrace().withThreshold(Duration.ZERO);
    profiler.recording.start();
    return profiler;
  }

  /** Ends; spans that have not ended are not seen. */
  public Profile stop() {
    recording.stop();
    try {
      Path file = Files.createTempFile("assay", ".jfr");
      try {
        recording.dump(file);
        return Profile.of(read(file));
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the recording can't be read", e);
    } finally {
      close();
    }
  }

  private static List<Profile.Recorded> read(Path file) throws IOException {
    List<Profile.Recorded> spans = new ArrayList<>();
    try (RecordingFile events = new RecordingFile(file)) {
      while (events.hasMoreEvents()) {
        RecordedEvent event = events.readEvent();
        if (event.getEventType().getName().equals(Span.EVENT)) {
          spans.add(recorded(event));
        }
      }
    }
    return spans;
  }

  private static Profile.Recorded recorded(RecordedEvent event) {
    long start = Duration.between(Instant.EPOCH, event.getStartTime()).toNanos();
    return new Profile.Recorded(
        event.getThread().getJavaName(),
        Span.Kind.valueOf(event.getString("kind")),
        event.getString("name"),
        event.getLong("bytes"),
        start,
        start + event.getDuration().toNanos());
  }

  @Override
  public void close() {
    recording.close();
  }
}
