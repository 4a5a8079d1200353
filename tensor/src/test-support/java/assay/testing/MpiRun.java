package assay.testing;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A test's program as several processes, and what all of them print: also a test's message. */
public final class MpiRun implements AutoCloseable, Supplier<String> {
  public static final Duration LONGEST = Duration.ofMinutes(2);

  private final Class<?> program;
  private final Path output;
  private final List<String> launcherOptions;
  private Process process;

  /**
   * @param program has the main method
   * @param output a file for what is printed
   * @param launcherOptions further ones of mpirun
   */
  public MpiRun(Class<?> program, Path output, String... launcherOptions) {
    this.program = program;
    this.output = output;
    this.launcherOptions = List.of(launcherOptions);
  }

  /** The test is skipped where there is no mpirun. */
  public void startRanks(int size, String... arguments) throws IOException {
    boolean found =
        Pattern.compile(File.pathSeparator)
            .splitAsStream(System.getenv("PATH"))
            .anyMatch(path -> Files.isExecutable(Path.of(path, "mpirun")));
    assumeTrue(found, "no mpirun on the PATH (Debian, Ubuntu: apt install openmpi-bin)");
    List<String> command = new ArrayList<>();
    command.addAll(List.of("mpirun", "--allow-run-as-root", "--oversubscribe"));
    command.addAll(List.of("--mca", "mpi_yield_when_idle", "1")); // more ranks than cores
    command.addAll(launcherOptions);
    command.addAll(List.of("-np", "" + size));
    command.add("env"); // mpirun rewrites the arguments of what it sees to be java
    command.addAll(javaProgram(arguments));
    start(command, Map.of());
  }

  /**
   * The command of one process, in a JVM with this one's options but those for a long life: the
   * Vector API is slow until all is compiled, and the plain loops give the same numbers.
   */
  public List<String> javaProgram(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> !argument.equals("--add-modules=jdk.incubator.vector"))
        .forEach(command::add);
    command.add("-XX:TieredStopAtLevel=1");
    System.getProperties().stringPropertyNames().stream()
        .filter(name -> name.startsWith("assay."))
        .forEach(name -> command.add("-D" + name + "=" + System.getProperty(name)));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(program.getName());
    command.addAll(List.of(arguments));
    return command;
  }

  public void start(List<String> command, Map<String, String> environment) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    process = builder.redirectOutput(output.toFile()).start();
  }

  public String output() throws IOException {
    return Files.readString(output);
  }

  /** Waits until the output has such words, and gives back the pattern's group. */
  public String awaitOutput(Pattern pattern) throws IOException, InterruptedException {
    long end = System.nanoTime() + LONGEST.toNanos();
    while (System.nanoTime() < end && process.isAlive()) {
      Matcher matcher = pattern.matcher(output());
      if (matcher.find()) {
        return matcher.group(1);
      }
      Thread.sleep(50);
    }
    throw new AssertionError("no " + pattern + " in:\n" + output());
  }

  public int exitCode(Duration longest) throws InterruptedException {
    boolean ended = process.waitFor(longest.toMillis(), TimeUnit.MILLISECONDS);
    assertTrue(ended, () -> "no end after " + longest + ":\n" + get());
    return process.exitValue();
  }

  public boolean hasEnded() {
    return process.descendants().findAny().isEmpty();
  }

  @Override
  public String get() {
    try {
      return output();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    if (process != null) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }
}
