package assay.train.profile;

import assay.nn.checkpoint.JsonPrinter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A profile in the format of Chrome's trace viewer, which ui.perfetto.dev and chrome://tracing show
 * as a time line, a row for each thread. (Trace Event Format, "complete" events; microseconds.)
 */
public final class ChromeTrace {
  private ChromeTrace() {}

  /**
   * @param rank of this process: files of several ranks can be shown together
   */
  public static void write(Profile profile, Path file, int rank) {
    List<Map<String, Object>> events = new ArrayList<>();
    int thread = 0;
    for (Map.Entry<String, List<Profile.Node>> spans : profile.threads().entrySet()) {
      thread++;
      events.add(
          event("thread_name", "M", rank, thread, Map.of("args", Map.of("name", spans.getKey()))));
      for (Profile.Node node : spans.getValue()) {
        Profile.Recorded span = node.span();
        Map<String, Object> more = new LinkedHashMap<>();
        more.put("cat", span.kind().name().toLowerCase(Locale.ROOT));
        more.put("ts", span.start() / 1e3);
        more.put("dur", span.nanos() / 1e3);
        if (span.bytes() > 0) {
          more.put("args", Map.of("bytes", span.bytes()));
        }
        events.add(event(span.name(), "X", rank, thread, more));
      }
    }
    try {
      Files.writeString(file, JsonPrinter.print(Map.of("traceEvents", events)));
    } catch (IOException e) {
      throw new UncheckedIOException(file + " can't be written", e);
    }
  }

  private static Map<String, Object> event(
      String name, String phase, int process, int thread, Map<String, Object> more) {
    Map<String, Object> event = new LinkedHashMap<>();
    event.put("name", name);
    event.put("ph", phase);
    event.put("pid", process);
    event.put("tid", thread);
    event.putAll(more);
    return event;
  }
}
