package assay.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The root command: without a subcommand it has nothing to do and says so. */
@Command(
    name = "assay",
    description = "Trains, evaluates and serves reward models.",
    mixinStandardHelpOptions = true,
    subcommands = {
      TrainCommand.class,
      ScoreCommand.class,
      EvalCommand.class,
      JudgeCommand.class,
      InspectCommand.class,
      PlanCommand.class,
      DataCommand.class,
    },
    versionProvider = AssayCommand.Version.class)
final class AssayCommand implements Runnable {

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Missing command");
  }

  /** The version from the jar's manifest, with what a bug report needs beside it. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = AssayCommand.class.getPackage().getImplementationVersion();
      return new String[] {
        "assay %s (Java %s on %s %s)"
            .formatted(
                version == null ? "from class files" : version,
                System.getProperty("java.version"),
                System.getProperty("os.name"),
                System.getProperty("os.arch"))
      };
    }
  }
}
