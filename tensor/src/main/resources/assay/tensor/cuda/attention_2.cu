// Attention over segments, version 2: tiles, forward (Dao et al. 2022, algorithm 1; with the loops as in Dao 2023).
//
// Version 1 reads every key and value from memory for every query. Here a block takes TILE queries of one segment and
// brings their path's keys and values TILE at a time into shared memory, where each serves all of the queries: for a
// TILE of 64 in F32, 32 operations for each byte in place of a half, so that arithmetic sets the pace and no longer
// memory. As before, the matrix of scores [queries, keys] never exists.
//
// Keys that no query of the tile sees are not visited: on a path they are those after the last query's position and
// those that the window has left behind. The first tile begins at a multiple of TILE on the path, so a query's
// sums are made in the same order, and have the same bits, whatever else is in its batch.
#include "attention_tiles.cuh"

// Joined over the sixteen threads that hold a row.
__device__ A rowMaximum(A value) {
  for (int distance = 8; distance > 0; distance /= 2) {
    const A other = __shfl_xor_sync(0xffffffffu, value, distance);
    value = other != other || other > value ? other : value;
  }
  return value;
}

__device__ A rowSum(A value) {
  for (int distance = 8; distance > 0; distance /= 2) value += __shfl_xor_sync(0xffffffffu, value, distance);
  return value;
}

extern "C" __global__ void __launch_bounds__(256, 2)
    forward(const T *q, const T *k, const T *v, T *out, A *logSumExp, Attention attention) {
  extern __shared__ A shared[];
  A *queries = shared, *keys = queries + TILE * STRIDE, *values = keys, *weights = keys + TILE * STRIDE;
  const int head = blockIdx.x % attention.numHeads, keyHead = head / attention.groupSize;
  const QueryTile tile = attention.queryTiles[blockIdx.x / attention.numHeads];
  const int *path = attention.pathRows + tile.path;
  loadTile(queries, q, tile.count, [&](int row) { return attention.query(tile.first + row, head); });
  int position[PART];
  A largest[PART], total[PART], sums[PART][COLUMNS] = {};
  UNROLLED(i, PART) {
    const int row = threadIdx.y + 16 * i;
    position[i] = row < tile.count ? attention.queryPosition[tile.first + row] : -1;
    largest[i] = NEGATIVE_INFINITY;
    total[i] = 0;
  }
  for (int start = tile.start / TILE * TILE; start < tile.end; start += TILE) {
    const auto keyRow = [&](int row) { return attention.key(path[start + row], keyHead); };
    loadTile(keys, k, tile.end - start, keyRow);
    __syncthreads();
    A scores[PART][PART];
    multiplyTransposed(scores, queries, keys);
    UNROLLED(i, PART) {
      A newLargest = largest[i];
      UNROLLED(j, PART) {
        const bool visible = attention.isVisible(position[i], start + threadIdx.x + 16 * j);
        scores[i][j] = visible ? attention.cap((A)attention.scale * scores[i][j]) : NEGATIVE_INFINITY;
        newLargest = scores[i][j] != scores[i][j] || scores[i][j] > newLargest ? scores[i][j] : newLargest;
      }
      newLargest = rowMaximum(newLargest);
      // The sums so far are of exp(S - largest): from here on, of exp(S - newLargest).
      const A shift = newLargest == NEGATIVE_INFINITY ? (A)0 : newLargest;  // nothing was visible yet
      const A rescale = exp(largest[i] - shift);
      A tileTotal = 0;
      UNROLLED(j, PART) {
        const A weight = exp(scores[i][j] - shift);
        weights[(threadIdx.y + 16 * i) * WEIGHT_STRIDE + threadIdx.x + 16 * j] = weight;
        tileTotal += weight;
      }
      total[i] = total[i] * rescale + rowSum(tileTotal);
      UNROLLED(j, COLUMNS) sums[i][j] *= rescale;
      largest[i] = newLargest;
    }
    __syncthreads();  // the keys have been read: the values take their place
    loadTile(values, v, tile.end - start, keyRow);
    __syncthreads();
    addProduct(sums, weights, values);
    __syncthreads();  // before the next keys and weights
  }
  UNROLLED(i, PART) {
    const int row = threadIdx.y + 16 * i;
    if (row >= tile.count) continue;
    writeRow(out, attention.query(tile.first + row, head), sums[i], 1 / total[i]);
    if (threadIdx.x == 0) logSumExp[attention.statistic(tile.first + row, head)] = largest[i] + log(total[i]);
  }
}
