package assay.train.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.tensor.Span;
import assay.tensor.Span.Kind;
import assay.train.profile.Profile.Recorded;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProfileTest {
  private static final int MS = 1_000_000;

  @TempDir private Path folder;

  /** One step of 100 ms: 60 computing, 10 waiting for an exchange of 40 in the background. */
  private static final Profile STEP =
      Profile.of(
          List.of(
              new Recorded("main", Kind.STEP, "step 1", 0, 0, 100 * MS),
              new Recorded("main", Kind.PHASE, "part", 0, 0, 80 * MS),
              new Recorded("main", Kind.FORWARD, "linear", 0, 0, 20 * MS),
              new Recorded("main", Kind.BACKWARD, "layer", 0, 20 * MS, 60 * MS),
              new Recorded("main", Kind.FORWARD, "linear", 0, 20 * MS, 30 * MS),
              new Recorded("main", Kind.WAIT, "collective", 0, 60 * MS, 70 * MS),
              new Recorded("communication", Kind.COLLECTIVE, "all_gather", 512, 30 * MS, 70 * MS)));

  @Test
  void aSpanCountsWithoutThoseThatLieInIt() {
    ProfileSummary summary = ProfileSummary.of(STEP).getFirst();
    assertEquals(0.1, summary.stepSeconds(), 1e-12);
    assertEquals(0.03, summary.secondsByKind().get(Kind.FORWARD), 1e-12);
    assertEquals(0.03, summary.secondsByKind().get(Kind.BACKWARD), 1e-12);
    assertEquals(0.01, summary.secondsByKind().get(Kind.WAIT), 1e-12);
    assertEquals(0.01, summary.secondsByKind().get(Kind.PHASE), 1e-12);
    assertEquals(0.02, summary.secondsByKind().get(Kind.STEP), 1e-12);
    double all = summary.rows().stream().mapToDouble(ProfileSummary.Row::seconds).sum();
    assertEquals(summary.stepSeconds(), all, 1e-12);
  }

  @Test
  void whatRunsWhileTheRankComputesIsHidden() {
    ProfileSummary summary = ProfileSummary.of(STEP).getFirst();
    assertEquals(0.04, summary.exchangeSeconds(), 1e-12);
    assertEquals(0.75, summary.overlap(), 1e-12);
    assertEquals(512, summary.collectives().getFirst().bytes());
  }

  @Test
  void ranksThatAreThreadsHideNothing() {
    Profile profile =
        Profile.of(
            List.of(
                new Recorded("rank 0", Kind.STEP, "step 1", 0, 0, 10 * MS),
                new Recorded("rank 0", Kind.COLLECTIVE, "all_reduce", 8, 0, 4 * MS),
                new Recorded("rank 0", Kind.WAIT, "other ranks", 0, MS, 2 * MS),
                new Recorded("rank 1", Kind.STEP, "step 1", 0, 0, 10 * MS),
                new Recorded("rank 1", Kind.COLLECTIVE, "all_reduce", 8, 0, 4 * MS)));
    List<ProfileSummary> summaries = ProfileSummary.of(profile);
    assertEquals(
        List.of("rank 0", "rank 1"), summaries.stream().map(ProfileSummary::rank).toList());
    assertEquals(0.0, summaries.getFirst().overlap(), 1e-12);
    assertEquals(0.004, summaries.getFirst().waitedSeconds(), 1e-12);
  }

  @Test
  void recordsWhatHappensBetweenStartAndStop() throws IOException {
    try (Span _ = Span.begin(Kind.FORWARD, "before")) {
      Thread.onSpinWait();
    }
    Profiler profiler = Profiler.start();
    try (Span _ = Span.begin(Kind.STEP, "step 1");
        Span _ = Span.begin(Kind.COLLECTIVE, "all_reduce", 4096)) {
      Thread.onSpinWait();
    }
    Profile profile = profiler.stop();
    List<Profile.Node> spans = profile.threads().get(Thread.currentThread().getName());
    assertEquals(
        List.of("step 1", "all_reduce"), spans.stream().map(node -> node.span().name()).toList());
    assertEquals(4096, spans.getLast().span().bytes());
    assertEquals(spans.getFirst(), spans.getLast().parent().orElseThrow());

    Path file = folder.resolve("trace.json");
    ChromeTrace.write(profile, file, 3);
    String trace = Files.readString(file);
    assertTrue(trace.contains("\"traceEvents\""), trace);
    assertTrue(trace.contains("\"all_reduce\""), trace);
    assertTrue(trace.contains("\"pid\": 3"), trace);
  }
}
