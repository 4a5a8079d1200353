// Attention over segments, the naive way: a block for each query and head, or for each key and head. Scores are
// never stored: the softmax goes along the keys in chunks and rescales what it has (Milakov and Gimelshein 2018).
//
// A query sees the rows of its path to the root up to its own position: pathRows[queryPath[i] + position].
#include "block.cuh"

#define THREADS 128   // and keys, or queries, per chunk
#define MAX_DIM 256   // columns of a head; a thread sums two of them

struct Layout {
  int numHeads, groupSize, headDim, window;
  double scale, softCap;

  __device__ long long query(int i, int head) const { return ((long long) i * numHeads + head) * headDim; }
  __device__ long long key(int row, int keyHead) const {
    return ((long long) row * (numHeads / groupSize) + keyHead) * headDim;
  }
};

__device__ A dot(const A *shared, const T *row, int headDim) {
  A sum = 0;
  for (int d = 0; d < headDim; d++) sum += shared[d] * read(row, d);
  return sum;
}

__device__ A cap(A score, A softCap) { return softCap > 0 ? softCap * tanh(score / softCap) : score; }

// What a gradient is multiplied by on its way through the cap.
__device__ A capSlope(A capped, A softCap) {
  return softCap > 0 ? 1 - capped / softCap * (capped / softCap) : (A) 1;
}

__device__ void load(A *shared, const T *row, int headDim) {
  for (int d = threadIdx.x; d < headDim; d += THREADS) shared[d] = read(row, d);
}

extern "C" __global__ void forward(const T *q, const T *k, const T *v, T *out, A *logSumExp, const int *pathRows,
                                   const int *queryPath, const int *queryPosition, Layout layout) {
  __shared__ A query[MAX_DIM], weights[THREADS];
  const int i = blockIdx.x, head = blockIdx.y, keyHead = head / layout.groupSize, dim = layout.headDim;
  const int *path = pathRows + queryPath[i];
  const int end = queryPosition[i] + 1;
  load(query, q + layout.query(i, head), dim);
  __syncthreads();
  A largest = NEGATIVE_INFINITY, total = 0, sums[2] = {0, 0};
  for (int chunk = layout.window > 0 ? max(0, end - layout.window) : 0; chunk < end; chunk += THREADS) {
    const int count = min(THREADS, end - chunk), j = threadIdx.x;
    A score = NEGATIVE_INFINITY;
    if (j < count) {
      score = cap((A) layout.scale * dot(query, k + layout.key(path[chunk + j], keyHead), dim), (A) layout.softCap);
    }
    A newLargest = Maximum::join(largest, joinBlock<Maximum>(score));
    A rescale = exp(largest - newLargest);
    weights[j] = j < count ? exp(score - newLargest) : (A) 0;
    total = total * rescale + joinBlock<Sum>(weights[j]);
    for (int part = 0, d = j; d < dim; part++, d += THREADS) {
      A sum = sums[part] * rescale;
      for (int n = 0; n < count; n++) sum += weights[n] * read(v, layout.key(path[chunk + n], keyHead) + d);
      sums[part] = sum;
    }
    largest = newLargest;
    __syncthreads();  // before the next chunk's weights
  }
  for (int part = 0, d = threadIdx.x; d < dim; part++, d += THREADS) {
    write(out, layout.query(i, head) + d, sums[part] / total);
  }
  if (threadIdx.x == 0) write(logSumExp, (long long) i * layout.numHeads + head, largest + log(total));
}

