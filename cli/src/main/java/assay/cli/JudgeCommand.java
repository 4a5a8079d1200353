package assay.cli;

import assay.rm.data.Row;
import assay.rm.data.RowFiles;
import assay.rm.data.RowReader;
import assay.rm.data.ScoreRow;
import assay.rm.data.ScoreWriter;
import assay.rm.judge.Judge;
import assay.rm.judge.JudgeSummary;
import assay.rm.judge.JudgedRows;
import assay.rm.judge.RowJudge;
import assay.rm.judge.RowJudge.JudgedRow;
import assay.tensor.InvalidInputException;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code assay judge}: one output row for each input row, in the same order. */
@Command(
    name = "judge",
    description = {
      "Lets a chat model judge answers: which of two or more is the best, or how good one is.",
      "Rows: {chosen, rejected} | {prompt, responses} | {prompt, response} | {messages}."
    },
    mixinStandardHelpOptions = true)
final class JudgeCommand implements Callable<Integer> {
  /** Rows that are read before their questions are asked together. */
  private static final int BATCH_ROWS = 32;

  @Spec private CommandSpec spec;
  @Mixin private ModelOptions models;
  @Mixin private JudgeOptions judges;

  @Option(
      names = "--input",
      paramLabel = "FILE|-",
      description = "JSONL, JSON or Parquet. Default: -")
  private String input = "-";

  @Option(names = "--output", paramLabel = "FILE|-", description = "JSONL. Default: -")
  private String output = "-";

  @Option(
      names = "--distill",
      paramLabel = "FILE",
      description =
          "Also write {chosen, rejected} rows to train on: the answers on which the judge does not"
              + " contradict itself when their order is reversed.")
  private Path distill;

  @Option(
      names = "--distill-share",
      paramLabel = "S",
      description =
          "With --distill: instead, the answers that have at least this share of the preference,"
              + " both orders together; more than 0.5. With --mode logits a judge may lean to an"
              + " answer although it always names the first.")
  private Double distillShare;

  @Override
  public Integer call() throws IOException {
    judges.check(models);
    if (distillShare != null && (distill == null || !(distillShare > 0.5 && distillShare <= 1))) {
      throw new InvalidInputException(
          "--distill-share: expected --distill, and more than 0.5 and at most 1, found "
              + distillShare);
    }
    try (RowReader rows = open();
        Judge judge = judges.open(models, spec.commandLine().getErr())) {
      return judge(rows, judges.rowJudge(judge));
    }
  }

  private RowReader open() {
    return input.equals("-") ? RowFiles.open("stdin", System.in) : RowFiles.open(Path.of(input));
  }

  /** Files are written beside their places first: a run that fails leaves none half-written. */
  private int judge(RowReader rows, RowJudge rowJudge) throws IOException {
    Path answers = output.equals("-") ? null : Path.of(output);
    JudgeSummary summary;
    try {
      try (ScoreWriter writer = writer(answers, "stdout");
          ScoreWriter pairs = distill == null ? null : writer(distill, null)) {
        summary = judge(rows, rowJudge, writer, pairs);
      }
    } catch (IOException | RuntimeException e) {
      delete(answers);
      delete(distill);
      throw e;
    }
    move(answers);
    move(distill);
    PrintWriter err = spec.commandLine().getErr();
    summary.lines().forEach(err::println);
    return summary.numErrors() > 0 ? ExitCode.SOFTWARE : ExitCode.OK;
  }

  private JudgeSummary judge(
      RowReader rows, RowJudge judge, ScoreWriter writer, ScoreWriter pairs) {
    OptionalDouble minShare =
        distillShare == null ? OptionalDouble.empty() : OptionalDouble.of(distillShare);
    JudgeSummary summary = new JudgeSummary();
    List<ScoreRow> batch = new ArrayList<>();
    long numRows = 0;
    boolean more = true;
    while (more) {
      Optional<Row> row = rows.next();
      row.ifPresent(some -> batch.add(ScoreRow.parse(some)));
      more = row.isPresent();
      if (batch.size() == BATCH_ROWS || !more) {
        for (JudgedRow judged : judge.judge(batch, numRows)) {
          summary.add(judged);
          writer.write(JudgedRows.answer(judged));
          if (pairs != null) {
            JudgedRows.pairs(judged, minShare).forEach(pairs::write);
          }
        }
        writer.flush();
        numRows += batch.size();
        batch.clear();
      }
    }
    return summary;
  }

  private static ScoreWriter writer(Path file, String standard) throws IOException {
    if (file == null) {
      OutputStream out =
          new FilterOutputStream(System.out) {
            @Override
            public void close() throws IOException {
              flush(); // stays open
            }
          };
      return new ScoreWriter(standard, out);
    }
    return new ScoreWriter(file.toString(), Files.newOutputStream(temporary(file)));
  }

  private static Path temporary(Path file) {
    return file.resolveSibling(file.getFileName() + ".tmp");
  }

  private static void delete(Path file) throws IOException {
    if (file != null) {
      Files.deleteIfExists(temporary(file));
    }
  }

  private static void move(Path file) throws IOException {
    if (file != null) {
      Files.move(temporary(file), file, StandardCopyOption.REPLACE_EXISTING);
    }
  }
}
