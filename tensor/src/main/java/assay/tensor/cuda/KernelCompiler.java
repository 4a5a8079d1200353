package assay.tensor.cuda;

import static assay.tensor.cuda.CudaException.check;

import assay.tensor.InvalidInputException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import jcuda.nvrtc.JNvrtc;
import jcuda.nvrtc.nvrtcProgram;
import jcuda.nvrtc.nvrtcResult;

/**
 * Compiles this package's {@code .cu} files for one GPU's own capability, by NVRTC. What it made is
 * kept in the user's cache folder under the hash of the texts, the options and NVRTC's version.
 */
final class KernelCompiler {
  /** A folder whose files stand in for resources of the same name: to try a kernel out. */
  static final String FOLDER_PROPERTY = "assay.cuda.kernels";

  private static final String CACHE = "kernels";
  private static final String[] HEADERS = {
    "types.cuh",
    "block.cuh",
    "split.cuh",
    "attention.cuh",
    "attention_tiles.cuh",
    "attention_mma.cuh"
  };

  private final String architecture;

  /**
   * @param architecture for example sm_90
   */
  KernelCompiler(String architecture) {
    this.architecture = architecture;
  }

  /**
   * A compiler for a GPU: for the newest architecture that NVRTC knows of those whose code runs
   * there, which are the older ones of its own generation.
   *
   * @param capability of the GPU, for example 90 for 9.0
   * @throws InvalidInputException if the GPU is newer than NVRTC
   */
  static KernelCompiler forCapability(int capability) {
    int newest =
        knownCapabilities().stream()
            .mapToInt(Integer::intValue)
            .filter(each -> each / 10 == capability / 10 && each <= capability)
            .max()
            .orElseThrow(
                () ->
                    new InvalidInputException(
                        """
                        device: this GPU's compute capability is %d.%d, which NVRTC %s does not know; \
                        install a newer CUDA (Blackwell: 12.8) and let CUDA_HOME name its folder"""
                            .formatted(capability / 10, capability % 10, version())));
    return new KernelCompiler("sm_" + newest);
  }

  /** The capabilities that NVRTC compiles for. */
  static List<Integer> knownCapabilities() {
    int[] count = new int[1];
    checkNvrtc(JNvrtc.nvrtcGetNumSupportedArchs(count), "nvrtcGetNumSupportedArchs");
    int[] known = new int[count[0]];
    checkNvrtc(JNvrtc.nvrtcGetSupportedArchs(known), "nvrtcGetSupportedArchs");
    return IntStream.of(known).boxed().toList();
  }

  /** The machine code of a file, compiled with these macros defined, now or in an earlier run. */
  byte[] compile(String file, List<String> macros) {
    String hash = CudaCache.hash(text(file), allHeaders(), options(macros).toString(), version());
    String name = file + ".cubin";
    Optional<Path> cached = CudaCache.find(CACHE, hash, name);
    if (cached.isPresent()) {
      try {
        return Files.readAllBytes(cached.get());
      } catch (IOException e) {
        throw new UncheckedIOException(cached.get() + " cannot be read", e);
      }
    }
    byte[] code = compile(file, macros, List.of()).code();
    CudaCache.keep(CACHE, hash, name, code);
    return code;
  }

  /** Machine code, and what the compiler says to it. */
  record Compiled(byte[] code, String log) {}

  /** Compiles now, with more options. */
  Compiled compile(String file, List<String> macros, List<String> moreOptions) {
    List<String> options = new ArrayList<>(options(macros));
    options.addAll(moreOptions);
    String[] headers = Stream.of(HEADERS).map(KernelCompiler::text).toArray(String[]::new);
    nvrtcProgram program = new nvrtcProgram();
    checkNvrtc(
        JNvrtc.nvrtcCreateProgram(program, text(file), file, HEADERS.length, headers, HEADERS),
        "nvrtcCreateProgram");
    try {
      int result =
          JNvrtc.nvrtcCompileProgram(program, options.size(), options.toArray(String[]::new));
      String[] log = new String[1];
      checkNvrtc(JNvrtc.nvrtcGetProgramLog(program, log), "nvrtcGetProgramLog");
      if (result != nvrtcResult.NVRTC_SUCCESS) {
        throw new IllegalStateException(
            "%s with %s: %s%n%s".formatted(file, options, nvrtcResult.stringFor(result), log[0]));
      }
      long[] size = new long[1];
      checkNvrtc(JNvrtc.nvrtcGetCUBINSize(program, size), "nvrtcGetCUBINSize");
      byte[] code = new byte[Math.toIntExact(size[0])];
      checkNvrtc(JNvrtc.nvrtcGetCUBIN(program, code), "nvrtcGetCUBIN");
      return new Compiled(code, log[0]);
    } finally {
      JNvrtc.nvrtcDestroyProgram(program);
    }
  }

  private List<String> options(List<String> macros) {
    List<String> options = new ArrayList<>();
    options.add("--gpu-architecture=" + architecture);
    options.add("--std=c++17");
    macros.forEach(macro -> options.add("-D" + macro));
    return options;
  }

  private static String allHeaders() {
    return Stream.of(HEADERS).map(KernelCompiler::text).collect(Collectors.joining());
  }

  private static void checkNvrtc(int result, String call) {
    check(result, nvrtcResult.stringFor(result), call);
  }

  /** NVRTC's. */
  static String version() {
    int[] major = new int[1];
    int[] minor = new int[1];
    checkNvrtc(JNvrtc.nvrtcVersion(major, minor), "nvrtcVersion");
    return major[0] + "." + minor[0];
  }

  private static String text(String file) {
    String folder = System.getProperty(FOLDER_PROPERTY);
    if (folder != null && Files.exists(Path.of(folder, file))) {
      try {
        return Files.readString(Path.of(folder, file));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    try (InputStream in = KernelCompiler.class.getResourceAsStream(file)) {
      if (in == null) {
        throw new IllegalStateException("resource " + file + " is missing");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(file, e);
    }
  }
}
