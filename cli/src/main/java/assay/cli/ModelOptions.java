package assay.cli;

import assay.rm.RewardModel;
import assay.rm.judge.ChatModel;
import assay.tensor.DType;
import assay.tensor.Device;
import assay.tensor.InvalidInputException;
import java.io.PrintWriter;
import java.time.LocalDate;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which model, where, and the day its template sees: options of the commands that load one. */
final class ModelOptions {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--model",
      paramLabel = "DIR",
      description = "A model folder in Hugging Face layout, or a hub id in the local cache.")
  private String model;

  @Option(
      names = "--device",
      paramLabel = "cpu|cuda[:i]",
      description = "Where to compute; `assay inspect` shows what there is. Default: cpu.")
  private String device = "cpu";

  @Option(
      names = "--precision",
      paramLabel = "fp32|bf16",
      description = "What to compute in; bf16 needs a GPU. Default: fp32.")
  private String precision = "fp32";

  @Mixin private DeviceOptions devices;

  @Option(
      names = "--template-date",
      paramLabel = "YYYY-MM-DD",
      description =
          "The day that a date-dependent chat template sees. Default: as trained, else today.")
  private LocalDate templateDate;

  String model() {
    if (model == null) {
      throw new ParameterException(spec.commandLine(), "Missing required option: '--model=DIR'");
    }
    return model;
  }

  boolean isModelGiven() {
    return model != null;
  }

  DeviceOptions devices() {
    return devices;
  }

  Device openDevice() {
    model(); // a device is not opened in vain
    return devices.open(device);
  }

  /** As given: fp32 or bf16. */
  String precision() {
    return precision;
  }

  private DType dtype() {
    return switch (precision) {
      case "fp32" -> DType.F32;
      case "bf16" -> {
        if (device.equals("cpu")) {
          throw new InvalidInputException("--precision: bf16 needs --device cuda");
        }
        yield DType.BF16;
      }
      default ->
          throw new InvalidInputException(
              "--precision: expected fp32 or bf16, found '" + precision + "'");
    };
  }

  /** Loads the model; says on {@code err} what one should know of its scores. */
  RewardModel load(Device on, PrintWriter err) {
    Optional<LocalDate> date = Optional.ofNullable(templateDate);
    RewardModel loaded = RewardModel.load(model(), on, dtype(), date);
    if (loaded.optionalEncoder().isPresent() && loaded.encoder().usesToday()) {
      err.println("the chat template depends on the day; it sees today's (--template-date)");
    }
    loaded
        .importedHead()
        .ifPresent(head -> err.println("another trainer's reward head: " + head.describe()));
    return loaded;
  }

  /** Loads a language model that can be talked to. */
  ChatModel loadChatModel(Device on) {
    return ChatModel.load(model(), on, dtype(), Optional.ofNullable(templateDate));
  }
}
