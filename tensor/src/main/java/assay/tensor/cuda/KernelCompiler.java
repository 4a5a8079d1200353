package assay.tensor.cuda;

import static assay.tensor.cuda.CudaException.check;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import jcuda.nvrtc.JNvrtc;
import jcuda.nvrtc.nvrtcProgram;
import jcuda.nvrtc.nvrtcResult;

/**
 * Compiles this package's {@code .cu} files for one GPU's own capability, by NVRTC. What it made is
 * kept in the user's cache folder under the hash of the texts, the options and NVRTC's version.
 */
final class KernelCompiler {
  private static final String[] HEADERS = {"types.cuh", "block.cuh", "split.cuh"};

  private final int capability;
  private final Path cache;

  KernelCompiler(int capability, Path cache) {
    this.capability = capability;
    this.cache = cache;
  }

  /**
   * What the property {@code assay.cuda.kernel-cache} names, {@code $XDG_CACHE_HOME/assay/kernels},
   * or {@code ~/.cache/assay/kernels}.
   */
  static Path userCache() {
    String chosen = System.getProperty("assay.cuda.kernel-cache");
    if (chosen != null) {
      return Path.of(chosen);
    }
    String base = System.getenv("XDG_CACHE_HOME");
    Path folder =
        base == null || base.isEmpty()
            ? Path.of(System.getProperty("user.home"), ".cache")
            : Path.of(base);
    return folder.resolve("assay").resolve("kernels");
  }

  /** The machine code of a file, compiled with these macros defined. */
  byte[] compile(String file, List<String> macros) {
    String source = text(file);
    String[] headers = Stream.of(HEADERS).map(KernelCompiler::text).toArray(String[]::new);
    List<String> options = new ArrayList<>();
    options.add("--gpu-architecture=sm_" + capability);
    options.add("--std=c++17");
    macros.forEach(macro -> options.add("-D" + macro));
    Path cached =
        cache.resolve(
            hash(source, String.join("", headers), options.toString(), version()) + ".cubin");
    try {
      if (Files.exists(cached)) {
        return Files.readAllBytes(cached);
      }
      byte[] code = compile(file, source, headers, options);
      Files.createDirectories(cache);
      Path temporary = Files.createTempFile(cache, "kernel", ".tmp");
      Files.write(temporary, code);
      Files.move(temporary, cached, StandardCopyOption.ATOMIC_MOVE);
      return code;
    } catch (IOException e) {
      throw new UncheckedIOException(cached + " cannot be read or written", e);
    }
  }

  private static byte[] compile(
      String file, String source, String[] headers, List<String> options) {
    nvrtcProgram program = new nvrtcProgram();
    checkNvrtc(
        JNvrtc.nvrtcCreateProgram(program, source, file, HEADERS.length, headers, HEADERS),
        "nvrtcCreateProgram");
    try {
      int result =
          JNvrtc.nvrtcCompileProgram(program, options.size(), options.toArray(String[]::new));
      if (result != nvrtcResult.NVRTC_SUCCESS) {
        String[] log = new String[1];
        JNvrtc.nvrtcGetProgramLog(program, log);
        throw new IllegalStateException(
            "%s with %s: %s%n%s".formatted(file, options, nvrtcResult.stringFor(result), log[0]));
      }
      long[] size = new long[1];
      checkNvrtc(JNvrtc.nvrtcGetCUBINSize(program, size), "nvrtcGetCUBINSize");
      byte[] code = new byte[Math.toIntExact(size[0])];
      checkNvrtc(JNvrtc.nvrtcGetCUBIN(program, code), "nvrtcGetCUBIN");
      return code;
    } finally {
      JNvrtc.nvrtcDestroyProgram(program);
    }
  }

  private static void checkNvrtc(int result, String call) {
    check(result, nvrtcResult.stringFor(result), call);
  }

  private static String version() {
    int[] major = new int[1];
    int[] minor = new int[1];
    checkNvrtc(JNvrtc.nvrtcVersion(major, minor), "nvrtcVersion");
    return major[0] + "." + minor[0];
  }

  private static String text(String file) {
    try (InputStream in = KernelCompiler.class.getResourceAsStream(file)) {
      if (in == null) {
        throw new IllegalStateException("resource " + file + " is missing");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(file, e);
    }
  }

  private static String hash(String... parts) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (String part : parts) {
        digest.update(part.getBytes(StandardCharsets.UTF_8));
        digest.update((byte) 0);
      }
      return HexFormat.of().formatHex(digest.digest()).substring(0, 32);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }
}
