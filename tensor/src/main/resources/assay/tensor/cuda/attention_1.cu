// Attention over segments, version 1, the naive one: a block for each query and head, or for each key and head (tiles
// of one). Scores are never stored: the softmax goes along the keys in chunks and rescales what it has (Milakov and
// Gimelshein 2018).
//
// Every query reads all its keys and values: for each number one multiplication and one addition, in F32 half an
// operation for each byte. An A100 could do ten in the time that memory takes for the byte.
#include "attention.cuh"
#include "block.cuh"

#define THREADS 128  // and keys, or queries, per chunk
#define MAX_DIM 256  // columns of a head; a thread sums two of them

__device__ A dot(const A *shared, const T *row, int headDim) {
  A sum = 0;
  for (int d = 0; d < headDim; d++) sum += shared[d] * read(row, d);
  return sum;
}

__device__ void load(A *shared, const T *row, int headDim) {
  for (int d = threadIdx.x; d < headDim; d += THREADS) shared[d] = read(row, d);
}

// O = softmax(S) V with S = scale Q K^T
extern "C" __global__ void __launch_bounds__(THREADS)
    forward(const T *q, const T *k, const T *v, T *out, A *logSumExp, Attention attention) {
  __shared__ A query[MAX_DIM], weights[THREADS];
  const int head = blockIdx.x % attention.numHeads, keyHead = head / attention.groupSize, dim = attention.headDim;
  const QueryTile tile = attention.queryTiles[blockIdx.x / attention.numHeads];
  const int *path = attention.pathRows + tile.path;
  const long long at = attention.query(tile.first, head);
  load(query, q + at, dim);
  __syncthreads();
  A largest = NEGATIVE_INFINITY, total = 0, sums[2] = {0, 0};
  for (int chunk = tile.start; chunk < tile.end; chunk += THREADS) {
    const int count = min(THREADS, tile.end - chunk), j = threadIdx.x;
    A score = NEGATIVE_INFINITY;
    if (j < count) {
      score = attention.cap((A)attention.scale * dot(query, k + attention.key(path[chunk + j], keyHead), dim));
    }
    const A newLargest = Maximum::join(largest, joinBlock<Maximum>(score));
    const A rescale = exp(largest - newLargest);
    weights[j] = j < count ? exp(score - newLargest) : (A)0;
    total = total * rescale + joinBlock<Sum>(weights[j]);
    for (int part = 0, d = j; d < dim; part++, d += THREADS) {
      A sum = sums[part] * rescale;
      for (int n = 0; n < count; n++) sum += weights[n] * read(v, attention.key(path[chunk + n], keyHead) + d);
      sums[part] = sum;
    }
    largest = newLargest;  // no weight is written before all have met in the next joinBlock
  }
  for (int part = 0, d = threadIdx.x; d < dim; part++, d += THREADS) write(out, at + d, sums[part] / total);
  if (threadIdx.x == 0) logSumExp[attention.statistic(tile.first, head)] = largest + log(total);
}

// dQ = scale dS K with dS = P (dP - delta), P = exp(S - logSumExp), dP = dO V^T (Dao et al. 2022, algorithm 4)
extern "C" __global__ void __launch_bounds__(THREADS)
    queryGradients(const T *q, const T *k, const T *v, const A *logSumExp, const T *dOut, const A *deltas, T *dq,
                   Attention attention) {
  __shared__ A query[MAX_DIM], gradient[MAX_DIM], weights[THREADS];
  const int head = blockIdx.x % attention.numHeads, keyHead = head / attention.groupSize, dim = attention.headDim;
  const QueryTile tile = attention.queryTiles[blockIdx.x / attention.numHeads];
  const int *path = attention.pathRows + tile.path;
  const long long at = attention.query(tile.first, head), statistic = attention.statistic(tile.first, head);
  load(query, q + at, dim);
  load(gradient, dOut + at, dim);
  __syncthreads();
  A sums[2] = {0, 0};
  for (int chunk = tile.start; chunk < tile.end; chunk += THREADS) {
    const int count = min(THREADS, tile.end - chunk), j = threadIdx.x;
    if (j < count) {
      const long long key = attention.key(path[chunk + j], keyHead);
      const A score = attention.cap((A)attention.scale * dot(query, k + key, dim));
      const A p = exp(score - logSumExp[statistic]);
      weights[j] =
          (A)attention.scale * p * (dot(gradient, v + key, dim) - deltas[statistic]) * attention.capSlope(score);
    }
    __syncthreads();
    for (int part = 0, d = j; d < dim; part++, d += THREADS) {
      for (int n = 0; n < count; n++) sums[part] += weights[n] * read(k, attention.key(path[chunk + n], keyHead) + d);
    }
    __syncthreads();
  }
  for (int part = 0, d = threadIdx.x; d < dim; part++, d += THREADS) write(dq, at + d, sums[part]);
}

// dV = P^T dO and dK = scale dS^T Q, over the queries that see a key.
extern "C" __global__ void __launch_bounds__(THREADS)
    keyGradients(const T *q, const T *k, const T *v, const A *logSumExp, const T *dOut, const A *deltas, T *dk, T *dv,
                 Attention attention) {
  __shared__ A key[MAX_DIM], value[MAX_DIM], probabilities[THREADS], weights[THREADS];
  const int keyHead = blockIdx.x % attention.numKeyHeads(), dim = attention.headDim;
  const KeyTile tile = attention.keyTiles[blockIdx.x / attention.numKeyHeads()];
  const long long at = attention.key(tile.first, keyHead);
  load(key, k + at, dim);
  load(value, v + at, dim);
  __syncthreads();
  A keySums[2] = {0, 0}, valueSums[2] = {0, 0};
  for (QueryWalk<THREADS> walk(attention, tile, keyHead); !walk.isOver(); walk.next()) {
    const int j = threadIdx.x, i = walk.first + j;
    A p = 0, w = 0;
    if (j < walk.count()) {
      const long long query = attention.query(i, walk.head), statistic = attention.statistic(i, walk.head);
      const A score = attention.cap((A)attention.scale * dot(key, q + query, dim));
      p = exp(score - logSumExp[statistic]);
      w = (A)attention.scale * p * (dot(value, dOut + query, dim) - deltas[statistic]) * attention.capSlope(score);
    }
    probabilities[j] = p;
    weights[j] = w;
    __syncthreads();
    for (int part = 0, d = j; d < dim; part++, d += THREADS) {
      for (int n = 0; n < walk.count(); n++) {
        const long long query = attention.query(walk.first + n, walk.head) + d;
        valueSums[part] += probabilities[n] * read(dOut, query);
        keySums[part] += weights[n] * read(q, query);
      }
    }
    __syncthreads();
  }
  for (int part = 0, d = threadIdx.x; d < dim; part++, d += THREADS) {
    write(dk, at + d, keySums[part]);
    write(dv, at + d, valueSums[part]);
  }
}
