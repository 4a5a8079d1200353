package assay.rm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.rm.recipe.Recipe;
import assay.tensor.Device;
import assay.tensor.comm.Communicator;
import assay.tensor.comm.LocalRanks;
import assay.tensor.comm.Ranks;
import assay.testing.MpiRun;
import assay.train.checkpoint.CheckpointFolder;
import assay.train.checkpoint.CheckpointReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ObjIntConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * One of two processes dies right before its k-th collective call, for some k of every kind: the
 * other ends by itself and names it, no file is half-written, and the run can be gone on with.
 * {@code -Dassay.dead-ranks=phases} takes one of every kind, {@code all} every k of both ranks.
 */
class DeadRankTest {
  private static final String MODEL = "golden/llama";
  private static final String DEATHS = System.getProperty("assay.dead-ranks", "some");
  private static final boolean ALL = DEATHS.equals("all");
  private static final int FEW = 2; // deaths for each stage, of "some"
  private static final int SIZE = 2;

  /** How soon all ranks must have ended after one is dead. */
  private static final Duration LONGEST_LOSS = Duration.ofSeconds(20);

  @TempDir private Path folder;
  private Duration slowest = Duration.ZERO;

  /** Rank {@code rank} dies before its call {@code call}. */
  private record Death(int rank, int call, String phase) {}

  /** One of the ranks, a process of its own. */
  static final class Child {
    private Child() {}

    public static void main(String... arguments) throws Exception {
      Path recipe = Path.of(arguments[0]);
      int dying = Integer.parseInt(arguments[1]);
      int at = Integer.parseInt(arguments[2]);
      try (Device device = Device.cpu(1)) {
        Ranks.run(
            device,
            ranks -> {
              train(
                  Recipe.read(recipe, List.of()),
                  device,
                  ranks,
                  (phase, call) -> {
                    if (ranks.rank() == dying && call == at) {
                      die(ranks.rank(), phase);
                    }
                  });
            });
      }
      System.out.println("this rank is done");
    }

    private static void die(int rank, String phase) {
      long pid = ProcessHandle.current().pid();
      System.out.println("rank %d, process %d, dies before %s".formatted(rank, pid, phase));
      System.out.flush();
      Runtime.getRuntime().halt(1);
    }
  }

  private static void train(
      Recipe recipe, Device device, Communicator ranks, ObjIntConsumer<String> observer) {
    try (TrainingSetup setup = TrainingSetup.of(recipe);
        ObservedRanks observed = new ObservedRanks(ranks, observer)) {
      RewardTraining.run(
          setup,
          device,
          observed,
          RunFolder.Existing.RESUME,
          TrainingListener.silent(),
          () -> false);
    }
  }

