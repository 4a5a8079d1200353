package assay.tensor.comm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.tensor.Device;
import assay.tensor.TensorArena;
import assay.tensor.comm.Promises.Promise;
import assay.testing.MpiRun;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ranks on GPUs: threads of this process, which on the emulated GPU may share one. */
@Tag("gpu")
class NcclTest extends CommunicatorContract {
  @Override
  void onRanks(int size, Promise body) throws Exception {
    byte[] id = Nccl.newId();
    try (ExecutorService threads = Executors.newFixedThreadPool(size)) {
      List<Future<?>> done = new ArrayList<>();
      for (int i = 0; i < size; i++) {
        int rank = i;
        done.add(
            threads.submit(
                () -> {
                  try (Device device = Device.open("cuda", 1);
                      TensorArena arena = TensorArena.open(device, "test");
                      Communicator ranks = Nccl.join(device, id, rank, size)) {
                    body.check(ranks, device, arena);
                  }
                }));
      }
      for (Future<?> each : done) {
        each.get(60, TimeUnit.SECONDS);
      }
    }
  }

  /** One process, since ranks of the emulated GPU cannot be several. */
  @Test
  void ranksThatMpiStartedJoinByNccl(@TempDir Path folder) throws Exception {
    try (MpiRun run = new MpiRun(MpiProgram.class, folder.resolve("output"))) {
      run.startRanks(1, "gpu");
      assertEquals(0, run.exitCode(MpiRun.LONGEST), run);
      assertTrue(run.output().contains("rank 0 of 1: sumsRunInTheOrderOfTheRanks"), run);
    }
  }

  @Test
  void aCpuIsNoRankOfNccl() {
    try (Device cpu = Device.cpu(1)) {
      byte[] id = Nccl.newId();
      assertThrows(IllegalArgumentException.class, () -> Nccl.join(cpu, id, 0, 1));
    }
  }
}
