package assay.tensor.comm;

import assay.tensor.Device;
import assay.tensor.InvalidInputException;
import java.util.Map;
import java.util.stream.Stream;

/** Ranks that are processes, on one host or many, joined by Open MPI. */
public final class Mpi {
  private static boolean joined;

  private Mpi() {}

  /** True in a process that {@code mpirun} or {@code srun} started as one of several ranks. */
  public static boolean isLaunched() {
    return isLaunched(System.getenv());
  }

  /** Open MPI's mpirun; srun, which sets some of these for a lone process, too; MPICH's mpirun. */
  static boolean isLaunched(Map<String, String> environment) {
    boolean process = environment.containsKey("PMIX_RANK") || environment.containsKey("PMI_RANK");
    return (process && number(environment, "SLURM_NTASKS") > 1)
        || environment.containsKey("OMPI_COMM_WORLD_SIZE")
        || environment.containsKey("PMI_SIZE");
  }

  /** How many ranks the launcher started. */
  static int launchedSize(Map<String, String> environment) {
    return Stream.of("OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_NTASKS")
        .mapToInt(name -> number(environment, name))
        .filter(size -> size > 0)
        .findFirst()
        .orElse(1);
  }

  /** This rank's number among those on the same host, from 0: for choosing a GPU. */
  public static int localRank() {
    return localRank(System.getenv());
  }

  static int localRank(Map<String, String> environment) {
    return Stream.of("OMPI_COMM_WORLD_LOCAL_RANK", "SLURM_LOCALID", "MPI_LOCALRANKID")
        .filter(environment::containsKey)
        .mapToInt(name -> number(environment, name))
        .findFirst()
        .orElse(0);
  }

  private static int number(Map<String, String> environment, String name) {
    String text = environment.getOrDefault(name, "0");
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new InvalidInputException(
          "environment: expected a number as %s, found '%s'".formatted(name, text), e);
    }
  }

  /**
   * Joins the other ranks, and returns when all have joined; once in a process. Operations go on in
   * the background. The ranks watch each other: see {@link Ranks#join}.
   *
   * @param device a CPU, whose tensors the operations take
   * @throws InvalidInputException if there is no libmpi, or it is not the one that started the
   *     ranks
   */
  public static Communicator join(Device device) {
    Communicator ranks = joinUnwatched(device);
    return new WatchedRanks(ranks, Watchdog.join(ranks), ranks::close);
  }

  static Communicator joinUnwatched(Device device) {
    return QueuedRanks.start(() -> new MpiRank(init(), device));
  }

  /** By the thread that will make all calls. */
  static synchronized MpiLibrary init() {
    if (joined) {
      throw new IllegalStateException("a process can join MPI's ranks once");
    }
    MpiLibrary library = MpiLibrary.load();
    library.init();
    joined = true;
    int launched = launchedSize(System.getenv());
    if (library.size() != launched) {
      int size = library.size();
      library.finish();
      throw new InvalidInputException(
          """
          MPI: %d ranks were started, but the MPI library that was found knows of %d, so another MPI \
          started them. Use the mpirun that belongs to the library (with srun: --mpi=pmix), or name \
          its library with -D%s=<path>"""
              .formatted(launched, size, MpiLibrary.PROPERTY));
    }
    return library;
  }
}
