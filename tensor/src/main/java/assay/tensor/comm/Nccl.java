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
