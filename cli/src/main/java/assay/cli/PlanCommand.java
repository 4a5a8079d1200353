package assay.cli;

import assay.rm.MemoryPlan;
import assay.rm.TrainingSetup;
import assay.rm.recipe.Recipe;
import assay.tensor.Bytes;
import assay.tensor.InvalidInputException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
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

  @Option(names = "--ranks", paramLabel = "N", description = "Default: 1.")
  private int ranks = 1;

  @Option(
      names = "--device-memory",
      paramLabel = "48GB",
      description = "Says whether the run fits into this much.")
  private String deviceMemory;

  @Override
  public void run() {
    if (ranks != 1) {
      throw new InvalidInputException("--ranks: " + ranks + " ranks are not built yet; expected 1");
    }
    long available = deviceMemory == null ? Long.MAX_VALUE : parseSize(deviceMemory);
    try (TrainingSetup setup = TrainingSetup.of(Recipe.read(recipeFile, overrides))) {
      print(MemoryPlan.of(setup), available);
      if (!setup.data().isLabelled()) {
        spec.commandLine()
            .getOut()
            .println("planned as if data.pseudo_labels.model, which was not asked, kept all pairs");
      }
    }
  }

  private void print(MemoryPlan plan, long available) {
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        Locale.ROOT,
        "%,d weights; %d steps; the largest part of a batch has %,d rows%n",
        plan.numWeights(),
        plan.steps(),
        plan.largestPart());
    plan.peakBytes()
        .forEach((what, bytes) -> out.printf("  %-12s %12s%n", what, Bytes.format(bytes)));
    out.printf("  %-12s %12s%n", "peak", Bytes.format(plan.totalBytes()));
    plan.notes().forEach(note -> out.printf("%s%n", note));
    if (deviceMemory != null) {
      boolean fits = plan.totalBytes() <= available;
      out.printf(
          "%s in %s: %s %s%n",
          fits ? "fits" : "does not fit",
          deviceMemory,
          Bytes.format(Math.abs(available - plan.totalBytes())),
          fits ? "are left" : "too much");
    }
    out.flush();
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
