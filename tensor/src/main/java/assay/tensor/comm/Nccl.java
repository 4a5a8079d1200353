package assay.tensor.comm;

import assay.tensor.Device;
import assay.tensor.cuda.NcclRank;

/** Ranks on GPUs, joined by NVIDIA's NCCL. */
public final class Nccl {
  private Nccl() {}

  /**
   * A new run's name, which rank 0 makes and tells all others.
   *
   * @return 128 bytes
   * @throws assay.tensor.InvalidInputException if libnccl.so.2 is missing
   */
  public static byte[] newId() {
    return NcclRank.newId();
  }

  /** True for a device that is a GPU. */
  static boolean joins(Device device) {
    return NcclRank.joins(device);
  }

  /** Joins the ranks that an MPI launcher started: rank 0 tells the others the id by MPI. */
  static Communicator join(Device device) {
    Device cpu = Device.cpu(1);
    Communicator mpi = Mpi.joinUnwatched(cpu);
    Watchdog watchdog = Watchdog.join(mpi);
    byte[] ofRank0 = mpi.rank() == 0 ? newId() : null;
    byte[] id = Messages.broadcast(mpi, ofRank0, NcclRank.ID_BYTES);
    Communicator ranks = new ProfiledRanks(join(device, id, mpi.rank(), mpi.size()));
    return new WatchedRanks(
        ranks,
        watchdog,
        () -> {
          ranks.close();
          mpi.close();
          cpu.close();
        });
  }

  /**
   * Joins a run. Returns when all ranks have joined.
   *
   * @param device a GPU, which no other rank uses
   * @param id from {@link #newId}, the same for all ranks
   */
  public static Communicator join(Device device, byte[] id, int rank, int size) {
    return NcclRank.join(device, id, rank, size);
  }
}
