package assay.cli;

import assay.rm.RewardTraining;
import assay.rm.RunFolder;
import assay.rm.TrainingListener;
import assay.rm.TrainingSetup;
import assay.rm.TrainingSummary;
import assay.rm.recipe.Recipe;
import assay.tensor.Device;
import assay.tensor.InvalidInputException;
import assay.tensor.comm.Mpi;
import assay.tensor.comm.Ranks;
import assay.train.NonFiniteException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code assay train RECIPE.yaml}. */
@Command(
    name = "train",
    description = "Trains a reward model by a recipe.",
    mixinStandardHelpOptions = true)
final class TrainCommand implements Callable<Integer> {
  /** What a shell reports for a process that Ctrl-C ended. */
  private static final int INTERRUPTED = 130;

  private static final int MOST_RANKS = 64; // threads, to learn and to test with

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "RECIPE.yaml", description = "What to train, on what, and how.")
  private Path recipeFile;

  @Option(
      names = "--set",
      paramLabel = "KEY.SUB=VALUE",
      description = "Replaces a value of the recipe; may be repeated.")
  private List<String> overrides = new ArrayList<>();

  @Option(names = "--resume", description = "Go on with the run in the output folder.")
  private boolean resume;

  @Option(names = "--overwrite", description = "Replace the run in the output folder.")
  private boolean overwrite;

  @Option(
      names = "--ranks",
      paramLabel = "N",
      description = "Ranks in this program, which share the CPU's threads. Default: 1.")
  private int ranks = 1;

  @Option(
      names = "--template-date",
      paramLabel = "YYYY-MM-DD",
      description = "As data.template_date in the recipe.")
  private String templateDate;

  @Mixin private DeviceOptions devices;

  @Mixin private ProfileOptions profile;

  @Override
  public Integer call() {
    if (templateDate != null) {
      overrides.add("data.template_date=" + templateDate);
    }
    Recipe recipe = Recipe.read(recipeFile, overrides);
    checkRanks(recipe);
    boolean isLaunched = Mpi.isLaunched();
    if (!isLaunched) { // else rank 0 may have begun to write by now
      RunFolder.check(recipe.output(), existing());
    }
    PrintWriter err = spec.commandLine().getErr();
    Progress progress = new Progress(err, Progress.isTerminal(), recipe.training().logEvery());
    String name = recipe.device();
    boolean oneGpuEach = isLaunched && name.equals("cuda");
    try (Device device = devices.open(oneGpuEach ? "cuda:" + Mpi.localRank() : name);
        TrainingSetup setup = TrainingSetup.of(recipe, device, progress)) {
      return train(setup, device, progress);
    }
  }

  private void checkRanks(Recipe recipe) {
    if (ranks < 1 || ranks > MOST_RANKS) {
      throw new InvalidInputException(
          "--ranks: expected 1 to %d, found %d".formatted(MOST_RANKS, ranks));
    }
    if (ranks > 1 && !recipe.device().equals("cpu")) {
      throw new InvalidInputException(
          "--ranks: ranks in one program compute on the CPU, not on " + recipe.device());
    }
    if (ranks > 1 && Mpi.isLaunched()) {
      throw new InvalidInputException(
          "--ranks: mpirun or srun has started the ranks already; leave it out");
    }
  }

  private int train(TrainingSetup setup, Device device, Progress progress) {
    try (StopSignal stop = new StopSignal()) {
      AtomicReference<TrainingSummary> summary = new AtomicReference<>();
      if (ranks > 1) {
        greet(setup, device, progress);
        summary.set(
            RewardTraining.runOnLocalRanks(
                setup,
                ranks,
                devices.checkedThreads(),
                existing(),
                profile.around(progress, 0, 1),
                stop::isRequested));
      } else {
        Ranks.run(
            device,
            joined -> {
              boolean first = joined.rank() == 0;
              TrainingListener listener =
                  profile.around(
                      first ? progress : TrainingListener.silent(), joined.rank(), joined.size());
              if (first) {
                greet(setup, device, progress);
              }
              TrainingSummary its =
                  RewardTraining.run(
                      setup, device, joined, existing(), listener, stop::isRequested);
              if (first) {
                summary.set(its);
              }
            });
      }
      return print(summary.get(), progress);
    } catch (NonFiniteException e) {
      progress.note("assay: " + e.getMessage() + " No model was saved.");
      return ExitCode.SOFTWARE;
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** What is said before the first step, by one of the ranks. */
  private static void greet(TrainingSetup setup, Device device, Progress progress) {
    progress.note(setup.data().report().toTable());
    if (setup.encoder().isPresent() && setup.encoder().get().usesToday()) {
      progress.note("the chat template depends on the day; it sees today's, kept in assay.json");
    }
    String after = "; what is trained from it has no bias and no normalization";
    setup
        .importedHead()
        .ifPresent(head -> progress.note("starting from " + head.describe() + after));
    progress.note("computing on " + device.description());
  }

  /**
   * @param summary null on ranks that say nothing
   */
  private int print(TrainingSummary summary, Progress progress) {
    if (summary == null) {
      return ExitCode.OK;
    }
    progress.endLine();
    new SummaryPrinter(spec.commandLine().getOut()).print(summary, progress.elapsedSeconds());
    return summary.stopped() ? INTERRUPTED : ExitCode.OK;
  }

  private RunFolder.Existing existing() {
    if (resume && overwrite) {
      throw new InvalidInputException("--resume and --overwrite exclude each other");
    }
    if (resume) {
      return RunFolder.Existing.RESUME;
    }
    return overwrite ? RunFolder.Existing.OVERWRITE : RunFolder.Existing.REFUSE;
  }
}
