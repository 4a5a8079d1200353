package assay.cli;

import assay.rm.MemoryPlan;
import assay.tensor.Bytes;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Prints what a run needs, and whether a device has it. */
final class PlanPrinter {
  /** The ledger's purposes in the order of a table, under names that people know. */
  private static final Map<String, String> NAMES = new LinkedHashMap<>();

  static {
    NAMES.put("weights", "weights");
    NAMES.put("gradients", "gradients");
    NAMES.put("optimizer", "optimizer state");
    NAMES.put("gathered", "gathered weights");
    NAMES.put("activations", "activations");
    NAMES.put("communication", "communication");
    NAMES.put("scratch", "scratch");
  }

  private final PrintWriter out;

  PlanPrinter(PrintWriter out) {
    this.out = out;
  }

  void print(MemoryPlan plan) {
    out.printf(
        Locale.ROOT,
        "%,d weights; the largest part of a batch has %,d rows%n",
        plan.numWeights(),
        plan.largestPart());
    if (plan.numRanks() > 1) {
      out.printf(
          "rank 0 of %d, which needs the most: it computes the largest part, and all hold equally"
              + " many weights%n",
          plan.numRanks());
    }
    Map<String, Long> rest = new TreeMap<>(plan.peakBytes());
    NAMES.forEach(
        (purpose, name) -> {
          Long bytes = rest.remove(purpose);
          if (bytes != null) {
            line(name, bytes, "");
          }
        });
    rest.forEach((purpose, bytes) -> line(purpose, bytes, ""));
    line("peak of tensors", plan.tensorBytes(), "");
    line("allocator", plan.allocatorBytes(), "held for reuse, in pieces between tensors");
    if (plan.runtimeBytes() > 0) {
      line("CUDA", plan.runtimeBytes(), "context, cuBLAS and NCCL, estimated");
    }
    line("in all", plan.totalBytes(), "");
    plan.notes().forEach(note -> out.printf("%s%n", note));
  }

  private void line(String what, long bytes, String remark) {
    String line = String.format(Locale.ROOT, "  %-16s %12s  %s", what, Bytes.format(bytes), remark);
    out.println(line.stripTrailing());
  }

  /**
   * Says whether a plan fits.
   *
   * @param available bytes
   * @param memory the same as it was asked
   */
  void printVerdict(MemoryPlan plan, long available, String memory) {
    boolean fits = plan.totalBytes() <= available;
    out.printf(
        "%s in %s (%s): %s %s%n",
        fits ? "fits" : "does not fit",
        memory,
        Bytes.format(available),
        Bytes.format(Math.abs(available - plan.totalBytes())),
        fits ? "are left" : "too much");
  }

  /** Says what else could be done, a line for each plan. */
  void printAlternatives(List<MemoryPlan> plans, long available) {
    out.println("zero_stage  gradient_checkpointing        in all");
    for (MemoryPlan plan : plans) {
      out.printf(
          Locale.ROOT,
          "%10d  %22b  %12s  %s%n",
          plan.zeroStage(),
          plan.checkpointing(),
          Bytes.format(plan.totalBytes()),
          plan.totalBytes() <= available ? "fits" : "does not fit");
    }
  }
}
