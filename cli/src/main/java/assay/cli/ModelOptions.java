package assay.cli;

import assay.rm.RewardModel;
import assay.tensor.Device;
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

  RewardModel load(Device on) {
    return RewardModel.load(model, on, date());
  }

  Optional<LocalDate> date() {
    return Optional.ofNullable(templateDate);
  }
}
