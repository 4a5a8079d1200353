package assay.cli;

import assay.tensor.Device;
import assay.tensor.InvalidInputException;
import picocli.CommandLine.Option;

/** Where to compute: options of every command that does. */
final class DeviceOptions {
  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads that compute; the numbers do not depend on it. Default: all.")
  private int threads = Runtime.getRuntime().availableProcessors();

  /** The CPU; the recipe or {@code --device} has said so. */
  Device open(String name) {
    if (threads < 1) {
      throw new InvalidInputException("--threads: " + threads + ", expected 1 or more");
    }
    if (!name.equals("cpu")) {
      throw new InvalidInputException(
          "device: '" + name + "' is not built yet; this version computes on the cpu");
    }
    return Device.cpu(threads);
  }
}
