package assay.autograd.op;

import assay.autograd.Op;
import assay.autograd.Saved;
import assay.tensor.AttentionConfig;
import assay.tensor.Segments;
import assay.tensor.Shape;
import assay.tensor.Tensor;

/**
 * y = softmax(mask(cap(scale q k^T))) v, head by head, over a forest of segments (Vaswani et al.
 * 2017, eq. 1; without the scores in memory, Dao et al. 2022).
 *
 * <p>q {@code [Q, numHeads * headDim]}, k and v {@code [T, numKeyValueHeads * headDim]}.
 *
 * @param queryRows the row of each query, ascending; null if every row has one
 */
public record Attention(AttentionConfig config, Segments segments, int[] queryRows) implements Op {
  @Override
  public Shape infer(Shape... in) {
    int numQueries = queryRows == null ? segments.numRows() : queryRows.length;
    Shape keys = Shape.of(segments.numRows(), config.numKeyValueHeads() * config.headDim());
    Shape queries = Shape.of(numQueries, config.numHeads() * config.headDim());
    if (!in[0].equals(queries) || !in[1].equals(keys) || !in[2].equals(keys)) {
      throw misfit("queries " + queries + " and keys and values " + keys, in);
    }
    return queries;
  }

  @Override
  public Tensor forward(Saved saved, Tensor... in) {
    Tensor y = saved.output();
    Shape statistics = Shape.of(in[0].numRows(), config.numHeads());
    Tensor logSumExp = saved.empty(in[0].dtype().sum(), statistics);
    saved
        .kernels()
        .attention(config, segments, queryRows, in[0], in[1], in[2], y, logSumExp, saved.scratch());
    saved.keep(in[0], in[1], in[2], y, logSumExp);
    return y;
  }

  /** With P = exp(S - logSumExp): dV = P^T dO, dS = P (dO V^T - rowsum(dO O)), dQ = dS K, ... */
  @Override
  public Tensor[] backward(Saved saved, Tensor dy) {
    Tensor q = saved.get(0);
    Tensor k = saved.get(1);
    Tensor v = saved.get(2);
    Tensor dq = saved.empty(q.shape());
    Tensor dk = saved.empty(k.shape());
    Tensor dv = saved.empty(v.shape());
    saved
        .kernels()
        .attentionBackward(
            config,
            segments,
            queryRows,
            q,
            k,
            v,
            saved.get(3),
            saved.get(4),
            dy,
            dq,
            dk,
            dv,
            saved.scratch());
    return new Tensor[] {dq, dk, dv};
  }
}
