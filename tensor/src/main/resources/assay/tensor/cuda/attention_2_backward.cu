// Attention over segments, version 2: tiles, backward (Dao et al. 2022, algorithm 4; Dao 2023, algorithm 2).
//
// The matrices of the forward are made again, tile by tile:
//
//     P = exp(S - logSumExp),  dP = dO V^T,  dS = P (dP - delta)
//     dV = P^T dO,  dQ = scale dS K,  dK = scale dS^T Q
//
// A block that owns queries can sum dQ, one that owns keys dK and dV. The papers make all three in one pass over the
// keys and let the blocks add to dQ by atomics, in whatever order they come. Two passes make S and dP twice, seven
// products of tiles in place of five, but every sum has an order of its own: the same input gives the same bits.
#include "attention_tiles.cuh"

// An entry of P and of dS from those of Q K^T and dP.
struct Weights {
  A p, dS;

  __device__ Weights(const Attention &attention, A product, A dP, A logSumExp, A delta, bool visible) {
    const A score = attention.cap((A)attention.scale * product);
    p = visible ? exp(score - logSumExp) : (A)0;
    dS = visible ? p * (dP - delta) * attention.capSlope(score) : (A)0;
  }
};

extern "C" __global__ void __launch_bounds__(256, 2)
    queryGradients(const T *q, const T *k, const T *v, const A *logSumExp, const T *dOut, const A *deltas, T *dq,
                   Attention attention) {
  extern __shared__ A shared[];
  A *queries = shared, *gradients = queries + TILE * STRIDE, *keys = gradients + TILE * STRIDE,
    *values = keys + TILE * STRIDE, *weights = values + TILE * STRIDE;
  const int head = blockIdx.x % attention.numHeads, keyHead = head / attention.groupSize;
  const QueryTile tile = attention.queryTiles[blockIdx.x / attention.numHeads];
  const int *path = attention.pathRows + tile.path;
  const auto queryRow = [&](int row) { return attention.query(tile.first + row, head); };
  loadTile(queries, q, tile.count, queryRow);
  loadTile(gradients, dOut, tile.count, queryRow);
  A sums[PART][COLUMNS] = {};
  for (int start = tile.start / TILE * TILE; start < tile.end; start += TILE) {
    const auto keyRow = [&](int row) { return attention.key(path[start + row], keyHead); };
    loadTile(keys, k, tile.end - start, keyRow);
    loadTile(values, v, tile.end - start, keyRow);
    __syncthreads();
    A products[PART][PART], dP[PART][PART];
    multiplyTransposed(products, queries, keys);
    multiplyTransposed(dP, gradients, values);
    UNROLLED(i, PART) {
      const int row = threadIdx.y + 16 * i, query = tile.first + min(row, tile.count - 1);
      const long long statistic = attention.statistic(query, head);
      UNROLLED(j, PART) {
        const int column = threadIdx.x + 16 * j;
        const bool visible = attention.isVisible(attention.queryPosition[query], start + column);
        weights[row * WEIGHT_STRIDE + column] =
            Weights(attention, products[i][j], dP[i][j], logSumExp[statistic], deltas[statistic], visible).dS;
      }
    }
    __syncthreads();
    addProduct(sums, weights, keys);
    __syncthreads();  // before the next keys, values and weights
  }
  UNROLLED(i, PART) {
    const int row = threadIdx.y + 16 * i;
    if (row < tile.count) writeRow(dq, queryRow(row), sums[i], (A)attention.scale);
  }
}

// The same with the parts exchanged: the keys stay, the queries that see them pass by, and the rows of P^T are keys.
extern "C" __global__ void __launch_bounds__(256, 2)
    keyGradients(const T *q, const T *k, const T *v, const A *logSumExp, const T *dOut, const A *deltas, T *dk, T *dv,
                 Attention attention) {
  extern __shared__ A shared[];
  A *keys = shared, *values = keys + TILE * STRIDE, *queries = values + TILE * STRIDE,
    *gradients = queries + TILE * STRIDE, *probabilities = gradients + TILE * STRIDE,
    *weights = probabilities + TILE * WEIGHT_STRIDE;
  const int keyHead = blockIdx.x % attention.numKeyHeads();
  const KeyTile tile = attention.keyTiles[blockIdx.x / attention.numKeyHeads()];
  const auto keyRow = [&](int row) { return attention.key(tile.first + row, keyHead); };
  loadTile(keys, k, tile.count, keyRow);
  loadTile(values, v, tile.count, keyRow);
  A keySums[PART][COLUMNS] = {}, valueSums[PART][COLUMNS] = {};
  for (QueryWalk<TILE> walk(attention, tile, keyHead); !walk.isOver(); walk.next()) {
    const int count = walk.count();
    const auto queryRow = [&](int row) { return attention.query(walk.first + row, walk.head); };
    loadTile(queries, q, count, queryRow);
    loadTile(gradients, dOut, count, queryRow);
    __syncthreads();
    A products[PART][PART], dP[PART][PART];
    multiplyTransposed(products, keys, queries);
    multiplyTransposed(dP, values, gradients);
    UNROLLED(j, PART) {
      const int column = threadIdx.x + 16 * j, query = walk.first + min(column, count - 1);
      const long long statistic = attention.statistic(query, walk.head);
      UNROLLED(i, PART) {
        const int row = threadIdx.y + 16 * i;
        const bool visible = column < count && attention.isVisible(attention.queryPosition[query], tile.position + row);
        const Weights entry(attention, products[i][j], dP[i][j], logSumExp[statistic], deltas[statistic], visible);
        probabilities[row * WEIGHT_STRIDE + column] = entry.p;
        weights[row * WEIGHT_STRIDE + column] = entry.dS;
      }
    }
    __syncthreads();
    addProduct(valueSums, probabilities, gradients);
    addProduct(keySums, weights, queries);
    __syncthreads();  // before the next queries and weights
  }
  UNROLLED(i, PART) {
    const int row = threadIdx.y + 16 * i;
    if (row >= tile.count) continue;
    writeRow(dk, keyRow(row), keySums[i], (A)attention.scale);
    writeRow(dv, keyRow(row), valueSums[i], 1);
  }
}
