package assay.tensor.comm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.tensor.InvalidInputException;
import assay.testing.MpiRun;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Ranks that are processes, started by the mpirun of this machine. */
class MpiTest {
  /** How soon all ranks must have ended after one is lost. */
  private static final Duration LONGEST_LOSS = Duration.ofSeconds(20);

  private MpiRun run;

  @BeforeEach
  void prepare(@TempDir Path folder) {
    run = new MpiRun(MpiProgram.class, folder.resolve("output"));
  }

  @AfterEach
  void endWhatIsLeft() {
    run.close();
  }

  private static int count(String what, String text) {
    return (int) Pattern.compile(Pattern.quote(what)).matcher(text).results().count();
  }

  @ParameterizedTest
  @CsvSource({"1, promises", "2, promises", "4, promises", "3, short-messages"})
  void everyPromiseIsKept(int size, String program) throws Exception {
    run.startRanks(size, program);
    assertEquals(0, run.exitCode(MpiRun.LONGEST), run);
    for (String promise : Promises.all().keySet()) {
      assertEquals(size, count(" of %d: %s\n".formatted(size, promise), run.output()), promise);
    }
  }

  @Test
  void thePlanKnowsTheMemoryOfCommunication() throws Exception {
    run.startRanks(2, "plan");
    assertEquals(0, run.exitCode(MpiRun.LONGEST), run);
    Matcher bytes =
        Pattern.compile("(\\d+) bytes, planned for rank \\d: (\\d+)").matcher(run.output());
    assertTrue(bytes.find(), run.output());
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
    run.startRanks(3, "wait", "" + lost);
    String pid = run.awaitOutput(Pattern.compile("process (\\d+)"));
    assertEquals(0, new ProcessBuilder("kill", "-" + signal, pid).start().waitFor());
    assertNotEquals(0, run.exitCode(LONGEST_LOSS));
    String expected =
        "assay: rank %d \\(host \\S+, pid %s\\) is lost: %s".formatted(lost, pid, how);
    assertTrue(Pattern.compile(expected).matcher(run.output()).find(), run);
    assertTrue(run.hasEnded());
  }

  @Test
  void aRankThatFailsSaysWhyAndTheOthersNameIt() throws Exception {
    run.startRanks(3, "fail");
    assertNotEquals(0, run.exitCode(MpiRun.LONGEST));
    assertTrue(run.output().contains("rank 1 is broken"), run);
    Pattern news =
        Pattern.compile(
            "assay: rank 1 \\(.*\\) has ended after 3 collective operations,"
                + " and rank [02] waits for it in operation 4");
    assertTrue(news.matcher(run.output()).find(), run);
  }

  @Test
  void aRankThatFailsInARunEndsTheOthersAtTheirWork() throws Exception {
    run.startRanks(3, "fail-at-work");
    assertNotEquals(0, run.exitCode(MpiRun.LONGEST));
    assertTrue(run.output().contains("Exception: rank 1 is broken"), run);
    Pattern news = Pattern.compile("assay: rank 1 \\(.*\\) has failed: rank 1 is broken");
    assertTrue(news.matcher(run.output()).find(), run);
  }

  @Test
  void ranksThatAnotherMpiStartedAreToldSo() throws Exception {
    run.startRanks(1, "promises"); // only to see that there is an MPI
    assertEquals(0, run.exitCode(MpiRun.LONGEST), run);
    run.start(run.javaProgram("promises"), Map.of("PMI_SIZE", "3", "PMI_RANK", "0"));
    assertNotEquals(0, run.exitCode(MpiRun.LONGEST));
    assertTrue(
        run.output()
            .contains("MPI: 3 ranks were started, but the MPI library that was found knows of 1"),
        run);
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
