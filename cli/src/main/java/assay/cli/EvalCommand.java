package assay.cli;

import assay.eval.Benchmark;
import assay.eval.EvaluatedModel;
import assay.eval.Evaluation;
import assay.eval.EvaluationData;
import assay.eval.EvaluationFolder;
import assay.eval.JudgeScorer;
import assay.eval.ModelScorer;
import assay.eval.PairBenchmark;
import assay.eval.RewardBench;
import assay.eval.RewardBench2;
import assay.eval.RmBench;
import assay.eval.RowScorer;
import assay.eval.ScoreFile;
import assay.eval.ScoredRow;
import assay.eval.Scores;
import assay.eval.Scoring;
import assay.eval.TieRule;
import assay.eval.report.EvaluationReport;
import assay.rm.RewardModel;
import assay.rm.judge.Judge;
import assay.rm.judge.RowJudge;
import assay.rm.recipe.Recipe.TooLong;
import assay.rm.recipe.Suggestion;
import assay.tensor.Device;
import assay.tensor.InvalidInputException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code assay eval}: what a model, or a file of scores, is worth on a benchmark. */
@Command(
    name = "eval",
    description = {
      "Evaluates a reward model on a benchmark's data, or scores from elsewhere.",
      "With --output DIR an evaluation that was interrupted goes on where it was."
    },
    mixinStandardHelpOptions = true)
final class EvalCommand implements Callable<Integer> {
  private static final List<String> BENCHMARKS =
      List.of("rewardbench", "rewardbench2", "rm-bench", "pairs");

  @Spec private CommandSpec spec;
  @Mixin private ModelOptions models;

  @Option(
      names = "--benchmark",
      paramLabel = "NAME",
      required = true,
      description = "rewardbench, rewardbench2, rm-bench, or pairs for any pairs.")
  private String benchmarkName;

  @Option(
      names = "--data",
      paramLabel = "FILE|DIR",
      arity = "1..*",
      description = "The benchmark's rows: JSONL, JSON or Parquet.")
  private List<String> data = new ArrayList<>();

  @Option(
      names = "--scores",
      paramLabel = "FILE",
      description = "Score rows in place of a model; with --data also baselines and texts.")
  private Path scores;

  @Option(
      names = "--by",
      paramLabel = "FIELD",
      description = "With pairs: accuracy for each value of this field.")
  private String by;

  @Option(
      names = "--ties",
      paramLabel = "lose|half",
      description = {
        "What equal scores of a pair count. Default: lose, as the benchmarks have it;",
        "half for a judge."
      })
  private String ties;

  @Option(
      names = "--too-long",
      paramLabel = "drop|truncate-left|truncate-right",
      description = {
        "What becomes of a text that the model cannot read whole. Default: drop,",
        "its row has no scores and is reported."
      })
  private String tooLong;

  @Option(
      names = "--compare",
      paramLabel = "FILE",
      description = "Another model's score rows for the same data.")
  private Path compare;

  @Option(
      names = "--output",
      paramLabel = "DIR|-",
      description = {
        "Scores, report.html, result.json and leaderboard files;",
        "-: result.json on stdout."
      })
  private String output;

  @Option(
      names = "--judge",
      description = "The model is a language model; it judges, as `assay judge` does.")
  private boolean judge;

  @ArgGroup(exclusive = false, validate = false, heading = "With --judge:%n")
  private JudgeOptions judges;

  @Override
  public Integer call() {
    boolean fromScores = scores != null;
    boolean fromModel = models.isModelGiven() || judge;
    if (fromScores == fromModel || (!fromScores && data.isEmpty())) {
      throw new InvalidInputException("give either --scores FILE, or --model DIR and --data FILE");
    }
    if (judge) {
      judges = judges == null ? new JudgeOptions() : judges;
      judges.check(models);
    } else if (judges != null) {
      throw new InvalidInputException("what is asked of a judge, and how, needs --judge");
    }
    if (judge && tooLong != null) {
      throw new InvalidInputException("--too-long: a judge's questions are not cut");
    }
    return call(benchmark());
  }

  private Benchmark<?> benchmark() {
    if (by != null && !benchmarkName.equals("pairs")) {
      throw new InvalidInputException("--by: is for --benchmark pairs only");
    }
    if (ties != null && benchmarkName.equals("rewardbench2")) {
      throw new InvalidInputException(
          "--ties: rewardbench2 has a rule of its own for equal scores");
    }
    return switch (benchmarkName) {
      case "rewardbench" -> new RewardBench(ties());
      case "rewardbench2" -> new RewardBench2();
      case "rm-bench" -> new RmBench(ties());
      case "pairs" -> new PairBenchmark(ties(), Optional.ofNullable(by));
      default -> throw unknown("--benchmark", benchmarkName, BENCHMARKS);
    };
  }