// dQ = dS K with dS = scale P (dP - delta), dP = dO V^T, delta = sum of dO O (Dao et al. 2022, algorithm 4).
extern "C" __global__ void queryGradients(const T *q, const T *k, const T *v, const T *out, const A *logSumExp,
                                          const T *dOut, T *dq, A *deltas, const int *pathRows, const int *queryPath,
                                          const int *queryPosition, Layout layout) {
  __shared__ A query[MAX_DIM], gradient[MAX_DIM], weights[THREADS];
  const int i = blockIdx.x, head = blockIdx.y, keyHead = head / layout.groupSize, dim = layout.headDim;
  const int *path = pathRows + queryPath[i];
  const int end = queryPosition[i] + 1;
  const long long at = layout.query(i, head), stat = (long long) i * layout.numHeads + head;
  load(query, q + at, dim);
  load(gradient, dOut + at, dim);
  A delta = 0;
  for (int d = threadIdx.x; d < dim; d += THREADS) delta += read(dOut, at + d) * read(out, at + d);
  delta = joinBlock<Sum>(delta);
  if (threadIdx.x == 0) deltas[stat] = delta;
  A sums[2] = {0, 0};
  for (int chunk = layout.window > 0 ? max(0, end - layout.window) : 0; chunk < end; chunk += THREADS) {
    const int count = min(THREADS, end - chunk), j = threadIdx.x;
    if (j < count) {
      const long long key = layout.key(path[chunk + j], keyHead);
      A score = cap((A) layout.scale * dot(query, k + key, dim), (A) layout.softCap);
      A p = exp(score - read(logSumExp, stat));
      weights[j] = (A) layout.scale * p * (dot(gradient, v + key, dim) - delta) * capSlope(score, (A) layout.softCap);
    }
    __syncthreads();
    for (int part = 0, d = j; d < dim; part++, d += THREADS) {
      for (int n = 0; n < count; n++) sums[part] += weights[n] * read(k, layout.key(path[chunk + n], keyHead) + d);
    }
    __syncthreads();
  }
  for (int part = 0, d = threadIdx.x; d < dim; part++, d += THREADS) write(dq, at + d, sums[part]);
}

// dV = P^T dO and dK = dS^T Q, over the queries that see a key: those of the segments that its segment lies on the
// path of, seers[seersStart[s]] to seers[seersStart[s + 1]], each a first query and the one after its last.
extern "C" __global__ void keyGradients(const T *q, const T *k, const T *v, const A *logSumExp, const T *dOut,
                                        const A *deltas, T *dk, T *dv, const int *keySegment, const int *keyPosition,
                                        const int *queryPosition, const int *seersStart, const int *seers,
                                        Layout layout) {
  __shared__ A key[MAX_DIM], value[MAX_DIM], probabilities[THREADS], weights[THREADS];
  const int row = blockIdx.x, keyHead = blockIdx.y, dim = layout.headDim, segment = keySegment[row];
  const long long at = layout.key(row, keyHead);
  load(key, k + at, dim);
  load(value, v + at, dim);
  __syncthreads();
  A keySums[2] = {0, 0}, valueSums[2] = {0, 0};
  for (int seer = seersStart[segment]; seer < seersStart[segment + 1]; seer++) {
    for (int chunk = seers[2 * seer]; chunk < seers[2 * seer + 1]; chunk += THREADS) {
      const int count = min(THREADS, seers[2 * seer + 1] - chunk), j = threadIdx.x, i = chunk + j;
      for (int head = keyHead * layout.groupSize; head < (keyHead + 1) * layout.groupSize; head++) {
        A p = 0, w = 0;
        const int distance = j < count ? queryPosition[i] - keyPosition[row] : -1;
        if (distance >= 0 && (layout.window <= 0 || distance < layout.window)) {
          const long long query = layout.query(i, head), stat = (long long) i * layout.numHeads + head;
          A score = cap((A) layout.scale * dot(key, q + query, dim), (A) layout.softCap);
          p = exp(score - read(logSumExp, stat));
          w = (A) layout.scale * p * (dot(value, dOut + query, dim) - deltas[stat]) *
              capSlope(score, (A) layout.softCap);
        }
        probabilities[j] = p;
        weights[j] = w;
        __syncthreads();
        for (int part = 0, d = j; d < dim; part++, d += THREADS) {
          for (int n = 0; n < count; n++) {
            const long long query = layout.query(chunk + n, head) + d;
            valueSums[part] += probabilities[n] * read(dOut, query);
            keySums[part] += weights[n] * read(q, query);
          }
        }
        __syncthreads();
      }
    }
  }
  for (int part = 0, d = threadIdx.x; d < dim; part++, d += THREADS) {
    write(dk, at + d, keySums[part]);
    write(dv, at + d, valueSums[part]);
  }
}
