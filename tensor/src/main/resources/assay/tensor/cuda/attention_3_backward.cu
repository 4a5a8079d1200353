// Attention over segments, version 3: bfloat16 on tensor cores, backward (Dao 2023, algorithm 2; in two passes without
// atomics, as in version 2).
//
// As in the forward, a warp owns WARP_ROWS rows and needs no other: in the first pass queries, in the second keys, for
// which it makes S^T = K Q^T, so that the keys are the rows and P^T and dS^T again lie as left factors must. The rows
// that a block owns stay in shared memory (as fragments they would not fit in the registers beside the sums); those
// that pass by take turns in two stages.
#include "attention_mma.cuh"

// An entry of P and of dS from those of S and dP.
struct Weights {
  float p, dS;

  __device__ Weights(const Attention &attention, float score, float dP, float logSumExp, float delta, bool visible) {
    p = visible ? __expf(score - logSumExp) : 0;
    dS = visible ? p * (dP - delta) * attention.capSlope(score) : 0;
  }
};

constexpr int OWN = RESIDENT * STRIDE, PASSING = STREAMED * STRIDE;  // numbers of a tile

extern "C" __global__ void __launch_bounds__(THREADS, 8 / WARPS)
    queryGradients(const bfloat16 *q, const bfloat16 *k, const bfloat16 *v, const float *logSumExp,
                   const bfloat16 *dOut, const float *deltas, bfloat16 *dq, Attention attention) {
  extern __shared__ __align__(16) bfloat16 shared[];
  bfloat16 *queries = shared, *gradients = queries + OWN;
  const int head = blockIdx.x % attention.numHeads, keyHead = head / attention.groupSize;
  const QueryTile tile = attention.queryTiles[blockIdx.x / attention.numHeads];
  const int *path = attention.pathRows + tile.path, warpRow = threadIdx.x / 32 * WARP_ROWS;

  const auto queryRow = [&](int row) { return attention.query(tile.first + row, head); };
  copyTile<RESIDENT>(queries, q, tile.count, queryRow);
  copyTile<RESIDENT>(gradients, dOut, tile.count, queryRow);
  const auto stage = [&](int start) { return gradients + OWN + start / STREAMED % 2 * (2 * PASSING); };
  const auto copyKeysAndValues = [&](int start) {
    const auto keyRow = [&](int row) { return attention.key(path[start + row], keyHead); };
    if (start < tile.end) {
      copyTile<STREAMED>(stage(start), k, tile.end - start, keyRow);
      copyTile<STREAMED>(stage(start) + PASSING, v, tile.end - start, keyRow);
    }
    commitCopies();
  };
  Sums<HEAD_DIM> sums = {};
  int position[WARP_ROWS / 8];
  float rowLogSumExp[WARP_ROWS / 8], delta[WARP_ROWS / 8];
  UNROLLED(r, WARP_ROWS / 8) {
    const int query = tile.first + min(warpRow + rowOf(r), tile.count - 1);
    position[r] = attention.queryPosition[query];
    rowLogSumExp[r] = logSumExp[attention.statistic(query, head)];
    delta[r] = deltas[attention.statistic(query, head)];
  }
  const int begin = tile.start / STREAMED * STREAMED;
  copyKeysAndValues(begin);
  for (int start = begin; start < tile.end; start += STREAMED) {
    copyKeysAndValues(start + STREAMED);
    awaitCopies<1>();
    __syncthreads();  // every thread's copies of this stage have arrived
    Sums<STREAMED> scores, dP;
    multiplyTransposed(scores, SharedRows{queries + warpRow * STRIDE}, stage(start));
    scaleAndCap(scores, attention);
    multiplyTransposed(dP, SharedRows{gradients + warpRow * STRIDE}, stage(start) + PASSING);
    UNROLLED(r, WARP_ROWS / 8) {
      UNROLLED(c, STREAMED / 4) {
        const bool isVisible = attention.isVisible(position[r], start + columnOf(c));
        dP(r, c) = Weights(attention, scores(r, c), dP(r, c), rowLogSumExp[r], delta[r], isVisible).dS;
      }
    }
    addProduct(sums, Narrowed<STREAMED>{dP}, stage(start));
    __syncthreads();  // every warp is done with this stage
  }
  UNROLLED(r, WARP_ROWS / 8) {
    const int row = warpRow + rowOf(r);
    if (row < tile.count) writeRow(dq + queryRow(row), sums, r, (float)attention.scale);
  }
}

