// Attention over segments, version 3: bfloat16 on tensor cores, forward (Dao 2023, algorithm 1).
//
// Version 2 multiplies on the ordinary cores and passes P from thread to thread through shared memory. Here the
// products are mma.sync instructions, each 2048 multiplications and additions of a warp (an A100 does 16 times as many
// of them a second as ordinary float ones), and
//
// - a warp owns WARP_ROWS queries with all their keys, so the softmax needs no other warp;
// - P stays in registers: the sums of S = Q K^T lie as the left factor of P V must lie;
// - the next keys and values are on their way (cp.async) while these are in use: two stages, taken in turn;
// - bfloat16 halves the bytes; sums, softmax and logSumExp are float.
#include "attention_mma.cuh"

// The queries of a warp, from memory once and for all: what mma.sync wants of each lane are pairs of neighbours.
struct RegisterRows {
  Fragment at[WARP_ROWS / 16][HEAD_DIM / 16];

  __device__ const Fragment &operator()(int m, int k) const { return at[m][k]; }
  __device__ void load(int r, const bfloat16 *row, bool exists) {
    UNROLLED(c, HEAD_DIM / 8) {
      at[r / 2][c / 2].at[c % 2 * 2 + r % 2] = exists ? *(const unsigned *)(row + columnOf(2 * c)) : 0;
    }
  }
};

// Joined over the four lanes that hold a row.
__device__ float rowMaximum(float value) {
  value = fmaxf(value, __shfl_xor_sync(0xffffffffu, value, 1));
  return fmaxf(value, __shfl_xor_sync(0xffffffffu, value, 2));
}
__device__ float rowSum(float value) {
  value += __shfl_xor_sync(0xffffffffu, value, 1);
  return value + __shfl_xor_sync(0xffffffffu, value, 2);
}

extern "C" __global__ void __launch_bounds__(THREADS, 8 / WARPS)
    forward(const bfloat16 *q, const bfloat16 *k, const bfloat16 *v, bfloat16 *out, float *logSumExp,
            Attention attention) {
  extern __shared__ __align__(16) bfloat16 shared[];
  const int head = blockIdx.x % attention.numHeads, keyHead = head / attention.groupSize;
  const QueryTile tile = attention.queryTiles[blockIdx.x / attention.numHeads];
  const int *path = attention.pathRows + tile.path, warpRow = threadIdx.x / 32 * WARP_ROWS;
  const int firstPosition = attention.queryPosition[tile.first];

  RegisterRows queries;
  Sums<HEAD_DIM> sums = {};
  int position[WARP_ROWS / 8];
  float largest[WARP_ROWS / 8], total[WARP_ROWS / 8];
  UNROLLED(r, WARP_ROWS / 8) {
    const int row = warpRow + rowOf(r), query = tile.first + min(row, tile.count - 1);
    queries.load(r, q + attention.query(query, head), row < tile.count);
    position[r] = attention.queryPosition[query];
    largest[r] = NEGATIVE_INFINITY;
    total[r] = 0;
  }
  // Two stages, each keys and values.
  const auto stage = [&](int start) { return shared + start / STREAMED % 2 * (2 * STREAMED * STRIDE); };
  const auto copyKeysAndValues = [&](int start) {
    const auto keyRow = [&](int row) { return attention.key(path[start + row], keyHead); };
    if (start < tile.end) {
      copyTile<STREAMED>(stage(start), k, tile.end - start, keyRow);
      copyTile<STREAMED>(stage(start) + STREAMED * STRIDE, v, tile.end - start, keyRow);
    }
    commitCopies();  // at the end an empty group, so that there is always one to leave pending
  };
  const int begin = tile.start / STREAMED * STREAMED;
  copyKeysAndValues(begin);
  for (int start = begin; start < tile.end; start += STREAMED) {
    copyKeysAndValues(start + STREAMED);
    awaitCopies<1>();
    __syncthreads();  // every thread's copies of this stage have arrived
    Sums<STREAMED> scores;
    multiplyTransposed(scores, queries, stage(start));
    scaleAndCap(scores, attention);
    // Most tiles lie wholly before the queries and within their windows.
    const bool isWhole = start + STREAMED - 1 <= firstPosition && tile.end - 1 - start < attention.window;
    UNROLLED(r, WARP_ROWS / 8) {
      float newLargest = largest[r];
      UNROLLED(c, STREAMED / 4) {
        if (!isWhole && !attention.isVisible(position[r], start + columnOf(c))) scores(r, c) = NEGATIVE_INFINITY;
        newLargest = fmaxf(newLargest, scores(r, c));
      }
      newLargest = rowMaximum(newLargest);
      const float shift = newLargest == NEGATIVE_INFINITY ? 0 : newLargest;
      const float rescale = __expf(largest[r] - shift);
      largest[r] = newLargest;
      total[r] *= rescale;  // this lane's columns; the four lanes join theirs at the end
      UNROLLED(c, STREAMED / 4) {
        scores(r, c) = __expf(scores(r, c) - shift);
        total[r] += scores(r, c);
      }
      UNROLLED(c, HEAD_DIM / 4) sums(r, c) *= rescale;
    }
    addProduct(sums, Narrowed<STREAMED>{scores}, stage(start) + STREAMED * STRIDE);
    __syncthreads();  // every warp is done with this stage: it may be filled again
  }
  UNROLLED(r, WARP_ROWS / 8) {
    const int row = warpRow + rowOf(r);
    total[r] = rowSum(total[r]);
    if (row < tile.count) {
      writeRow(out + attention.query(tile.first + row, head), sums, r, 1 / total[r]);
      if (lane() % 4 == 0) {
        logSumExp[attention.statistic(tile.first + row, head)] = largest[r] + __logf(total[r]);
      }
    }
  }
}
