package assay.tensor.comm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import assay.tensor.InvalidInputException;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Ranks that are processes, started by the mpirun of this machine. */
class MpiTest {
  private static final Duration LONGEST_RUN = Duration.ofMinutes(2);

  /** How soon all ranks must have ended after one is lost. */
  private static final Duration LONGEST_LOSS = Duration.ofSeconds(20);

  @TempDir private Path folder;
  private Process process;

  @AfterEach
  void endWhatIsLeft() {
    if (process != null) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  private static List<String> javaProgram(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.add("-XX:TieredStopAtLevel=1"); // as short a life as a test's gains from no more
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(MpiProgram.class.getName());
    command.addAll(List.of(arguments));
    return command;
  }

  private void startRanks(int size, String... arguments) throws IOException {
    boolean found =
        Pattern.compile(File.pathSeparator)
            .splitAsStream(System.getenv("PATH"))
            .anyMatch(path -> Files.isExecutable(Path.of(path, "mpirun")));
    assumeTrue(found, "no mpirun on the PATH (Debian, Ubuntu: apt install openmpi-bin)");
    List<String> command = new ArrayList<>();
    command.addAll(List.of("mpirun", "--allow-run-as-root", "--oversubscribe"));
    command.addAll(List.of("--mca", "mpi_yield_when_idle", "1")); // more ranks than cores
    command.addAll(List.of("-np", "" + size));
    command.addAll(javaProgram(arguments));
    start(command, Map.of());
  }

  private void start(List<String> command, Map<String, String> environment) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    process = builder.redirectOutput(folder.resolve("output").toFile()).start();
  }

  private String output() throws IOException {
    return Files.readString(folder.resolve("output"));
  }

  private int exitCode(Duration longest) throws IOException, InterruptedException {
    boolean ended = process.waitFor(longest.toMillis(), TimeUnit.MILLISECONDS);
    assertTrue(ended, () -> "no end after " + longest + ":\n" + unchecked());
    return process.exitValue();
  }

  private String unchecked() {
    try {
      return output();
    } catch (IOException e) {
      return e.toString();
    }
  }

  private static int count(String what, String text) {
    return (int) Pattern.compile(Pattern.quote(what)).matcher(text).results().count();
  }

  @ParameterizedTest
  @CsvSource({"1, promises", "2, promises", "4, promises", "3, short-messages"})
  void everyPromiseIsKept(int size, String program) throws Exception {
    startRanks(size, program);
    assertEquals(0, exitCode(LONGEST_RUN), this::unchecked);
    for (String promise : Promises.all().keySet()) {
      assertEquals(size, count(" of %d: %s\n".formatted(size, promise), output()), promise);
    }
  }

  @Test
  void thePlanKnowsTheMemoryOfCommunication() throws Exception {
    startRanks(2, "plan");
    assertEquals(0, exitCode(LONGEST_RUN), this::unchecked);
    Matcher bytes = Pattern.compile("(\\d+) bytes, planned for rank \\d: (\\d+)").matcher(output());
    assertTrue(bytes.find(), output());
    assertEquals(bytes.group(1), bytes.group(2));
    assertNotEquals("0", bytes.group(1));
  }

  @ParameterizedTest
  @CsvSource({
    "2, KILL, its connection broke",
    "2, STOP, no sign of life for 6 s",
    "0, KILL, its connection broke",
    "0, STOP, no sign of life for 6 s"
  })
  void whenARankIsLostAllOthersEndAndNameIt(int lost, String signal, String how) throws Exception {
    startRanks(3, "wait", "" + lost);
    String pid = awaitOutput(Pattern.compile("process (\\d+)"));
    assertEquals(0, new ProcessBuilder("kill", "-" + signal, pid).start().waitFor());
    assertNotEquals(0, exitCode(LONGEST_LOSS));
    String expected =
        "assay: rank %d \\(host \\S+, pid %s\\) is lost: %s".formatted(lost, pid, how);
    assertTrue(Pattern.compile(expected).matcher(output()).find(), this::unchecked);
    assertTrue(process.descendants().findAny().isEmpty());
  }

  private String awaitOutput(Pattern pattern) throws Exception {
    long end = System.nanoTime() + LONGEST_RUN.toNanos();
    while (System.nanoTime() < end && process.isAlive()) {
      Matcher matcher = pattern.matcher(output());
      if (matcher.find()) {
        return matcher.group(1);
      }
      Thread.sleep(50);
    }
    throw new AssertionError("no " + pattern + " in:\n" + output());
  }

  @Test
  void aRankThatFailsSaysWhyAndTheOthersNameIt() throws Exception {
    startRanks(3, "fail");
    assertNotEquals(0, exitCode(LONGEST_RUN));
    assertTrue(output().contains("rank 1 is broken"), this::unchecked);
    Pattern news =
        Pattern.compile(
            "assay: rank 1 \\(.*\\) has ended after 3 collective operations,"
                + " and rank [02] waits for it in operation 4");
    assertTrue(news.matcher(output()).find(), this::unchecked);
  }

  @Test
  void ranksThatAnotherMpiStartedAreToldSo() throws Exception {
    startRanks(1, "promises"); // only to see that there is an MPI
    assertEquals(0, exitCode(LONGEST_RUN), this::unchecked);
    start(javaProgram("promises"), Map.of("PMI_SIZE", "3", "PMI_RANK", "0"));
    assertNotEquals(0, exitCode(LONGEST_RUN));
    assertTrue(
        output()
            .contains("MPI: 3 ranks were started, but the MPI library that was found knows of 1"),
        this::unchecked);
  }

  @ParameterizedTest
  @ValueSource(strings = {"libnowhere.so.40", "/nowhere/libmpi.so"})
  void aMissingLibraryIsNamedWithWhatBringsIt(String name) {
    String message = messageOfLoading(name);
    assertTrue(message.contains("found no " + name), message);
    assertTrue(message.contains("apt install openmpi-bin"), message);
  }

  @Test
  void anotherMpisLibraryIsRefused() {
    String message = messageOfLoading("libc.so.6"); // which has none of Open MPI's variables
    assertTrue(message.contains("libc.so.6 is not Open MPI's library"), message);
  }

  private static String messageOfLoading(String library) {
    System.setProperty(MpiLibrary.PROPERTY, library);
    try {
      return assertThrows(InvalidInputException.class, MpiLibrary::load).getMessage();
    } finally {
      System.clearProperty(MpiLibrary.PROPERTY);
    }
  }

  @Test
  void launchersAreKnownByTheEnvironmentTheySet() {
    assertFalse(Mpi.isLaunched(Map.of("PATH", "/bin")));
    assertFalse(Mpi.isLaunched(Map.of("SLURM_NTASKS", "4"))); // in a job, but not by srun
    assertFalse(Mpi.isLaunched(Map.of("SLURM_NTASKS", "1", "PMIX_RANK", "0")));
    Map<String, String> srun = Map.of("SLURM_NTASKS", "4", "PMIX_RANK", "0", "SLURM_LOCALID", "2");
    assertTrue(Mpi.isLaunched(srun));
    assertEquals(4, Mpi.launchedSize(srun));
    assertEquals(2, Mpi.localRank(srun));
    Map<String, String> mpirun =
        Map.of("OMPI_COMM_WORLD_SIZE", "2", "OMPI_COMM_WORLD_LOCAL_RANK", "1");
    assertTrue(Mpi.isLaunched(mpirun));
    assertEquals(2, Mpi.launchedSize(mpirun));
    assertEquals(1, Mpi.localRank(mpirun));
    assertTrue(Mpi.isLaunched(Map.of("PMI_SIZE", "2")));
  }
}
