package assay.cli;

import assay.eval.doctor.DataDoctor;
import assay.eval.doctor.Finding;
import assay.eval.doctor.Lengths;
import assay.eval.statistics.Interval;
import assay.rm.data.RowFiles;
import assay.rm.data.RowPlace;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code assay data check FILE...}. */
@Command(
    name = "check",
    description = "Says what is wrong with files of preference pairs.",
    mixinStandardHelpOptions = true)
final class DataCheckCommand implements Runnable {
  private static final int SHOWN_ROWS = 8;

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "FILE", arity = "1..*", description = "Pairs, as for training.")
  private List<String> files = new ArrayList<>();

  @Option(
      names = "--against",
      paramLabel = "FILE",
      arity = "1..*",
      description = "Test sets, benchmarks: data whose prompts must not be trained on.")
  private List<String> others = new ArrayList<>();

  @Override
  public void run() {
    DataDoctor doctor = new DataDoctor();
    if (!others.isEmpty()) {
      RowFiles.find(others).forEach(doctor::readOther);
    }
    List<Path> examined = RowFiles.find(files);
    examined.forEach(doctor::read);
    PrintWriter out = spec.commandLine().getOut();
    List<Finding> findings = doctor.diagnose();
    for (Path file : examined) {
      print(
          out,
          file.toString(),
          findings.stream().filter(finding -> finding.file().equals(file.toString())).toList(),
          doctor.lengths().stream()
              .filter(lengths -> lengths.file().equals(file.toString()))
              .findFirst());
    }
    out.flush();
  }

  private static void print(
      PrintWriter out, String file, List<Finding> findings, Optional<Lengths> lengths) {
    line(out, "%s: %,d pairs", file, lengths.map(Lengths::pairs).orElse(0L));
    for (Finding finding : findings) {
      String rows =
          finding.rows().stream()
              .limit(SHOWN_ROWS)
              .map(RowPlace::number)
              .map(String::valueOf)
              .collect(Collectors.joining(", "));
      String more = finding.rows().size() > SHOWN_ROWS ? ", ..." : "";
      line(
          out,
          "  %7d  %s (%s%s)",
          finding.rows().size(),
          finding.fault().description(),
          rows,
          more);
    }
    if (findings.isEmpty()) {
      line(out, "           no fault found");
    }
    lengths.ifPresent(its -> print(out, its));
  }

  private static void print(PrintWriter out, Lengths lengths) {
    String share =
        lengths
            .interval()
            .map(interval -> share(lengths, interval))
            .orElse("all answers of a pair are equally long");
    line(
        out,
        "           characters: chosen %.0f, rejected %.0f on average; %s",
        lengths.meanChosen(),
        lengths.meanRejected(),
        share);
  }

  private static String share(Lengths lengths, Interval interval) {
    return String.format(
        Locale.ROOT,
        "the longer answer is the chosen one in %.3f (%.3f to %.3f)",
        lengths.share(),
        interval.low(),
        interval.high());
  }

  private static void line(PrintWriter out, String format, Object... arguments) {
    out.println(String.format(Locale.ROOT, format, arguments));
  }
}
