package assay.tensor.comm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import assay.tensor.comm.Promises.Promise;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every {@link Communicator} promises, for one rank and for several. */
abstract class CommunicatorContract {
  /** Runs the body on so many ranks at once, each with a device of its own. */
  abstract void onRanks(int size, Promise body) throws Exception;

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void ranksKnowTheirNumber(int size) throws Exception {
    boolean[] seen = new boolean[size];
    onRanks(
        size,
        (ranks, device, arena) -> {
          assertEquals(size, ranks.size());
          seen[ranks.rank()] = true;
        });
    for (boolean rank : seen) {
      assertEquals(true, rank);
    }
  }

  @TestFactory
  Stream<DynamicTest> everyPromiseIsKept() {
    return Promises.all().entrySet().stream()
        .flatMap(
            promise ->
                List.of(1, 2, 4).stream()
                    .map(
                        size ->
                            dynamicTest(
                                "%s, %d ranks".formatted(promise.getKey(), size),
                                () -> onRanks(size, promise.getValue()))));
  }
}
