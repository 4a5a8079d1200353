package assay.cli;

import assay.rm.MetricsLog;
import assay.rm.TrainingListener;
import assay.tensor.Bytes;
import assay.tensor.InvalidInputException;
import assay.tensor.Span;
import assay.train.profile.ChromeTrace;
import assay.train.profile.Profile;
import assay.train.profile.ProfileSummary;
import assay.train.profile.Profiler;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Option;

/** {@code --profile FILE}: where the time of some steps goes. */
final class ProfileOptions {
  private static final Pattern RANGE = Pattern.compile("([0-9]{1,9})-([0-9]{1,9})");
  private static final int MOST_ROWS = 12;

  @Option(
      names = "--profile",
      paramLabel = "FILE.json",
      description = "Write a time line of some steps, for ui.perfetto.dev; say where time goes.")
  private Path file;

  @Option(
      names = "--profile-steps",
      paramLabel = "FROM-TO",
      description = "Which steps, from 1. Default: ${DEFAULT-VALUE}; the first ones are slower.")
  private String steps = "6-8";

  /** Hears what another listener hears, and profiles the steps that were asked for. */
  TrainingListener around(TrainingListener listener, int rank, int numRanks) {
    if (file == null) {
      return listener;
    }
    Matcher range = RANGE.matcher(steps);
    int from = range.matches() ? Integer.parseInt(range.group(1)) : 0;
    int to = range.matches() ? Integer.parseInt(range.group(2)) : 0;
    if (from < 1 || to < from) {
      throw new InvalidInputException(
          "--profile-steps: expected two steps, from 1, as in 6-8; found " + steps);
    }
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      throw new InvalidInputException("--profile: there is no folder for " + file);
    }
    return new Profiling(listener, rank, numRanks, from, to);
  }

  private final class Profiling implements TrainingListener {
    private final TrainingListener listener;
    private final int rank;
    private final int numRanks;
    private final int from;
    private final int to;
    private Profiler profiler;

    Profiling(TrainingListener listener, int rank, int numRanks, int from, int to) {
      this.listener = listener;
      this.rank = rank;
      this.numRanks = numRanks;
      this.from = from;
      this.to = to;
      profiler = from == 1 ? Profiler.start() : null;
    }

    @Override
    public void step(MetricsLog.Step row, long totalSteps) {
      listener.step(row, totalSteps);
      if (row.step() == from - 1) {
        profiler = Profiler.start();
      }
      if (row.step() == totalSteps && totalSteps < from) {
        listener.note("profile: none, since the run has no step " + from);
      }
      if (profiler != null && (row.step() == to || row.step() == totalSteps)) {
        Profile profile = profiler.stop();
        profiler = null;
        Path itsFile = numRanks == 1 ? file : ofRank(file, rank);
        ChromeTrace.write(profile, itsFile, rank);
        ProfileSummary.of(profile).forEach(summary -> listener.note(text(summary)));
        listener.note("profile: " + itsFile + ", to be opened in https://ui.perfetto.dev");
      }
    }

    @Override
    public void note(String text) {
      listener.note(text);
    }

    @Override
    public void labelling(int pairs, int totalPairs) {
      listener.labelling(pairs, totalPairs);
    }

    @Override
    public void evaluating(int pairs, int totalPairs) {
      listener.evaluating(pairs, totalPairs);
    }

    @Override
    public void evaluated(MetricsLog.Evaluation row) {
      listener.evaluated(row);
    }
  }

  /** {@code step.json} becomes {@code step-rank1.json}. */
  private static Path ofRank(Path file, int rank) {
    String name = file.getFileName().toString();
    int end = name.lastIndexOf('.') < 0 ? name.length() : name.lastIndexOf('.');
    return file.resolveSibling(name.substring(0, end) + "-rank" + rank + name.substring(end));
  }

  /** Both tables of a rank. */
  private static String text(ProfileSummary summary) {
    StringBuilder text = new StringBuilder();
    line(text, "%s: %d steps of %.3f s", summary.rank(), summary.numSteps(), summary.stepSeconds());
    for (Map.Entry<Span.Kind, Double> kind : summary.secondsByKind().entrySet()) {
      double percent = 100 * kind.getValue() / summary.stepSeconds();
      line(text, "  %-28s %9.4f s %5.1f %%", name(kind.getKey()), kind.getValue(), percent);
    }
    line(text, "of which the longest");
    summary.rows().stream()
        .limit(MOST_ROWS)
        .forEach(
            row ->
                line(
                    text,
                    "  %-28s %9.4f s %7.1f times a step",
                    name(row.kind()) + " " + row.name(),
                    row.seconds(),
                    row.calls()));
    if (!summary.collectives().isEmpty()) {
      line(text, "exchanged in a step");
      for (ProfileSummary.Row row : summary.collectives()) {
        String bytes = Bytes.format(Math.round(row.bytes()));
        line(
            text, "  %-18s %9s %9.4f s %7.1f times", row.name(), bytes, row.seconds(), row.calls());
      }
      line(
          text,
          "  %.4f s in all; for %.4f s the rank could not compute: %.0f %% of it overlapped",
          summary.exchangeSeconds(),
          summary.waitedSeconds(),
          100 * summary.overlap());
    }
    return text.toString().stripTrailing();
  }

  private static String name(Span.Kind kind) {
    return kind == Span.Kind.STEP ? "other" : kind.name().toLowerCase(Locale.ROOT);
  }

  private static void line(StringBuilder text, String format, Object... arguments) {
    text.append(String.format(Locale.ROOT, format, arguments)).append('\n');
  }
}
