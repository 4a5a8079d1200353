package assay.train.parallel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import assay.nn.Parameter;
import assay.nn.ParameterStore;
import assay.nn.Placement;
import assay.tensor.DType;
import assay.tensor.Device;
import assay.tensor.Shape;
import assay.tensor.Tensor;
import assay.tensor.TensorArena;
import assay.tensor.comm.Communicator;
import assay.tensor.comm.LocalRanks;
import assay.tensor.comm.Ranks;
import assay.train.parallel.ParallelPlan.Reduction;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What travels between ranks, by itself. */
class ParallelPlanTest {
  private static final int DIM = 3;

  /** What each rank does with its plan, store and arena. */
  private interface RankBody {
    void run(ParallelPlan plan, ParameterStore store, TensorArena arena);
  }

  private static void onRanks(int size, int stage, RankBody body) {
    onRanks(size, stage, Reduction.FIXED, body);
  }

  private static void onRanks(int size, int stage, Reduction reduction, RankBody body) {
    LocalRanks.run(
        size,
        (Communicator ranks) -> {
          try (Device device = Device.cpu(1);
              ParallelPlan plan = ParallelPlan.of(stage, ranks, reduction);
              ParameterStore store = new ParameterStore(device, DType.F32, true, plan);
              TensorArena arena = TensorArena.open(device, "test")) {
            body.run(plan, store, arena);
          }
        });
  }

  private static Tensor random(TensorArena arena, long seed, int... dims) {
    Tensor x = arena.empty(DType.F32, dims);
    Random random = new Random(seed);
    float[] values = new float[(int) x.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (random.nextGaussian() * Math.pow(10, random.nextInt(9) - 4));
    }
    return x.copyFrom(values);
  }

  @ParameterizedTest
  @CsvSource({"8, 1", "8, 4", "7, 2", "1, 4", "5, 4"})
  void everyRowIsUpdatedByOneRank(int rows, int size) {
    int[] updates = new int[rows];
    onRanks(
        size,
        3,
        (plan, store, arena) -> {
          Placement.Rows own = plan.ownRows(Shape.of(rows, DIM));
          assertEquals(own.capacity() * size, own.padded());
          synchronized (updates) {
            IntStream.range(own.from(), own.to()).forEach(row -> updates[row]++);
          }
        });
    for (int row = 0; row < rows; row++) {
      assertEquals(1, updates[row], "row " + row);
    }
  }

  /** Against a plain loop over the parts in their order. */
  @ParameterizedTest
  @CsvSource({"1, 0", "2, 0", "4, 0", "2, 1", "4, 2", "4, 3", "3, 2"})
  void gradientsAreAddedInTheOrderOfTheParts(int size, int stage) {
    int rows = 7;
    int parts = 12;
    onRanks(
        size,
        stage,
        (plan, store, arena) -> {
          Parameter weight = store.create("weight", rows, DIM);
          float[] expected = new float[rows * DIM];
          for (int part = 0; part < parts; part++) {
            Tensor gradient = random(arena, part, rows, DIM);
            float[] values = gradient.toFloats();
            for (int i = 0; i < values.length; i++) {
              expected[i] += values[i];
            }
            if (part % size == plan.ranks().rank()) {
              weight.sink().accept(gradient, arena);
              plan.endPart();
            }
          }
          plan.endBatch(store.all());
          assertArrayEquals(own(weight, expected), weight.gradients().own().toFloats());
        });
  }

