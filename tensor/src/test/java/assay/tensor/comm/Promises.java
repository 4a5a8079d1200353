package assay.tensor.comm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.tensor.DType;
import assay.tensor.Device;
import assay.tensor.Tensor;
import assay.tensor.TensorArena;
import assay.tensor.comm.Communicator.Pending;
import java.util.LinkedHashMap;
import java.util.Map;

/** What every {@link Communicator} promises: the same for threads, processes and GPUs. */
final class Promises {
  private static final int PART = 5;

  /** What each rank does to see whether a promise is kept. */
  interface Promise {
    void check(Communicator ranks, Device device, TensorArena arena);
  }

  private Promises() {}

  /** All promises by name. */
  static Map<String, Promise> all() {
    Map<String, Promise> all = new LinkedHashMap<>();
    all.put("allReduceAddsUp", Promises::allReduceAddsUp);
    all.put("allDTypesThatCountAreAddedUp", Promises::allDTypesThatCountAreAddedUp);
    all.put(
        "reduceScatterAddsEachRanksShareOfTheSum",
        Promises::reduceScatterAddsEachRanksShareOfTheSum);
    all.put("whatWasInThePartStaysInTheSum", Promises::whatWasInThePartStaysInTheSum);
    all.put("sumsRunInTheOrderOfTheRanks", Promises::sumsRunInTheOrderOfTheRanks);
    all.put("longTensorsGoInPieces", Promises::longTensorsGoInPieces);
    all.put("allGatherPutsThePartsInTheRanksOrder", Promises::allGatherPutsThePartsInTheRanksOrder);
    all.put("aPartMayBeInItsPlaceInTheWhole", Promises::aPartMayBeInItsPlaceInTheWhole);
    all.put("broadcastGivesAllTheRootsTensor", Promises::broadcastGivesAllTheRootsTensor);
    all.put("everyDTypeIsMovedBitByBit", Promises::everyDTypeIsMovedBitByBit);
    all.put("severalMayBeUnderWay", Promises::severalMayBeUnderWay);
    all.put("emptyTensorsAreFine", Promises::emptyTensorsAreFine);
    all.put("partsThatDoNotMakeTheWholeAreRefused", Promises::partsThatDoNotMakeTheWholeAreRefused);
    return all;
  }

