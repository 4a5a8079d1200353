package assay.cli;

import assay.nn.checkpoint.ModelFolder;
import assay.rm.MemoryPlan;
import assay.rm.TrainingSetup;
import assay.rm.recipe.Recipe;
import assay.tensor.InvalidInputException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code assay plan RECIPE.yaml}: the memory a run needs, before any is allocated. */
@Command(
    name = "plan",
    description = "Predicts the memory of a run, by component.",
    mixinStandardHelpOptions = true)
final class PlanCommand implements Runnable {
  private static final Pattern SIZE = Pattern.compile("([0-9.]+) *([KMGT]?)(i?)B");

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "RECIPE.yaml")
  private Path recipeFile;

  @Option(names = "--set", paramLabel = "KEY.SUB=VALUE", description = "As for train.")
  private List<String> overrides = new ArrayList<>();

  @Option(
      names = "--ranks",
      paramLabel = "N",
      description = "Ranks that share the run, each with a device of its own. Default: 1.")
  private int ranks = 1;

  @Option(
      names = "--device-memory",
      paramLabel = "48GB",
      description = "Says whether the run fits into this much, and if not, what would.")
  private String deviceMemory;

  @Option(
      names = "--longest-pairs",
      description =
          "Plans for pairs of two sides of data.max_length tokens that share no prompt: needs"
              + " neither data nor tokenizer.")
  private boolean longestPairs;

  @Override
  public void run() {
    if (ranks < 1) {
      throw new InvalidInputException("--ranks: expected at least 1, found " + ranks);
    }
    long available = deviceMemory == null ? Long.MAX_VALUE : parseSize(deviceMemory);
    Recipe recipe = recipeToPlan();
    try (TrainingSetup setup =
        longestPairs ? TrainingSetup.ofLongestPairs(recipe) : TrainingSetup.of(recipe)) {
      PrintWriter out = spec.commandLine().getOut();
      PlanPrinter printer = new PlanPrinter(out);
      MemoryPlan plan = MemoryPlan.of(setup, ranks);
      out.println(longestPairs ? "one batch of the longest pairs" : plan.steps() + " steps");
      printer.print(plan);
      if (deviceMemory != null) {
        printer.printVerdict(plan, available, deviceMemory);
        if (plan.totalBytes() > available) {
          printer.printAlternatives(MemoryPlan.alternatives(setup, ranks), available);
        }
      }
      if (!setup.data().isLabelled()) {
        out.println("planned as if data.pseudo_labels.model, which was not asked, kept all pairs");
      }
      out.flush();
    }
  }

  /**
   * The recipe; or, where its model has not been downloaded but its config lies beside the recipe,
   * in {@code configs/ORGANIZATION/NAME}, the same with that and the longest pairs, which is said.
   */
  private Recipe recipeToPlan() {
    Recipe recipe = Recipe.read(recipeFile, overrides);
    Path config = recipeFile.toAbsolutePath().resolveSibling("configs").resolve(recipe.model());
    if (!Files.isRegularFile(config.resolve("config.json")) || isHere(recipe.model())) {
      return recipe;
    }
    spec.commandLine()
        .getErr()
        .println(
            recipe.model()
                + " is not here; planned with "
                + config
                + " and pairs of the full length, whatever the data are");
    longestPairs = true;
    List<String> withConfig = new ArrayList<>(overrides);
    withConfig.add("model='" + config.toString().replace("'", "''") + "'");
    return Recipe.read(recipeFile, withConfig);
  }

  private static boolean isHere(String model) {
    try {
      ModelFolder.resolve(model);
      return true;
    } catch (InvalidInputException e) {
      return false;
    }
  }

  /** {@code 48GB} is 48 * 10^9 bytes, {@code 48GiB} is 48 * 2^30. */
  static long parseSize(String text) {
    Matcher matcher = SIZE.matcher(text);
    if (!matcher.matches()) {
      throw new InvalidInputException(
          "--device-memory: '" + text + "', expected for example 48GB or 44.5GiB");
    }
    double base = matcher.group(3).isEmpty() ? 1000 : 1024;
    int power = matcher.group(2).isEmpty() ? 0 : "KMGT".indexOf(matcher.group(2)) + 1;
    return Math.round(Double.parseDouble(matcher.group(1)) * Math.pow(base, power));
  }
}
