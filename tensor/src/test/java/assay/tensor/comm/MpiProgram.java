package assay.tensor.comm;

import assay.tensor.DType;
import assay.tensor.Device;
import assay.tensor.Tensor;
import assay.tensor.TensorArena;

/** What {@link MpiTest} starts several times with mpirun; the first argument says what to do. */
final class MpiProgram {
  private MpiProgram() {}

  public static void main(String[] arguments) throws Exception {
    String name = arguments[0].equals("gpu") ? "cuda:" + Mpi.localRank() : "cpu";
    try (Device device = Device.open(name, 1)) {
      switch (arguments[0]) {
        case "promises", "gpu" -> keepPromises(device);
        case "short-messages" -> keepPromisesInShortMessages(device);
        case "wait" -> waitForRank(Integer.parseInt(arguments[1]), device);
        case "fail" -> fail(device);
        case "fail-at-work" -> failAtWork(device);
        case "plan" -> compareWithPlan(device);
        default -> throw new IllegalArgumentException(arguments[0]);
      }
    }
  }

  private static void keepPromises(Device device) {
    try (Communicator ranks = Ranks.join(device)) {
      check(ranks, device);
    }
  }

  /** Of at most 16 bytes, so that everything takes many. */
  private static void keepPromisesInShortMessages(Device device) {
    try (Communicator ranks = QueuedRanks.start(() -> new MpiRank(Mpi.init(), device, 16))) {
      check(ranks, device);
    }
  }

  private static void check(Communicator ranks, Device device) {
    Promises.all()
        .forEach(
            (name, promise) -> {
              try (TensorArena arena = TensorArena.open(device, "test")) {
                promise.check(ranks, device, arena);
              }
              System.out.println(
                  "rank %d of %d: %s".formatted(ranks.rank(), ranks.size(), name)); // in one piece
            });
  }

  /** All ranks wait in MPI for one, which says its process id and then sleeps. */
  private static void waitForRank(int late, Device device) throws InterruptedException {
    try (Communicator ranks = Ranks.join(device)) {
      ranks.barrier();
      if (ranks.rank() == late) {
        System.out.println("process " + ProcessHandle.current().pid());
        Thread.sleep(60_000);
      }
      ranks.barrier();
    }
  }

  /** Rank 1 fails while all others go on. */
  private static void fail(Device device) {
    try (TensorArena arena = TensorArena.open(device, "test");
        Communicator ranks = Ranks.join(device)) {
      Tensor x = arena.zeros(DType.F32, 3);
      for (int i = 0; i < 4; i++) {
        if (ranks.rank() == 1 && i == 3) {
          throw new IllegalStateException("rank 1 is broken");
        }
        ranks.allReduce(x).await();
      }
    }
  }

  /** Rank 1 fails while all others compute. */
  private static void failAtWork(Device device) throws Exception {
    Ranks.run(
        device,
        ranks -> {
          if (ranks.rank() == 1) {
            throw new IllegalStateException("rank 1 is broken");
          }
          Thread.sleep(60_000);
        });
  }

  /** Prints the memory that communication takes, and what was planned for it. */
  private static void compareWithPlan(Device device) {
    try (Communicator ranks = Ranks.join(device);
        Device plan = Device.planning();
        Communicator planned = Ranks.planned(ranks.rank(), ranks.size(), plan)) {
      System.out.println(
          "%d bytes, planned for rank %d: %d"
              .formatted(device.ledger().current(), planned.rank(), plan.ledger().current()));
    }
  }
}
