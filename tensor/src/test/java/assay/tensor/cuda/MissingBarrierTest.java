package assay.tensor.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.tensor.DType;
import assay.tensor.Device;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import jcuda.driver.CUdevice;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Takes the barriers out of the kernels one by one, and the waits for copies. Without any of them a
 * case of {@link KernelCases} must fail: so every barrier is needed, and the emulated GPU notices
 * when one lacks.
 */
@Tag("emulated-gpu")
class MissingBarrierTest {
  private static final Pattern BARRIER =
      Pattern.compile("(__sync(threads|warp)|(commit|await)Copies(<\\d>)?)\\([^()]*\\);");

  private final Map<String, List<double[]>> expected = new HashMap<>();
  @TempDir private Path folder;

  @AfterEach
  void forget() {
    System.clearProperty(KernelCompiler.FOLDER_PROPERTY);
    System.clearProperty(CudaAttention.VERSION_PROPERTY);
  }

  @Test
  void everyBarrierIsNeeded() throws IOException {
    Map<String, String> sources = sources();
    System.setProperty(KernelCompiler.FOLDER_PROPERTY, folder.toString());
    List<String> unneeded = new ArrayList<>();
    int count = 0;
    for (Map.Entry<String, String> source : sources.entrySet()) {
      String name = source.getKey();
      String text = source.getValue();
      for (MatchResult barrier : BARRIER.matcher(text).results().toList()) {
        String mutant = text.substring(0, barrier.start()) + ";" + text.substring(barrier.end());
        long line = text.substring(0, barrier.start()).lines().count();
        String place = name + ":" + line + " " + barrier.group();
        Files.writeString(folder.resolve(name), mutant);
        String found = firstFault(filesWith(name, sources));
        Files.delete(folder.resolve(name));
        System.out.println(
            "barrier left out: " + place + ": " + (found == null ? "NOT FOUND" : found));
        count++;
        if (found == null) {
          unneeded.add(place);
        }
      }
    }
    assertTrue(count > 0);
    assertEquals(List.of(), unneeded, "barriers that no case misses");
  }

  @Test
  void everyFileInWhichThreadsWaitHasACaseThatPasses() throws IOException {
    Map<String, String> sources = sources();
    for (String name : sources.keySet()) {
      if (BARRIER.matcher(sources.get(name)).find()) {
        for (String file : filesWith(name, sources)) {
          assertTrue(KernelCases.BY_FILE.containsKey(file), file + " has no case in KernelCases");
          assertNull(fault(file));
        }
      }
    }
  }

  /** The texts of all kernel files, by name. */
  private static Map<String, String> sources() throws IOException {
    Path resources =
        Path.of(System.getProperty("assay.root"), "tensor/src/main/resources/assay/tensor/cuda");
    Map<String, String> sources = new TreeMap<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(resources, "*.{cu,cuh}")) {
      for (Path file : files) {
        sources.put(file.getFileName().toString(), Files.readString(file));
      }
    }
    assertFalse(sources.isEmpty());
    return sources;
  }

  /** The file itself, or those that include a header. */
  private static List<String> filesWith(String name, Map<String, String> sources) {
    if (name.endsWith(".cu")) {
      return List.of(name);
    }
    return sources.keySet().stream()
        .filter(file -> file.endsWith(".cu"))
        .filter(file -> sources.get(file).contains("#include \"" + name + "\""))
        .toList();
  }

  private String firstFault(List<String> files) {
    for (String file : files) {
      String fault = fault(file);
      if (fault != null) {
        return fault;
      }
    }
    return null;
  }

  /** What is wrong with the results of a file's case, or null. */
  private String fault(String file) {
    List<double[]> right = expected.computeIfAbsent(file, MissingBarrierTest::definition);
    KernelCases.Case kernelCase = KernelCases.BY_FILE.get(file);
    System.setProperty(CudaAttention.VERSION_PROPERTY, Integer.toString(kernelCase.attention()));
    try (Device device = Device.cuda(0)) {
      List<double[]> actual = KernelCases.results(file, device, kernelCase.dtype());
      double worst = 0;
      for (int i = 0; i < right.size(); i++) {
        worst = Math.max(worst, error(right.get(i), actual.get(i)));
      }
      return worst <= kernelCase.tolerance() ? null : file + " is off by " + worst;
    } catch (CudaException e) {
      CUdevice device = new CUdevice();
      JCudaDriver.cuDeviceGet(device, 0);
      JCudaDriver.cuDevicePrimaryCtxReset(device);
      return file + ": " + e.getMessage();
    }
  }

  private static List<double[]> definition(String file) {
    try (Device reference = Device.cpuReference(1)) {
      return KernelCases.results(file, reference, DType.F64);
    }
  }

  /** The largest difference, of the largest value; infinite if there is a NaN. */
  private static double error(double[] right, double[] actual) {
    assertEquals(right.length, actual.length);
    double largest = 1e-3;
    double difference = 0;
    for (int i = 0; i < right.length; i++) {
      largest = Math.max(largest, Math.abs(right[i]));
      double here = Math.abs(right[i] - actual[i]);
      difference = Double.isNaN(here) ? Double.POSITIVE_INFINITY : Math.max(difference, here);
    }
    return difference / largest;
  }
}
