package assay.tensor.comm;

import assay.tensor.DType;
import assay.tensor.Device;
import assay.tensor.Tensor;
import assay.tensor.TensorArena;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.IntUnaryOperator;

/** Bytes and numbers that ranks tell each other by the means of a communicator. */
public final class Messages {
  private Messages() {}

  /**
   * Tells all ranks what rank 0 says.
   *
   * @param ofRank0 at most so many bytes; not looked at on other ranks
   * @return so many bytes, filled up with zeros
   */
  static byte[] broadcast(Communicator ranks, byte[] ofRank0, int numBytes) {
    int[] words = new int[Math.ceilDiv(numBytes, Integer.BYTES)];
    ByteBuffer bytes = ByteBuffer.allocate(words.length * Integer.BYTES);
    if (ranks.rank() == 0) {
      bytes.put(ofRank0).rewind().asIntBuffer().get(words);
    }
    try (Device cpu = Device.cpu(1);
        TensorArena arena = TensorArena.open(cpu, "communication")) {
      Tensor message = arena.ints(words);
      ranks.broadcast(message, 0).await();
      bytes.rewind().asIntBuffer().put(message.toInts());
    }
    return Arrays.copyOf(bytes.array(), numBytes);
  }

  /** What each rank says. */
  static int[] gather(Communicator ranks, int ofThisRank) {
    try (Device cpu = Device.cpu(1);
        TensorArena arena = TensorArena.open(cpu, "communication")) {
      Tensor all = arena.empty(DType.I32, ranks.size());
      ranks.allGather(arena.ints(ofThisRank), all).await();
      return all.toInts();
    }
  }

  /**
   * Tells all ranks all rows of numbers, of which each rank knows some, and no two the same.
   *
   * @param known null where another rank knows
   * @param length of a row, on all ranks
   */
  public static double[][] union(
      Communicator ranks, Device device, double[][] known, IntUnaryOperator length) {
    int[] ends = new int[known.length];
    int size = 0;
    for (int i = 0; i < ends.length; i++) {
      size += length.applyAsInt(i);
      ends[i] = size;
    }
    double[] flat = new double[size]; // 0 where another rank knows
    for (int i = 0; i < ends.length; i++) {
      if (known[i] != null) {
        System.arraycopy(known[i], 0, flat, ends[i] - known[i].length, known[i].length);
      }
    }
    try (TensorArena scratch = TensorArena.open(device, "communication")) {
      Tensor all = scratch.empty(DType.F64, size).copyFrom(flat);
      ranks.allReduce(all).await();
      flat = all.toDoubles();
    }
    double[][] rows = new double[ends.length][];
    for (int i = 0; i < ends.length; i++) {
      rows[i] = Arrays.copyOfRange(flat, ends[i] - length.applyAsInt(i), ends[i]);
    }
    return rows;
  }
}
