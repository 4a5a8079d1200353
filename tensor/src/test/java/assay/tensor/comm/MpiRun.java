package assay.tensor.comm;

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

/** {@link MpiProgram} as several processes, and what all of them print: also a test's message. */
final class MpiRun implements AutoCloseable, Supplier<String> {
  static final Duration LONGEST = Duration.ofMinutes(2);

  private final Path output;
  private Process process;

  MpiRun(Path output) {
    this.output = output;
  }

  /** The test is skipped where there is no mpirun. */
  void startRanks(int size, String... arguments) throws IOException {
    boolean found =
        Pattern.compile(File.pathSeparator)
            .splitAsStream(System.getenv("PATH"))
            .anyMatch(path -> Files.isExecutable(Path.of(path, "mpirun")));
    assumeTrue(found, "no mpirun on the PATH (Debian, Ubuntu: apt install openmpi-bin)");
    List<String> command = new ArrayList<>();
    command.addAll(List.of("mpirun", "--allow-run-as-root", "--oversubscribe"));
    command.addAll(List.of("--mca", "mpi_yield_when_idle", "1")); // more ranks than cores
    command.addAll(List.of("-np", "" + size));
    command.add("env"); // mpirun rewrites the arguments of what it sees to be java
    command.addAll(javaProgram(arguments));
    start(command, Map.of());
  }

  /** The command of one process, in a JVM with this one's options. */
  static List<String> javaProgram(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.add("-XX:TieredStopAtLevel=1"); // as short a life as a test's gains from no more
    System.getProperties().stringPropertyNames().stream()
        .filter(name -> name.startsWith("assay."))
        .forEach(name -> command.add("-D" + name + "=" + System.getProperty(name)));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(MpiProgram.class.getName());
    command.addAll(List.of(arguments));
    return command;
  }

  void start(List<String> command, Map<String, String> environment) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    process = builder.redirectOutput(output.toFile()).start();
  }

  String output() throws IOException {
    return Files.readString(output);
  }

  /** Waits until the output has such words, and gives back the pattern's group. */
  String awaitOutput(Pattern pattern) throws IOException, InterruptedException {
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

  int exitCode(Duration longest) throws InterruptedException {
    boolean ended = process.waitFor(longest.toMillis(), TimeUnit.MILLISECONDS);
    assertTrue(ended, () -> "no end after " + longest + ":\n" + get());
    return process.exitValue();
  }

  boolean hasEnded() {
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