  private TieRule ties() {
    return switch (ties) {
      case null -> judge ? TieRule.HALF : TieRule.LOSE;
      case "lose" -> TieRule.LOSE;
      case "half" -> TieRule.HALF;
      default -> throw unknown("--ties", ties, List.of("lose", "half"));
    };
  }

  private TooLong tooLong() {
    if (tooLong == null) {
      return TooLong.DROP;
    }
    List<TooLong> rules = List.of(TooLong.DROP, TooLong.TRUNCATE_LEFT, TooLong.TRUNCATE_RIGHT);
    return rules.stream()
        .filter(rule -> rule.key().equals(tooLong))
        .findFirst()
        .orElseThrow(
            () -> unknown("--too-long", tooLong, rules.stream().map(TooLong::key).toList()));
  }

  private static InvalidInputException unknown(String option, String found, List<String> known) {
    String help =
        Suggestion.nearest(found, known)
            .map(nearest -> "did you mean " + nearest + "?")
            .orElse("expected one of " + String.join(", ", known));
    return new InvalidInputException("%s: unknown '%s'; %s".formatted(option, found, help));
  }

  private <R extends ScoredRow> int call(Benchmark<R> benchmark) {
    Optional<Scores<R>> other =
        Optional.ofNullable(compare).map(file -> ScoreFile.readAll(benchmark, List.of(file)));
    if (scores == null) {
      return evaluate(EvaluationData.check(benchmark, data), other);
    }
    Optional<EvaluationData<R>> rows =
        data.isEmpty() ? Optional.empty() : Optional.of(EvaluationData.find(benchmark, data));
    Evaluation<R> evaluation = Evaluation.ofScores(benchmark, scores, rows, other);
    folder().ifPresent(folder -> write(evaluation, folder, scores, rows));
    return print(evaluation);
  }

  private <R extends ScoredRow> int evaluate(EvaluationData<R> rows, Optional<Scores<R>> other) {
    PrintWriter err = spec.commandLine().getErr();
    if (judge) {
      try (Judge opened = judges.open(models, err)) {
        RowJudge asked = judges.rowJudge(opened);
        JudgeScorer scorer = new JudgeScorer(asked);
        scorer.check(rows.benchmark());
        EvaluatedModel described =
            EvaluatedModel.ofJudge(
                judges.name(models),
                !judges.isRemote(),
                asked.rates(),
                models.precision(),
                opened.templateDate(),
                judges.describe(asked));
        return evaluate(scorer, described, rows, other);
      }
    }
    TooLong rule = tooLong();
    try (Device device = models.openDevice();
        RewardModel model = models.load(device, err)) {
      ModelScorer scorer = new ModelScorer(model, rule);
      scorer.check(rows.benchmark()); // before its files are hashed
      EvaluatedModel described = EvaluatedModel.of(models.model(), model, models.precision(), rule);
      return evaluate(scorer, described, rows, other);
    }
  }

  private <R extends ScoredRow> int evaluate(
      RowScorer scorer,
      EvaluatedModel described,
      EvaluationData<R> rows,
      Optional<Scores<R>> other) {
    try (EvaluationFolder folder =
        folder().map(its -> EvaluationFolder.open(its, described.identity(rows))).orElse(null)) {
      Progress progress = new Progress(spec.commandLine().getErr(), Progress.isTerminal(), 1);
      Scores<R> scored = Scoring.run(scorer, rows, Optional.ofNullable(folder), progress::scored);
      progress.endLine();
      Evaluation<R> evaluation =
          Evaluation.of(rows.benchmark(), rows.hashes(), Optional.of(described), scored, other);
      folder()
          .ifPresent(
              its ->
                  write(evaluation, its, its.resolve(EvaluationFolder.SCORES), Optional.of(rows)));
      return print(evaluation);
    }
  }

  private static <R extends ScoredRow> void write(
      Evaluation<R> evaluation, Path folder, Path scoreFile, Optional<EvaluationData<R>> rows) {
    evaluation.write(folder);
    EvaluationReport.write(folder, evaluation, scoreFile, rows);
  }

  private Optional<Path> folder() {
    return Optional.ofNullable(output).filter(name -> !name.equals("-")).map(Path::of);
  }

  private <R extends ScoredRow> int print(Evaluation<R> evaluation) {
    PrintWriter out = spec.commandLine().getOut();
    if ("-".equals(output)) {
      out.print(evaluation.resultFile().print());
      out.flush();
    } else {
      new EvaluationPrinter(out).print(evaluation);
    }
    int unscored = evaluation.scores().unscored().size();
    if (unscored > 0) {
      PrintWriter err = spec.commandLine().getErr();
      err.printf("assay: %d rows could not be scored and count nowhere; the first:%n", unscored);
      Scores.Unscored first = evaluation.scores().unscored().getFirst();
      String place = first.place() + ": ";
      String error = first.error();
      err.printf("assay: %s%s%n", error.startsWith(place) ? "" : place, error);
      return ExitCode.SOFTWARE;
    }
    return ExitCode.OK;
  }
}
