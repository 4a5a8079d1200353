package assay.tensor;

import java.lang.foreign.MemorySegment;

/**
 * What a device must be able to do: fifteen methods, from which the default body of every fused
 * kernel is written. A new device implements these, then overrides {@link FusedKernels} for speed.
 *
 * <p>Kernels write into an output they are given and never allocate device memory. Tensors are
 * contiguous and row-major; every kernel sees them as matrices {@code [rows, columns]}, columns
 * being the last dimension. Inputs and output have one floating dtype unless a method says
 * otherwise. An element-wise output may be one of the inputs. Wrong shapes throw
 * IllegalArgumentException naming the kernel and the shapes.
 *
 * <p>Only GPUs compute in BF16; the CPU casts it. Arithmetic on it is that of F32, and where sums
 * are told to, they may leave F32 ({@link DType#sum}) for BF16 inputs.
 *
 * <p>Sums run in a fixed order: the same input gives the same bytes with any number of threads, and
 * a row's result never depends on the other rows.
 */
public interface Backend {
  /**
   * Device memory, not initialised, aligned to 64 bytes or more; its address.
   *
   * @throws OutOfMemoryError if the device has not so much left; the message says how much it has
   */
  long allocate(long bytes);

  /** Gives back what {@link #allocate} gave. */
  void free(long address, long bytes);

  /** Copies all bytes of a host segment to device memory. */
  void copyIn(MemorySegment from, long to);

  /** Fills a host segment from device memory; waits for the kernels that write there. */
  void copyOut(long from, MemorySegment to);

  /** Sets every element (also of an I32 tensor) to a value. */
  void fill(Tensor out, double value);

  /** Waits until all kernels have run. */
  void synchronize();

  /** {@code out = kind(x)}, element by element. */
  void unary(UnaryKind kind, Tensor x, Tensor out);

  /**
   * {@code out = kind(a, b)}, element by element; {@code a} has the shape of {@code out}.
   *
   * @param b the same shape; or a scalar (one element); or one row {@code [columns]}, used for
   *     every row; or one column {@code [rows, 1]}, used for every column
   */
  void binary(BinaryKind kind, Tensor a, Tensor b, Tensor out);

  /** {@code out = condition != 0 ? a : b}, all of one shape; {@code b} may be a scalar. */
  void where(Tensor condition, Tensor a, Tensor b, Tensor out);

  /** Converts to the dtype of {@code out}; BF16 rounds to nearest even, NaN stays NaN. */
  void cast(Tensor x, Tensor out);

  /**
   * Reduces a matrix. {@code out} may be of {@link DType#sum}.
   *
   * @param dim 1: each row to one value, {@code out} has {@code rows} elements; 0: each column,
   *     {@code out} has {@code columns} elements
   */
  void reduce(ReduceKind kind, Tensor x, int dim, Tensor out);

  /**
   * {@code out = alpha * op(a) op(b) + beta * out}, where op transposes if its flag says so. {@code
   * out} may be of {@link DType#sum}.
   *
   * <p>The sum over K runs in ascending order, whatever M and N are. On the CPU, F32 goes further:
   * each element is one chain {@code sum = fma(alpha * a[i, k], b[k, j], sum)} for k from 0 to K -
   * 1, which starts at 0, or at what out held if beta is 1. So its bits depend on nothing else: not
   * on the other rows and columns, the threads, the instructions used or the tile it falls into.
   *
   * @param a {@code [M, K]}, or {@code [K, M]} if transposed
   * @param b {@code [K, N]}, or {@code [N, K]} if transposed
   * @param beta 0 (what {@code out} held is not read) or 1
   * @param out {@code [M, N]}
   */
  void matmul(
      Tensor a,
      boolean transposeA,
      Tensor b,
      boolean transposeB,
      double alpha,
      double beta,
      Tensor out);

  /** {@code out[i, :] = x[rows[i], :]}; rows is I32. An index out of range is an error. */
  void gather(Tensor x, Tensor rows, Tensor out);

  /**
   * {@code out[rows[i], :] += x[i, :]}, in ascending order of i. {@code out} may be of {@link
   * DType#sum}.
   */
  void scatterAdd(Tensor x, Tensor rows, Tensor out);

  /** Element i depends on the seed and i alone, so the values are the same on every device. */
  void random(RandomKind kind, long seed, Tensor out);
}
