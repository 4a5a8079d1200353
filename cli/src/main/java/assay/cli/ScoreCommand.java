package assay.cli;

import assay.rm.RewardModel;
import assay.rm.data.Judgement;
import assay.rm.data.Row;
import assay.rm.data.RowFiles;
import assay.rm.data.RowReader;
import assay.rm.data.ScoreRow;
import assay.rm.data.ScoreWriter;
import assay.tensor.Device;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code assay score}: one output row for each input row, in the same order. */
@Command(
    name = "score",
    description = "Scores conversations, texts, answers or token ids.",
    mixinStandardHelpOptions = true)
final class ScoreCommand implements Callable<Integer> {
  /** Rows that are read before they are scored together, which finds what they have in common. */
  private static final int BATCH_ROWS = 256;

  @Spec private CommandSpec spec;
  @Mixin private ModelOptions models;

  @Option(
      names = "--input",
      paramLabel = "FILE|-",
      description = "JSONL, JSON or Parquet. Default: -")
  private String input = "-";

  @Option(names = "--output", paramLabel = "FILE|-", description = "JSONL. Default: -")
  private String output = "-";

  @Override
  public Integer call() throws IOException {
    try (Device device = models.openDevice();
        RowReader rows = open();
        RewardModel model = models.load(device, spec.commandLine().getErr())) {
      if (output.equals("-")) {
        return score(rows, model, new ScoreWriter("stdout", System.out)); // stays open
      }
      return scoreToFile(rows, model);
    }
  }

  private RowReader open() {
    return input.equals("-") ? RowFiles.open("stdin", System.in) : RowFiles.open(Path.of(input));
  }

  /** Beside its place first: a run that fails leaves no half-written file. */
  private int scoreToFile(RowReader rows, RewardModel model) throws IOException {
    Path file = Path.of(output);
    Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
    int code;
    try (OutputStream stream = Files.newOutputStream(temporary);
        ScoreWriter writer = new ScoreWriter(output, stream)) {
      code = score(rows, model, writer);
    } catch (IOException | RuntimeException e) {
      Files.deleteIfExists(temporary);
      throw e;
    }
    Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING);
    return code;
  }

  private int score(RowReader rows, RewardModel model, ScoreWriter writer) {
    List<ScoreRow> batch = new ArrayList<>();
    for (Optional<Row> row = rows.next(); row.isPresent(); row = rows.next()) {
      batch.add(ScoreRow.parse(row.get()));
      if (batch.size() == BATCH_ROWS) {
        answer(batch, model, writer);
        batch.clear();
      }
    }
    answer(batch, model, writer);
    if (writer.numErrors() > 0) {
      spec.commandLine()
          .getErr()
          .println(
              "assay: "
                  + writer.numErrors()
                  + " of "
                  + writer.numRows()
                  + " rows could not be scored; each says why under \"error\"");
      return ExitCode.SOFTWARE;
    }
    return ExitCode.OK;
  }

  private static void answer(List<ScoreRow> rows, RewardModel model, ScoreWriter writer) {
    List<Judgement> judgements = model.judge(rows);
    for (int i = 0; i < rows.size(); i++) {
      writer.write(rows.get(i).answer(judgements.get(i)));
    }
    writer.flush();
  }
}
