package assay.tensor.cuda;

import assay.tensor.AttentionConfig;
import assay.tensor.DType;
import java.util.ArrayList;
import java.util.List;

/**
 * How a version of attention is compiled and launched.
 *
 * @param version the number in the file's name
 * @param tileRows queries, or keys, that a block owns
 * @param threadsX of a block
 * @param threadsY of a block
 * @param sharedBytes of a block, beyond what the kernels declare
 * @param keyParts blocks that share the columns of a tile of keys
 */
record AttentionPlan(
    int version,
    String file,
    List<String> macros,
    int tileRows,
    int threadsX,
    int threadsY,
    long sharedBytes,
    int keyParts) {

  private static final int LARGEST_HEAD_DIM = 256;

  /** Columns of a head for which a block of version 3 can keep the sums of dK and dV. */
  private static final int KEY_COLUMNS = 128;

  private static final int WARPS = 4; // of a block of version 3

  /** At most, of shared memory that kernels declare beside the tiles. */
  private static final int DECLARED_BYTES = 2048;

  enum Pass {
    FORWARD,
    BACKWARD
  }

  /**
   * The newest version that can do it.
   *
   * @param newest the newest that is wanted
   * @param maxSharedBytes that a block of this GPU can have
   */
  static AttentionPlan of(
      Pass pass, AttentionConfig config, DType dtype, int newest, int maxSharedBytes) {
    int headDim = config.headDim();
    if (headDim > LARGEST_HEAD_DIM) {
      throw new IllegalArgumentException(
          "attention: heads of %d columns; at most %d on a GPU"
              .formatted(headDim, LARGEST_HEAD_DIM));
    }
    List<AttentionPlan> plans = new ArrayList<>();
    if (dtype == DType.BF16 && headDim % (headDim > KEY_COLUMNS ? 32 : 16) == 0) {
      plans.add(tensorCores(pass, headDim));
    }
    plans.add(tiles(pass, headDim, dtype));
    plans.removeIf(
        plan -> plan.version > newest || plan.sharedBytes + DECLARED_BYTES > maxSharedBytes);
    return plans.isEmpty() ? naive(dtype) : plans.getFirst();
  }

  private static AttentionPlan naive(DType dtype) {
    List<String> macros = List.of(Kernels.element(dtype));
    return new AttentionPlan(1, "attention_1.cu", macros, 1, 128, 1, 0, 1);
  }

  /** Tiles as large as 99 KB of shared memory allow, which every GPU since Ampere has. */
  private static AttentionPlan tiles(Pass pass, int headDim, DType dtype) {
    long numberBytes = dtype == DType.F64 ? 8 : 4;
    int columns = Math.ceilDiv(headDim, 16) * 16;
    int rows = columns * numberBytes <= 512 ? 64 : columns * numberBytes <= 1024 ? 32 : 16;
    if (pass == Pass.BACKWARD) {
      rows = Math.max(16, rows / 2);
    }
    long numbers =
        pass == Pass.FORWARD
            ? 2L * rows * (columns + 1) + (long) rows * (rows + 1)
            : 4L * rows * (columns + 1) + 2L * rows * (rows + 1);
    return new AttentionPlan(
        2,
        pass == Pass.FORWARD ? "attention_2.cu" : "attention_2_backward.cu",
        List.of(Kernels.element(dtype), "HEAD_DIM=" + headDim, "TILE=" + rows),
        rows,
        16,
        16,
        numbers * numberBytes,
        1);
  }

  /**
   * Tiles as large as 255 registers for each thread allow, and shared memory for two blocks at a
   * time on a multiprocessor that has 228 KB.
   */
  private static AttentionPlan tensorCores(Pass pass, int headDim) {
    boolean isForward = pass == Pass.FORWARD;
    int warpRows = isForward && headDim <= 64 ? 32 : 16;
    int streamed = headDim > KEY_COLUMNS ? 16 : isForward || headDim <= 64 ? 64 : 32;
    int residentRows = WARPS * warpRows;
    int sharedRows = 4 * streamed + (isForward ? 0 : 2 * residentRows);
    return new AttentionPlan(
        3,
        isForward ? "attention_3.cu" : "attention_3_backward.cu",
        List.of(
            Kernels.element(DType.BF16),
            "HEAD_DIM=" + headDim,
            "WARPS=" + WARPS,
            "WARP_ROWS=" + warpRows,
            "STREAMED=" + streamed),
        residentRows,
        32 * WARPS,
        1,
        2L * sharedRows * (headDim + 8),
        isForward ? 1 : Math.ceilDiv(headDim, KEY_COLUMNS));
  }
}
