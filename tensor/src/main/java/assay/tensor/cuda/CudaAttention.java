package assay.tensor.cuda;

import assay.tensor.AttentionConfig;
import assay.tensor.Backend;
import assay.tensor.DType;
import assay.tensor.Segments;
import assay.tensor.Tensor;
import assay.tensor.TensorArena;
import assay.tensor.cuda.AttentionPlan.Pass;
import assay.tensor.cuda.Kernels.Grid;
import assay.tensor.kernel.Checks;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Attention on a GPU, by the newest of three versions that can do it: {@code attention_1.cu} is the
 * one to begin with, {@code attention_2.cu} takes every type and head, {@code attention_3.cu}
 * bfloat16 with heads of a multiple of 16 columns.
 */
final class CudaAttention implements AutoCloseable {
  /** A property that names the newest version to be used. */
  static final String VERSION_PROPERTY = "assay.cuda.attention";

  private static final int NEWEST = 3;

  private final Backend backend;
  private final Kernels kernels;
  private final AttentionIndexes indexes;
  private final int newest;

  private CudaAttention(Backend backend, Kernels kernels, int newest) {
    this.backend = backend;
    this.kernels = kernels;
    this.indexes = new AttentionIndexes(backend);
    this.newest = newest;
  }

  static CudaAttention newest(Backend backend, Kernels kernels) {
    return new CudaAttention(backend, kernels, Integer.getInteger(VERSION_PROPERTY, NEWEST));
  }

  /** Attention by this version or older ones, to compare them; to be closed for itself. */
  CudaAttention upTo(int version) {
    return new CudaAttention(backend, kernels, version);
  }

  /** How this GPU does it. */
  AttentionPlan plan(Pass pass, AttentionConfig config, DType dtype) {
    return AttentionPlan.of(pass, config, dtype, newest, kernels.maxSharedBytes());
  }

  /** One call at a time: the next may replace the index. */
  synchronized void forward(
      AttentionConfig config,
      Segments segments,
      int[] queryRows,
      Tensor q,
      Tensor k,
      Tensor v,
      Tensor out,
      Tensor logSumExp) {
    Checks.attention(
        config, segments, queryRows, logSumExp, new Tensor[] {q, out}, new Tensor[] {k, v});
    AttentionPlan plan = plan(Pass.FORWARD, config, q.dtype());
    if (q.size() == 0) {
      return;
    }
    AttentionIndexes.Entry index = indexes.get(config, segments, queryRows, plan.tileRows());
    launch(
        plan,
        "forward",
        index.numQueryTiles() * config.numHeads(),
        q.address(),
        k.address(),
        v.address(),
        out.address(),
        logSumExp.address(),
        struct(config, index));
  }

  synchronized void backward(
      AttentionConfig config,
      Segments segments,
      int[] queryRows,
      Tensor q,
      Tensor k,
      Tensor v,
      Tensor out,
      Tensor logSumExp,
      Tensor dOut,
      Tensor dq,
      Tensor dk,
      Tensor dv,
      TensorArena scratch) {
    Checks.attention(
        config,
        segments,
        queryRows,
        logSumExp,
        new Tensor[] {q, out, dOut, dq},
        new Tensor[] {k, v, dk, dv});
    AttentionPlan plan = plan(Pass.BACKWARD, config, q.dtype());
    if (k.size() == 0) {
      return;
    }
    AttentionIndexes.Entry index = indexes.get(config, segments, queryRows, plan.tileRows());
    byte[] struct = struct(config, index);
    Tensor deltas = scratch.empty(logSumExp.dtype(), logSumExp.shape());
    if (q.size() > 0) {
      deltas(config, out, dOut, deltas);
      launch(
          plan,
          "queryGradients",
          index.numQueryTiles() * config.numHeads(),
          q.address(),
          k.address(),
          v.address(),
          logSumExp.address(),
          dOut.address(),
          deltas.address(),
          dq.address(),
          struct);
    }
    launch(
        plan,
        "keyGradients",
        index.numKeyTiles() * config.numKeyValueHeads() * plan.keyParts(),
        q.address(),
        k.address(),
        v.address(),
        logSumExp.address(),
        dOut.address(),
        deltas.address(),
        dk.address(),
        dv.address(),
        struct);
  }

  /** A warp for each query and head. */
  private void deltas(AttentionConfig config, Tensor out, Tensor dOut, Tensor deltas) {
    int warps = 8; // of a block
    kernels.launch(
        "attention_deltas.cu",
        out.dtype(),
        "deltas",
        new Grid(Math.toIntExact(Math.ceilDiv(deltas.size(), warps)), 1, 32, warps),
        out.address(),
        dOut.address(),
        deltas.address(),
        config.headDim(),
        deltas.size());
  }

  private void launch(AttentionPlan plan, String kernel, int blocks, Object... arguments) {
    Grid grid =
        new Grid(blocks, 1, plan.threadsX(), plan.threadsY(), Math.toIntExact(plan.sharedBytes()));
    kernels.launch(plan.file(), plan.macros(), kernel, grid, arguments);
  }

  /** The struct Attention of {@code attention.cuh}. */
  private static byte[] struct(AttentionConfig config, AttentionIndexes.Entry index) {
    boolean isCapped = config.softCap() > 0;
    ByteBuffer struct = ByteBuffer.allocate(80).order(ByteOrder.LITTLE_ENDIAN);
    for (long address : index.addresses()) {
      struct.putLong(address);
    }
    return struct
        .putDouble(config.scale())
        .putDouble(isCapped ? config.softCap() : 0)
        .putDouble(isCapped ? 1 / config.softCap() : 0)
        .putInt(config.numHeads())
        .putInt(config.groupSize())
        .putInt(config.headDim())
        .putInt(config.window() > 0 ? config.window() : Integer.MAX_VALUE)
        .array();
  }

  @Override
  public void close() {
    indexes.close();
  }
}