// A block makes PART of the columns of dK and dV: the sums of both for 256 columns would not fit in the registers.
constexpr int KEY_PARTS = (HEAD_DIM + 127) / 128, PART = HEAD_DIM / KEY_PARTS;

extern "C" __global__ void __launch_bounds__(THREADS, 8 / WARPS)
    keyGradients(const bfloat16 *q, const bfloat16 *k, const bfloat16 *v, const float *logSumExp, const bfloat16 *dOut,
                 const float *deltas, bfloat16 *dk, bfloat16 *dv, Attention attention) {
  extern __shared__ __align__(16) bfloat16 shared[];
  __shared__ float columnLogSumExp[2][STREAMED], columnDelta[2][STREAMED];
  __shared__ int position[2][STREAMED];
  bfloat16 *keys = shared, *values = keys + OWN;
  const int part = blockIdx.x % KEY_PARTS * PART, block = blockIdx.x / KEY_PARTS;
  const int keyHead = block % attention.numKeyHeads(), warpRow = threadIdx.x / 32 * WARP_ROWS;
  const KeyTile tile = attention.keyTiles[block / attention.numKeyHeads()];

  const auto keyRow = [&](int row) { return attention.key(tile.first + row, keyHead); };
  QueryWalk<STREAMED> next(attention, tile, keyHead);
  if (!next.isOver()) {
    copyTile<RESIDENT>(keys, k, tile.count, keyRow);
    copyTile<RESIDENT>(values, v, tile.count, keyRow);
  }
  const auto stage = [&](int turn) { return values + OWN + turn * (2 * PASSING); };
  const auto copyQueries = [&](int turn, const QueryWalk<STREAMED> &walk) {
    if (!walk.isOver()) {
      const auto queryRow = [&](int row) { return attention.query(walk.first + row, walk.head); };
      copyTile<STREAMED>(stage(turn), q, walk.count(), queryRow);
      copyTile<STREAMED>(stage(turn) + PASSING, dOut, walk.count(), queryRow);
      for (int i = threadIdx.x; i < STREAMED; i += THREADS) {
        const int query = walk.first + min(i, walk.count() - 1);
        columnLogSumExp[turn][i] = logSumExp[attention.statistic(query, walk.head)];
        columnDelta[turn][i] = deltas[attention.statistic(query, walk.head)];
        position[turn][i] = i < walk.count() ? attention.queryPosition[query] : -1;  // sees nothing
      }
    }
    commitCopies();
  };
  Sums<PART> keySums = {}, valueSums = {};
  copyQueries(0, next);
  for (int turn = 0; !next.isOver(); turn = 1 - turn) {
    next.next();
    copyQueries(1 - turn, next);
    awaitCopies<1>();
    __syncthreads();            // every thread's copies of this stage have arrived
    Sums<STREAMED> scores, dP;  // of the keys, as rows, with the queries, as columns
    multiplyTransposed(scores, SharedRows{keys + warpRow * STRIDE}, stage(turn));
    scaleAndCap(scores, attention);
    multiplyTransposed(dP, SharedRows{values + warpRow * STRIDE}, stage(turn) + PASSING);
    UNROLLED(c, STREAMED / 4) {
      const int column = columnOf(c), queryPosition = position[turn][column];
      UNROLLED(r, WARP_ROWS / 8) {
        const bool isVisible = attention.isVisible(queryPosition, tile.position + warpRow + rowOf(r));
        const Weights entry(attention, scores(r, c), dP(r, c), columnLogSumExp[turn][column], columnDelta[turn][column],
                            isVisible);
        scores(r, c) = entry.p;
        dP(r, c) = entry.dS;
      }
    }
    addProduct(valueSums, Narrowed<STREAMED>{scores}, stage(turn) + PASSING + part);
    addProduct(keySums, Narrowed<STREAMED>{dP}, stage(turn) + part);
    __syncthreads();  // every warp is done with this stage
  }
  UNROLLED(r, WARP_ROWS / 8) {
    const int row = warpRow + rowOf(r);
    if (row < tile.count) {
      writeRow(dk + keyRow(row) + part, keySums, r, (float)attention.scale);
      writeRow(dv + keyRow(row) + part, valueSums, r, 1);
    }
  }
}
