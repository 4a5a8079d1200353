package assay.bench;

import assay.autograd.Tape;
import assay.nn.KeyValueCache;
import assay.nn.generation.LanguageModel;
import assay.tensor.DType;
import assay.tensor.Device;
import assay.tensor.Segments;
import assay.tensor.TensorArena;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * What one more token costs after prefixes of several lengths: with a key-value cache, for one
 * sequence and for eight side by side, and by reading the whole prefix again.
 *
 * <p>Usage: {@code bench/run assay.bench.KeyValueCacheTimes MODEL [LENGTH...]}.
 */
public final class KeyValueCacheTimes {
  private static final int TOKENS = 16;
  private static final int SEQUENCES = 8;

  private KeyValueCacheTimes() {}

  /** Prints a row of medians for each length. */
  public static void main(String... arguments) {
    int[] lengths =
        arguments.length > 1
            ? Arrays.stream(arguments).skip(1).mapToInt(Integer::parseInt).toArray()
            : new int[] {128, 512, 1024, 2048};
    try (Device device = Device.cpu();
        LanguageModel model = LanguageModel.load(Path.of(arguments[0]), device, DType.F32)) {
      System.out.println("prefix | cached, ms | 8 cached, ms for all | read again, ms");
      cached(model, 64, 1); // once unmeasured
      for (int length : lengths) {
        System.out.printf(
            Locale.ROOT,
            "%d | %.1f | %.1f | %.0f%n",
            length,
            cached(model, length, 1),
            cached(model, length, SEQUENCES),
            again(model, length));
      }
    }
  }

  /** Milliseconds of the median step that reads one token of each sequence. */
  private static double cached(LanguageModel model, int length, int numSequences) {
    int[] lengths = new int[numSequences + 1];
    int[] parents = new int[numSequences + 1];
    Arrays.fill(lengths, TOKENS);
    lengths[0] = length;
    parents[0] = Segments.NONE;
    Segments layout = Segments.of(lengths, parents);
    double[] times = new double[TOKENS];
    try (KeyValueCache cache = model.trunk().newCache(layout)) {
      int[] last = {length - 1};
      step(model, cache, IntStream.range(0, length).toArray(), last);
      for (int token = 0; token < TOKENS; token++) {
        int number = token;
        int[] rows =
            IntStream.rangeClosed(1, numSequences).map(s -> layout.start(s) + number).toArray();
        long start = System.nanoTime();
        step(model, cache, rows, rows);
        times[token] = (System.nanoTime() - start) / 1e6;
      }
    }
    return median(times);
  }

  private static void step(LanguageModel model, KeyValueCache cache, int[] rows, int[] readRows) {
    try (TensorArena arena = TensorArena.open(model.device(), "activations")) {
      Tape tape = Tape.inference(arena);
      int[] ids = ids(model, rows.length);
      model
          .logits(model.trunk().forwardCached(tape, ids, cache, rows, readRows))
          .value()
          .toFloats();
    }
  }

  private static double again(LanguageModel model, int length) {
    double[] times = new double[3];
    for (int i = 0; i < times.length; i++) {
      long start = System.nanoTime();
      try (TensorArena arena = TensorArena.open(model.device(), "activations")) {
        Tape tape = Tape.inference(arena);
        Segments one = Segments.sequences(length);
        int[] last = {length - 1};
        int[] ids = ids(model, length);
        model.logits(model.trunk().forward(tape, ids, one, last, false)).value().toFloats();
      }
      times[i] = (System.nanoTime() - start) / 1e6;
    }
    return median(times);
  }

  private static int[] ids(LanguageModel model, int count) {
    int vocab = model.trunk().config().vocabSize();
    return IntStream.range(0, count).map(i -> (i * 37 + 5) % vocab).toArray();
  }

  private static double median(double[] times) {
    Arrays.sort(times);
    return times[times.length / 2];
  }
}
