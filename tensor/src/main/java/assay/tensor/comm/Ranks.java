package assay.tensor.comm;

import assay.tensor.Device;

/** Where a program gets its {@link Communicator} from. */
public final class Ranks {
  private Ranks() {}

  /**
   * Joins the ranks that were started together with this process by {@code mpirun} or {@code srun}:
   * by MPI if the device is a CPU, by NCCL if it is a GPU. A process that was started alone is the
   * only rank of a run of one.
   *
   * <p>From then on, when a rank dies or hangs, all others end within ten seconds, with a message
   * that names it and exit code 1.
   *
   * @throws assay.tensor.InvalidInputException if a library is missing, or not the one that started
   *     the ranks
   */
  public static Communicator join(Device device) {
    if (!Mpi.isLaunched()) {
      return alone();
    }
    return Nccl.joins(device) ? Nccl.join(device) : Mpi.join(device);
  }

  /**
   * Runs a body as one of the ranks that {@link #join} joins. When it fails on one rank, all others
   * end at once; with {@link #join} alone they learn of it in their next operation.
   *
   * @throws Exception what the body throws
   */
  public static void run(Device device, LocalRanks.Body body) throws Exception {
    Communicator ranks = join(device);
    try {
      body.run(ranks);
    } catch (Throwable failure) {
      if (ranks instanceof WatchedRanks watched) {
        watched.fail(failure);
      }
      throw failure;
    }
    ranks.close();
  }

  /** The only rank of a run of one. */
  public static Communicator alone() {
    return LocalRanks.alone();
  }

  /**
   * One rank of several, without the others: its operations do nothing, and take the memory that
   * those of {@link #join} take.
   *
   * @param device {@link Device#planning}
   */
  public static Communicator planned(int rank, int size, Device device) {
    return PlannedRanks.process(rank, size, device);
  }

  /** As {@link #planned}, of {@link LocalRanks}, whose operations take no memory. */
  public static Communicator plannedLocal(int rank, int size) {
    return PlannedRanks.thread(rank, size);
  }
}
