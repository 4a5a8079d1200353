package assay.cli;

import assay.eval.EvaluationFolder;
import assay.eval.doctor.DataDoctor;
import assay.eval.doctor.Diagnosis;
import assay.eval.doctor.DiagnosisFiles;
import assay.eval.doctor.Finding;
import assay.eval.doctor.Lengths;
import assay.eval.report.DataReport;
import assay.eval.statistics.Interval;
import assay.rm.data.RowFiles;
import assay.rm.data.RowPlace;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
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

  @Option(
      names = "--output",
      paramLabel = "DIR",
      description = "check.json with all rows, check.html with examples.")
  private Path output;

  @Override
  public void run() {
    DataDoctor doctor = new DataDoctor();
    if (!others.isEmpty()) {
      RowFiles.find(others).forEach(doctor::readOther);
    }
    List<Path> examined = RowFiles.find(files);
    examined.forEach(doctor::read);
    PrintWriter out = spec.commandLine().getOut();
    List<Diagnosis> diagnoses = doctor.diagnose();
    diagnoses.forEach(diagnosis -> print(out, diagnosis));
    if (output != null) {
      EvaluationFolder.write(output, "check.json", DiagnosisFiles.toJson(diagnoses));
      DataReport.write(output, diagnoses);
    }
    out.flush();
  }

  private static void print(PrintWriter out, Diagnosis diagnosis) {
    line(out, "%s: %,d pairs", diagnosis.file(), diagnosis.pairs());
    for (Finding finding : diagnosis.findings()) {
      String rows =
          finding.rows().stream()
              .limit(SHOWN_ROWS)
              .map(DataCheckCommand::place)
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
    if (diagnosis.findings().isEmpty()) {
      line(out, "           no fault found");
    }
    diagnosis.lengths().ifPresent(its -> print(out, its));
  }

  /** The row's number, and where the one is that it has the fault with. */
  private static String place(Finding.Faulty faulty) {
    String number = String.valueOf(faulty.row().number());
    return faulty
        .other()
        .map(other -> number + " with " + name(faulty.row(), other))
        .orElse(number);
  }

  private static String name(RowPlace row, RowPlace other) {
    return other.file().equals(row.file()) ? String.valueOf(other.number()) : other.toString();
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
