package assay.tensor.cpu;

import assay.tensor.BinaryKind;
import assay.tensor.UnaryKind;
import java.util.Arrays;

/**
 * Element loops without the Vector API: blocks are copied to arrays, since loops over arrays, and
 * no others, are turned into vector instructions by the compiler itself.
 */
final class PlainElementLoops implements ElementLoops {
  private static final int BLOCK = 1024;

  private interface BlockTask {
    void run(long offset, int size);
  }

  private static void forBlocks(long count, BlockTask task) {
    for (long offset = 0; offset < count; offset += BLOCK) {
      task.run(offset, (int) Math.min(BLOCK, count - offset));
    }
  }

  private static float[] newBlock(long count) {
    return new float[(int) Math.min(BLOCK, count)];
  }

  @Override
  public void fill(float value, long to, long count) {
    float[] x = newBlock(count);
    Arrays.fill(x, value);
    forBlocks(count, (offset, size) -> Memory.write(x, 0, size, to + 4 * offset));
  }

  @Override
  public void unary(UnaryKind kind, long from, long to, long count) {
    float[] x = newBlock(count);
    forBlocks(
        count,
        (offset, size) -> {
          Memory.read(from + 4 * offset, x, 0, size);
          apply(kind, x, size);
          Memory.write(x, 0, size, to + 4 * offset);
        });
  }

  private static void apply(UnaryKind kind, float[] x, int size) {
    switch (kind) {
      case COPY -> {}
      case NEGATE -> {
        for (int i = 0; i < size; i++) {
          x[i] = -x[i];
        }
      }
      case ABSOLUTE -> {
        for (int i = 0; i < size; i++) {
          x[i] = Math.abs(x[i]);
        }
      }
      case SQRT -> {
        for (int i = 0; i < size; i++) {
          x[i] = (float) Math.sqrt(x[i]);
        }
      }
      case RECIPROCAL -> {
        for (int i = 0; i < size; i++) {
          x[i] = 1 / x[i];
        }
      }
      default -> {
        for (int i = 0; i < size; i++) {
          x[i] = FloatMath.apply(kind, x[i]);
        }
      }
    }
  }

  @Override
  public void binary(
      BinaryKind kind, long left, long right, boolean rightIsLine, long to, long count) {
    float[] x = newBlock(count);
    float[] y = newBlock(count);
    if (rightIsLine) {
      Arrays.fill(y, Memory.getFloat(right));
    }
    forBlocks(
        count,
        (offset, size) -> {
          Memory.read(left + 4 * offset, x, 0, size);
          if (!rightIsLine) {
            Memory.read(right + 4 * offset, y, 0, size);
          }
          apply(kind, x, y, size);
          Memory.write(x, 0, size, to + 4 * offset);
        });
  }

  private static void apply(BinaryKind kind, float[] x, float[] y, int size) {
    switch (kind) {
      case ADD -> {
        for (int i = 0; i < size; i++) {
          x[i] += y[i];
        }
      }
      case SUBTRACT -> {
        for (int i = 0; i < size; i++) {
          x[i] -= y[i];
        }
      }
      case MULTIPLY -> {
        for (int i = 0; i < size; i++) {
          x[i] *= y[i];
        }
      }
      case DIVIDE -> {
        for (int i = 0; i < size; i++) {
          x[i] /= y[i];
        }
      }
      case MAXIMUM -> {
        for (int i = 0; i < size; i++) {
          x[i] = Math.max(x[i], y[i]);
        }
      }
      case LESS, LESS_EQUAL, EQUAL -> {
        for (int i = 0; i < size; i++) {
          x[i] = (float) ReferenceBackend.apply(kind, x[i], y[i]);
        }
      }
    }
  }

  @Override
  public void where(
      long condition, long left, long right, boolean rightIsLine, long to, long count) {
    float[] test = newBlock(count);
    float[] x = newBlock(count);
    float[] y = newBlock(count);
    if (rightIsLine) {
      Arrays.fill(y, Memory.getFloat(right));
    }
    forBlocks(
        count,
        (offset, size) -> {
          Memory.read(condition + 4 * offset, test, 0, size);
          Memory.read(left + 4 * offset, x, 0, size);
          if (!rightIsLine) {
            Memory.read(right + 4 * offset, y, 0, size);
          }
          for (int i = 0; i < size; i++) {
            x[i] = test[i] != 0 ? x[i] : y[i];
          }
          Memory.write(x, 0, size, to + 4 * offset);
        });
  }

  @Override
  public void floatToBfloat16(long from, long to, long count) {
    restToBfloat16(from, to, 0, count);
  }

  @Override
  public void bfloat16ToFloat(long from, long to, long count) {
    restToFloat(from, to, 0, count);
  }

  @Override
  public double sum(long from, long count) {
    double[] sums = new double[NUM_SUMS];
    sumRest(sums, from, 0, count);
    return ElementLoops.addHalves(sums);
  }

  @Override
  public float maximum(long from, long count) {
    return maximumOfRest(Float.NEGATIVE_INFINITY, from, 0, count);
  }

  @Override
  public void addTo(double[] sums, long from) {
    addRest(sums, from, 0);
  }

  // What is left from element `first` on; for the vector loops too.

  static void restToBfloat16(long from, long to, long first, long count) {
    for (long i = first; i < count; i++) {
      Memory.setShort(to + 2 * i, Elements.floatToBfloat16(Memory.getFloat(from + 4 * i)));
    }
  }

  static void restToFloat(long from, long to, long first, long count) {
    for (long i = first; i < count; i++) {
      Memory.setFloat(to + 4 * i, Elements.bfloat16ToFloat(Memory.getShort(from + 2 * i)));
    }
  }

  static void sumRest(double[] sums, long from, long first, long count) {
    for (long i = first; i < count; i++) {
      sums[(int) (i % NUM_SUMS)] += Memory.getFloat(from + 4 * i);
    }
  }

  static float maximumOfRest(float largestBefore, long from, long first, long count) {
    float largest = largestBefore;
    for (long i = first; i < count; i++) {
      largest = Math.max(largest, Memory.getFloat(from + 4 * i));
    }
    return largest;
  }

  static void addRest(double[] sums, long from, int first) {
    for (int i = first; i < sums.length; i++) {
      sums[i] += Memory.getFloat(from + 4L * i);
    }
  }
}