  /** Saves and evaluates after every step. */
  private Recipe recipe(String output, int stage) {
    return new TinyRun(folder)
        .recipe(
            MODEL,
            output,
            "training.max_steps=2",
            "training.save_every=1",
            "training.eval_every=1",
            "training.batch_size=2", // a part for each rank
            "data.eval_fraction=0.2",
            "distributed.zero_stage=" + stage);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void whereverARankDiesTheOtherNamesItAndTheRunGoesOn(int stage) throws Exception {
    List<String> phases = phases(stage);
    List<Death> deaths = deaths(phases);
    for (Death death : deaths) {
      try {
        dieAndGoOn(death, stage);
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError("stage " + stage + ", " + death, e);
      }
    }
    System.out.printf(
        "reliability: ZeRO %d, a rank died %d times, in %d of %d phases, before %s of %d calls;"
            + " the other ended within %.1f s%n",
        stage,
        deaths.size(),
        deaths.stream().map(Death::phase).distinct().count(),
        Set.copyOf(phases).size(),
        ALL ? "each" : "some",
        phases.size(),
        slowest.toMillis() * 1e-3);
  }

  private void dieAndGoOn(Death death, int stage) throws Exception {
    String output = "rank-%d-call-%d".formatted(death.rank, death.call);
    Recipe recipe = recipe(output, stage);
    letDie(death, Files.writeString(folder.resolve(output + ".yaml"), recipe.toYaml()));
    assertNothingIsHalfWritten(recipe.output());
    int ranksThatGoOn = 1 + death.call % SIZE;
    TinyRun.trainOnRanks(recipe, ranksThatGoOn, RunFolder.Existing.RESUME, () -> false);
    TinyRun.assertSame(folder.resolve("whole"), recipe.output());
  }

  /** What each call of a rank is for, in a run that nobody disturbs. */
  private List<String> phases(int stage) {
    Recipe recipe = recipe("whole", stage);
    List<List<String>> phases = List.of(new ArrayList<>(), new ArrayList<>());
    LocalRanks.run(
        SIZE,
        ranks -> {
          try (Device device = Device.cpu(1)) {
            List<String> own = phases.get(ranks.rank());
            train(recipe, device, ranks, (phase, call) -> own.add(phase));
          }
        });
    assertEquals(phases.getFirst(), phases.getLast());
    return phases.getFirst();
  }

  /** All, or one in the midst of each of a few phases, of the ranks in turn. */
  private static List<Death> deaths(List<String> phases) {
    List<Death> deaths = new ArrayList<>();
    Map<String, List<Integer>> calls = new LinkedHashMap<>();
    for (int call = 1; call <= phases.size(); call++) {
      String phase = phases.get(call - 1);
      calls.computeIfAbsent(phase, _ -> new ArrayList<>()).add(call);
      for (int rank = 0; rank < (ALL ? SIZE : 0); rank++) {
        deaths.add(new Death(rank, call, phase));
      }
    }
    List<String> distinct = List.copyOf(calls.keySet());
    int numPhases =
        switch (DEATHS) {
          case "all" -> 0;
          case "phases" -> distinct.size();
          default -> FEW;
        };
    for (int i = 0; i < numPhases; i++) {
      String phase = distinct.get((2 * i + 1) * distinct.size() / (2 * numPhases));
      int call = calls.get(phase).get(calls.get(phase).size() / 2);
      deaths.add(new Death(i % SIZE, call, phase));
    }
    return deaths;
  }

  private void letDie(Death death, Path recipe) throws Exception {
    Path output = folder.resolve("printed.txt");
    // Or mpirun would end the other rank, which is to end by itself.
    try (MpiRun run = new MpiRun(Child.class, output, "--enable-recovery")) {
      run.startRanks(SIZE, recipe.toString(), "" + death.rank, "" + death.call);
      String pid = run.awaitOutput(Pattern.compile("process (\\d+), dies before "));
      long start = System.nanoTime();
      run.exitCode(LONGEST_LOSS);
      Duration time = Duration.ofNanos(System.nanoTime() - start);
      slowest = Collections.max(List.of(slowest, time));
      assertTrue(run.output().contains("dies before " + death.phase), run);
      Pattern news =
          Pattern.compile("rank %d \\(host \\S+, pid %s\\) is lost: ".formatted(death.rank, pid));
      Matcher matcher = news.matcher(run.output());
      assertTrue(matcher.find(), run);
      assertFalse(run.output().contains("is done"), run);
    }
  }

  /** Checkpoints are whole or not there, and so is the model. */
  private void assertNothingIsHalfWritten(Path output) throws IOException {
    Path checkpoints = output.resolve("checkpoints");
    if (Files.exists(checkpoints)) {
      CheckpointFolder complete = CheckpointFolder.at(checkpoints);
      try (Stream<Path> files = Files.list(checkpoints)) {
        for (String name : files.map(file -> file.getFileName().toString()).toList()) {
          if (name.startsWith("step-")) {
            try (CheckpointReader reader = complete.open(Long.parseLong(name.substring(5)))) {
              reader.verify();
            }
          }
        }
      }
    }
    if (Files.exists(output.resolve(TinyRun.MODEL))) {
      TinyRun.assertSameModel(
          folder.resolve("whole").resolve(TinyRun.MODEL), output.resolve(TinyRun.MODEL));
    }
  }
}
