package assay.cli;

import assay.rm.RewardModel;
import assay.tensor.Device;
import java.io.PrintWriter;
import java.time.LocalDate;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which model, where, and the day its template sees: options of the commands that load one. */
final class ModelOptions {
  @Option(
      names = "--model",
      required = true,
      paramLabel = "DIR",
      description = "A model folder in Hugging Face layout, or a hub id in the local cache.")
  private String model;

  @Option(names = "--device", paramLabel = "cpu", description = "Default: cpu.")
  private String device = "cpu";

  @Mixin private DeviceOptions devices;

  @Option(
      names = "--template-date",
      paramLabel = "YYYY-MM-DD",
      description =
          "The day that a date-dependent chat template sees. Default: as trained, else today.")
  private LocalDate templateDate;

  String model() {
    return model;
  }

  Device openDevice() {
    return devices.open(device);
  }

  /** Loads the model; says on {@code err} if its scores depend on the day. */
  RewardModel load(Device on, PrintWriter err) {
    RewardModel loaded = RewardModel.load(model, on, Optional.ofNullable(templateDate));
    if (loaded.optionalEncoder().isPresent() && loaded.encoder().usesToday()) {
      err.println("the chat template depends on the day; it sees today's (--template-date)");
    }
    return loaded;
  }
}
