package assay.cli;

import assay.tensor.Device;
import assay.tensor.InvalidInputException;
import java.util.List;
import picocli.CommandLine.Option;

/** Where to compute: options of every command that does. */
final class DeviceOptions {
  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads that compute; the numbers do not depend on it. Default: all.")
  private int threads = Runtime.getRuntime().availableProcessors();

  /** What this machine has, a line for each thing. */
  List<String> report() {
    return Device.report(checkedThreads());
  }

  /** What the recipe or {@code --device} names. */
  Device open(String name) {
    return Device.open(name, checkedThreads());
  }

  /** How many threads compute on the CPU. */
  int checkedThreads() {
    if (threads < 1) {
      throw new InvalidInputException("--threads: " + threads + ", expected 1 or more");
    }
    return threads;
  }
}