  /** Element i of rank r: different everywhere, and exact in every sum. */
  private static float[] values(int rank, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = 100 * rank + i;
    }
    return values;
  }

  private static float[] sums(int size, int start, int count) {
    float[] sums = new float[count];
    for (int rank = 0; rank < size; rank++) {
      float[] of = values(rank, start + count);
      for (int i = 0; i < count; i++) {
        sums[i] += of[start + i];
      }
    }
    return sums;
  }

  private static void allReduceAddsUp(Communicator ranks, Device device, TensorArena arena) {
    Tensor x = arena.empty(DType.F32, PART).copyFrom(values(ranks.rank(), PART));
    ranks.allReduce(x).await();
    assertArrayEquals(sums(ranks.size(), 0, PART), x.toFloats());
  }

  private static void allDTypesThatCountAreAddedUp(
      Communicator ranks, Device device, TensorArena arena) {
    int size = ranks.size();
    double twoTo40 = 1L << 40; // beyond what F32 tells from its neighbours
    Tensor doubles = arena.empty(DType.F64, 1).copyFrom(twoTo40 + ranks.rank());
    ranks.allReduce(doubles).await();
    int sumOfRanks = size * (size - 1) / 2;
    assertEquals(size * twoTo40 + sumOfRanks, doubles.toDoubles()[0]);
    Tensor ints = arena.ints((1 << 26) + ranks.rank());
    ranks.allReduce(ints).await();
    assertEquals(size * (1 << 26) + sumOfRanks, ints.toInts()[0]);
  }

  private static void reduceScatterAddsEachRanksShareOfTheSum(
      Communicator ranks, Device device, TensorArena arena) {
    int size = ranks.size();
    Tensor whole = arena.empty(DType.F32, size * PART).copyFrom(values(ranks.rank(), size * PART));
    Tensor part = arena.zeros(DType.F32, PART);
    ranks.reduceScatter(whole, part).await();
    assertArrayEquals(sums(size, ranks.rank() * PART, PART), part.toFloats());
    assertArrayEquals(values(ranks.rank(), size * PART), whole.toFloats());
  }

  private static void whatWasInThePartStaysInTheSum(
      Communicator ranks, Device device, TensorArena arena) {
    int size = ranks.size();
    Tensor whole = arena.empty(DType.F32, size);
    Tensor part = arena.empty(DType.F32, 1).copyFrom(0.5f);
    for (int call = 0; call < 3; call++) {
      device.backend().fill(whole, 1);
      ranks.reduceScatter(whole, part).await();
    }
    assertEquals(0.5f + 3 * size, part.toFloats()[0]);
  }

  /**
   * The terms are 1e8, 1, -1e8, 1 and again, begun by different ranks: ((1e8 + 1) - 1e8) + 1 is 1
   * in F32, while other orders give 0 or 2.
   */
  private static void sumsRunInTheOrderOfTheRanks(
      Communicator ranks, Device device, TensorArena arena) {
    float[] terms = {1e8f, 1, -1e8f, 1};
    int size = ranks.size();
    int length = 7;
    float[] mine = new float[size * length];
    float[][] expected = new float[2][length]; // of all-reduce and of reduce-scatter onto 3
    for (int i = 0; i < mine.length; i++) {
      mine[i] = terms[(ranks.rank() + i) % 4];
    }
    for (int i = 0; i < length; i++) {
      expected[0][i] = terms[i % 4];
      expected[1][i] = 3;
      for (int rank = 0; rank < size; rank++) {
        expected[0][i] += rank == 0 ? 0 : terms[(rank + i) % 4];
        expected[1][i] += terms[(rank + ranks.rank() * length + i) % 4];
      }
    }
    Tensor whole = arena.empty(DType.F32, size * length).copyFrom(mine);
    Tensor part = arena.empty(DType.F32, length).copyFrom(3f, 3, 3, 3, 3, 3, 3);
    ranks.reduceScatter(whole, part).await();
    assertArrayEquals(expected[1], part.toFloats());
    Tensor x = whole.elements(0, length);
    ranks.allReduce(x).await();
    assertArrayEquals(expected[0], x.toFloats());
  }

  /** Longer than what other ranks send at a time, and not a multiple of it. */
  private static void longTensorsGoInPieces(Communicator ranks, Device device, TensorArena arena) {
    int size = ranks.size();
    int length = 600_001;
    Tensor whole = arena.empty(DType.F32, size, length);
    Tensor part = arena.empty(DType.F32, length);
    float[] values = new float[length];
    for (int row = 0; row < size; row++) {
      for (int i = 0; i < length; i++) {
        values[i] = (row + 1) * (i % 1000) + ranks.rank();
      }
      whole.rows(row, row + 1).copyFrom(values);
    }
    device.backend().fill(part, 1);
    ranks.reduceScatter(whole, part).await();
    Tensor gathered = arena.empty(DType.F32, size, length);
    ranks.allGather(part, gathered).await();
    ranks.allReduce(whole).await();
    for (int row = 0; row < size; row++) {
      float[] sums = whole.rows(row, row + 1).toFloats();
      for (int i = 0; i < length; i++) {
        values[i] = size * (row + 1) * (i % 1000) + size * (size - 1) / 2;
      }
      assertArrayEquals(values, sums);
      for (int i = 0; i < length; i++) {
        values[i]++;
      }
      assertArrayEquals(values, gathered.rows(row, row + 1).toFloats());
    }
  }

  private static void allGatherPutsThePartsInTheRanksOrder(
      Communicator ranks, Device device, TensorArena arena) {
    Tensor part = arena.empty(DType.F32, PART).copyFrom(values(ranks.rank(), PART));
    Tensor whole = arena.empty(DType.F32, ranks.size(), PART);
    ranks.allGather(part, whole).await();
    for (int rank = 0; rank < ranks.size(); rank++) {
      assertArrayEquals(values(rank, PART), whole.rows(rank, rank + 1).toFloats());
    }
  }

  private static void aPartMayBeInItsPlaceInTheWhole(
      Communicator ranks, Device device, TensorArena arena) {
    int size = ranks.size();
    Tensor whole = arena.zeros(DType.F32, size, PART);
    Tensor part = whole.rows(ranks.rank(), ranks.rank() + 1);
    part.copyFrom(values(ranks.rank(), PART));
    ranks.allGather(part, whole).await();
    for (int rank = 0; rank < size; rank++) {
      assertArrayEquals(values(rank, PART), whole.rows(rank, rank + 1).toFloats());
    }
  }

  private static void broadcastGivesAllTheRootsTensor(
      Communicator ranks, Device device, TensorArena arena) {
    int root = ranks.size() - 1;
    Tensor x = arena.empty(DType.F32, PART).copyFrom(values(ranks.rank(), PART));
    ranks.broadcast(x, root).await();
    ranks.barrier();
    assertArrayEquals(values(root, PART), x.toFloats());
  }

  private static void everyDTypeIsMovedBitByBit(
      Communicator ranks, Device device, TensorArena arena) {
    for (DType dtype : DType.values()) {
      int[] bits = {0x7f80_0001, 0x8000_0000, 0x1234_5678, ~ranks.rank()}; // NaN, -0 and others
      Tensor words = arena.ints(bits);
      Tensor part = words.bitsAs(dtype);
      Tensor all = arena.ints(new int[bits.length * ranks.size()]);
      ranks.allGather(part, all.bitsAs(dtype)).await();
      for (int rank = 0; rank < ranks.size(); rank++) {
        int last = (rank + 1) * bits.length - 1;
        assertEquals(bits[0], all.toInts()[last - 3]);
        assertEquals(bits[2], all.toInts()[last - 1]);
        assertEquals(~rank, all.toInts()[last]);
      }
      ranks.broadcast(part, ranks.size() - 1).await();
      assertEquals(-ranks.size(), words.toInts()[3]);
    }
  }

  private static void severalMayBeUnderWay(Communicator ranks, Device device, TensorArena arena) {
    Tensor x = arena.empty(DType.F32, PART).copyFrom(values(ranks.rank(), PART));
    Tensor whole = arena.zeros(DType.F32, ranks.size(), PART);
    Pending sum = ranks.allReduce(x);
    Pending gathered = ranks.allGather(x, whole); // of the sums: operations run in order
    gathered.await();
    sum.await();
    for (int rank = 0; rank < ranks.size(); rank++) {
      assertArrayEquals(sums(ranks.size(), 0, PART), whole.rows(rank, rank + 1).toFloats());
    }
  }

  private static void emptyTensorsAreFine(Communicator ranks, Device device, TensorArena arena) {
    Tensor whole = arena.empty(DType.F32, 0, 3);
    Tensor part = arena.empty(DType.F32, 0);
    ranks.allReduce(whole).await();
    ranks.reduceScatter(whole, part).await();
    ranks.allGather(part, whole).await();
    ranks.broadcast(whole, 0).await();
    // Fewer elements than ranks leave some with none to add up.
    Tensor one = arena.empty(DType.F32, 1).copyFrom(1f);
    ranks.allReduce(one).await();
    assertEquals(ranks.size(), one.toFloats()[0]);
  }

  private static void partsThatDoNotMakeTheWholeAreRefused(
      Communicator ranks, Device device, TensorArena arena) {
    Tensor part = arena.zeros(DType.F32, PART);
    Tensor whole = arena.zeros(DType.F32, ranks.size() * PART + 1);
    Tensor doubles = arena.zeros(DType.F64, ranks.size() * PART);
    String message =
        assertThrows(IllegalArgumentException.class, () -> ranks.allGather(part, whole))
            .getMessage();
    assertTrue(message.contains(part.toString()) && message.contains(whole.toString()), message);
    assertThrows(IllegalArgumentException.class, () -> ranks.reduceScatter(whole, part));
    assertThrows(IllegalArgumentException.class, () -> ranks.reduceScatter(doubles, part));
  }
}