  private static float[] own(Parameter parameter, float[] whole) {
    int from = parameter.ownRows().from() * DIM;
    int to = parameter.ownRows().to() * DIM;
    float[] own = new float[to - from];
    System.arraycopy(whole, from, own, 0, own.length);
    return own;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void theNaiveReductionGivesTheSameBits(int size) {
    onRanks(
        size,
        2,
        (plan, store, arena) -> {
          Parameter real = store.create("real", 7, DIM);
          Parameter naive = store.create("naive", 7, DIM);
          for (int round = 0; round < 3; round++) {
            long seed = 10L * round + plan.ranks().rank();
            plan.reduction().addNaively(naive, random(arena, seed, 7, DIM));
            real.sink().accept(random(arena, seed, 7, DIM), arena);
          }
          plan.endPart();
          assertArrayEquals(naive.gradients().own().toFloats(), real.gradients().own().toFloats());
        });
  }

  /** Few rows of a large table travel by themselves, many with the table. */
  @ParameterizedTest
  @CsvSource({"1, 50, 5", "2, 50, 5", "4, 50, 5", "3, 50, 7", "2, 10, 40", "4, 9, 30"})
  void rowsOfATableAreAddedAsTheWholeTableWouldBe(int size, int tableRows, int tokens) {
    onRanks(
        size,
        2,
        (plan, store, arena) -> {
          Parameter sparse = store.create("sparse", tableRows, DIM);
          Parameter dense = store.create("dense", tableRows, DIM);
          for (int round = 0; round < 3; round++) {
            long seed = 10L * round + plan.ranks().rank();
            int[] ids = new Random(seed).ints(tokens, 0, tableRows).toArray();
            Tensor rows = arena.ints(ids);
            Tensor dRows = random(arena, seed, tokens, DIM);
            sparse.sink().acceptRows(rows, dRows);
            Tensor whole = arena.zeros(DType.F32, tableRows, DIM);
            arena.device().backend().scatterAdd(dRows, rows, whole);
            plan.reduction().addNaively(dense, whole);
          }
          assertArrayEquals(
              dense.gradients().own().toFloats(), sparse.gradients().own().toFloats());
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void gatheredWeightsAreTheWholeParameter(int size) {
    onRanks(
        size,
        3,
        (plan, store, arena) -> {
          Parameter weight = store.create("model.layers.0.weight", 7, DIM);
          Tensor whole = random(arena, 1, 7, DIM);
          weight.set(whole);
          assertArrayEquals(whole.toFloats(), weight.toFloat32(arena).toFloats());
          WeightGathering gathering = new WeightGathering(plan);
          assertArrayEquals(whole.toFloats(), release(gathering, gathering.takeNaively(weight)));
          for (int part = 0; part < 3; part++) {
            gathering.beginPart();
            assertArrayEquals(whole.toFloats(), release(gathering, gathering.take(weight)));
            gathering.endPart();
          }
          gathering.close();
        });
  }

  private static float[] release(WeightGathering gathering, Tensor weights) {
    float[] values = weights.toFloats();
    gathering.arena().release(weights);
    return values;
  }

  /** In the second part the next layer is on its way before it is asked for. */
  @Test
  void theLayerAfterIsGatheredAhead() {
    onRanks(
        2,
        3,
        (plan, store, arena) -> {
          Parameter first = store.create("model.layers.0.weight", 8, DIM);
          Parameter second = store.create("model.layers.1.weight", 8, DIM);
          WeightGathering gathering = new WeightGathering(plan);
          long one = 4L * 8 * DIM;
          for (int part = 0; part < 2; part++) {
            gathering.beginPart();
            Tensor weights = gathering.take(first);
            assertEquals(part == 0 ? one : 2 * one, gatheredBytes(arena.device()));
            gathering.arena().release(weights);
            gathering.arena().release(gathering.take(second));
            gathering.endPart();
            assertEquals(0, gatheredBytes(arena.device()));
          }
          gathering.close();
        });
  }

  private static long gatheredBytes(Device device) {
    return device.ledger().byPurpose().get("gathered").current();
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4})
  void theNaiveFormOfStageOneGivesTheOwnRowsTheSameSum(int size) {
    onRanks(
        size,
        1,
        Reduction.FAST,
        (plan, store, arena) -> {
          Parameter real = store.create("real", 7, DIM);
          Parameter naive = store.create("naive", 7, DIM);
          for (Parameter parameter : store.all()) {
            Tensor own = random(arena, plan.ranks().rank(), 7, DIM);
            parameter.sink().target().copyFrom(own.toFloats());
          }
          ((ZeroStage1) plan).addUpNaively(naive.gradients());
          plan.endBatch(List.of(real));
          assertArrayEquals(naive.gradients().own().toFloats(), real.gradients().own().toFloats());
        });
  }

  @Test
  void thereIsNoFourthStage() {
    assertThrows(
        IllegalArgumentException.class, () -> ParallelPlan.of(4, Ranks.alone(), Reduction.FIXED));
  }
}
