package assay.tensor.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import assay.tensor.AttentionConfig;
import assay.tensor.DType;
import assay.tensor.cuda.AttentionPlan.Pass;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * NVIDIA's compiler takes every kernel, for each type of element and each generation of GPUs that
 * it is used with, and keeps all variables in registers. Needs no GPU.
 *
 * <p>Writes what each kernel takes of a GPU as a table: {@code target/cuda-kernels.md}.
 */
@Tag("nvrtc")
class KernelCompilationTest {
  private static final Path FILES =
      Path.of(System.getProperty("assay.root"), "tensor/src/main/resources/assay/tensor/cuda");

  private static final List<String> FLOATING = List.of("F64", "F32", "BF16");

  private static final int MOST_SHARED_BYTES = 227 * 1024; // of a block, on Hopper

  /** What the assembler says of a kernel: its name, stack, spills and registers. */
  private static final Pattern KERNEL =
      Pattern.compile(
          "Compiling entry function '(\\w+)'.*?(\\d+) bytes stack frame, (\\d+) bytes spill stores,"
              + " (\\d+) bytes spill loads.*?Used (\\d+) registers(.*?)\\n",
          Pattern.DOTALL);

  private static final Pattern SHARED = Pattern.compile("(\\d+) bytes smem");

  /** A kernel compiled for one type and architecture. */
  private record Use(
      String file,
      String kernel,
      String element,
      String architecture,
      int registers,
      int shared,
      int stack,
      int spilled) {}

  private static final List<Use> USES = new ArrayList<>();

  @BeforeAll
  static void compileAll() throws IOException {
    CudaLibraries.loadCompiler();
    for (String architecture : architectures()) {
      KernelCompiler compiler = new KernelCompiler(architecture);
      for (String file : files()) {
        for (String element : elements(file)) {
          for (List<String> macros : macros(file, element)) {
            String log = compiler.compile(file, macros, List.of("--ptxas-options=-v")).log();
            addUses(file, macros, architecture, log);
          }
        }
      }
    }
    writeTable(Path.of(System.getProperty("assay.cuda.kernel-table")));
  }

  /** Ampere, Hopper, Hopper with its own instructions, and Blackwell if this NVRTC knows it. */
  private static List<String> architectures() {
    List<String> architectures = new ArrayList<>(List.of("sm_80", "sm_90", "sm_90a"));
    if (KernelCompiler.knownCapabilities().contains(100)) {
      architectures.add("sm_100");
    }
    return architectures;
  }

  private static List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(FILES)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".cu"))
          .sorted()
          .toList();
    }
  }

  /** The types that a file is launched with; tensor cores take bfloat16. */
  private static List<String> elements(String file) {
    return switch (file) {
      case "cast.cu", "elements.cu", "rows.cu" -> List.of("F64", "F32", "BF16", "I32");
      default -> file.startsWith("attention_3") ? List.of("BF16") : FLOATING;
    };
  }

  /** A cast is compiled for each type it begins with; other files may sum up in a wider type. */
  private static List<List<String>> macros(String file, String element) throws IOException {
    String own = "ELEMENT_" + element;
    if (file.equals("cast.cu")) {
      return Stream.of("double", "float", "bfloat16", "int")
          .map(from -> List.of(own, "FROM=" + from))
          .toList();
    }
    if (file.matches("attention_[23].*")) {
      return attentionMacros(file, DType.valueOf(element));
    }
    boolean widens = Files.readString(FILES.resolve(file)).contains("OUT *");
    return widens && element.equals("BF16")
        ? List.of(List.of(own), List.of(own, "OUT=float"))
        : List.of(List.of(own));
  }

  /** Attention is compiled for each size of a head. */
  private static List<List<String>> attentionMacros(String file, DType dtype) {
    int newest = file.startsWith("attention_3") ? 3 : 2;
    int[] headDims = newest == 3 ? new int[] {64, 80, 96, 128, 256} : new int[] {64, 256};
    List<List<String>> macros = new ArrayList<>();
    for (int headDim : headDims) {
      AttentionConfig config = new AttentionConfig(1, 1, headDim, 1, 0, 0);
      for (Pass pass : Pass.values()) {
        AttentionPlan plan = AttentionPlan.of(pass, config, dtype, newest, MOST_SHARED_BYTES);
        if (plan.file().equals(file)) {
          macros.add(plan.macros());
        }
      }
    }
    return macros;
  }

  private static void addUses(String file, List<String> macros, String architecture, String log) {
    Matcher kernel = KERNEL.matcher(log);
    int found = 0;
    while (kernel.find()) {
      Matcher shared = SHARED.matcher(kernel.group(6));
      USES.add(
          new Use(
              file,
              kernel.group(1),
              String.join(" ", macros)
                  .replace("ELEMENT_", "")
                  .replace("FROM=", "from ")
                  .replace("OUT=", "to "),
              architecture,
              Integer.parseInt(kernel.group(5)),
              shared.find() ? Integer.parseInt(shared.group(1)) : 0,
              Integer.parseInt(kernel.group(2)),
              Integer.parseInt(kernel.group(3)) + Integer.parseInt(kernel.group(4))));
      found++;
    }
    assertFalse(found == 0, file + " has no kernel that the assembler reports: " + log);
  }

  @Test
  void noKernelSpillsRegistersToMemory() {
    assertEquals(List.of(), USES.stream().filter(use -> use.spilled > 0).toList());
  }

  private static void writeTable(Path table) throws IOException {
    List<String> architectures = architectures();
    Map<String, Map<String, Use>> rows = new TreeMap<>();
    for (Use use : USES) {
      String row = "| %s | %s | %s |".formatted(use.file, use.kernel, use.element);
      rows.computeIfAbsent(row, key -> new TreeMap<>()).put(use.architecture, use);
    }
    List<String> lines = new ArrayList<>();
    lines.add(
        "NVRTC %s: registers of a thread by architecture; bytes of shared memory of a block, and of stack of a thread"
            .formatted(KernelCompiler.version()));
    lines.add("");
    lines.add(
        "| file | kernel | element | " + String.join(" | ", architectures) + " | shared | stack |");
    lines.add("|---|---|---|" + "--:|".repeat(architectures.size() + 2));
    rows.forEach(
        (row, uses) -> {
          String registers =
              architectures.stream()
                  .map(each -> String.valueOf(uses.get(each).registers))
                  .collect(Collectors.joining(" | "));
          int shared = uses.values().stream().mapToInt(Use::shared).max().orElseThrow();
          int stack = uses.values().stream().mapToInt(Use::stack).max().orElseThrow();
          lines.add("%s %s | %d | %d |".formatted(row, registers, shared, stack));
        });
    lines.add("");
    lines.add("Spilled bytes: " + USES.stream().mapToInt(Use::spilled).sum());
    Files.write(table, lines);
  }
}
