// What all versions of attention share: who sees whom, and what becomes of a score.
#pragma once
#include "types.cuh"

// A loop that the compiler writes out: an array lies in registers only if every index is known to it.
#define UNROLLED(i, n) _Pragma("unroll") for (int i = 0; i < (n); i++)

// Queries of one segment, in the order of their positions. The key at position p of their path to the root is row
// pathRows[path + p]; some query here sees those from `start` to `end` - 1.
struct QueryTile {
  int path, first, count, start, end;
};

// Rows of one segment, the first at `position`. The queries that see some key here are those of the runs from
// runs[firstRun] to runs[endRun - 1].
struct KeyTile {
  int first, count, position, firstRun, endRun;
};

// Queries of one segment: the first, and one after the last.
struct Run {
  int first, end;
};

// q, out and their gradients are [queries, numHeads, headDim]; k, v and theirs [rows, numHeads / groupSize, headDim];
// logSumExp and deltas [queries, numHeads].
struct Attention {
  const int *pathRows, *queryPosition;
  const QueryTile *queryTiles;
  const KeyTile *keyTiles;
  const Run *runs;
  double scale, softCap, inverseCap;         // the last two are 0 if scores are not capped
  int numHeads, groupSize, headDim, window;  // the largest int if there is no window

  __device__ long long query(int i, int head) const { return statistic(i, head) * headDim; }
  __device__ long long statistic(int i, int head) const { return (long long)i * numHeads + head; }
  __device__ int numKeyHeads() const { return numHeads / groupSize; }
  __device__ long long key(int row, int keyHead) const { return ((long long)row * numKeyHeads() + keyHead) * headDim; }

  __device__ bool isVisible(int queryPosition, int keyPosition) const {
    const int distance = queryPosition - keyPosition;
    return distance >= 0 && distance < window;
  }

  // cap tanh(score / cap), and what a gradient is multiplied by on its way back through that.
  __device__ A cap(A score) const { return softCap > 0 ? (A)softCap * tanh(score * (A)inverseCap) : score; }
  __device__ A capSlope(A capped) const {
    const A share = capped * (A)inverseCap;
    return 1 - share * share;
  }
};

// Walks the queries that see a tile of keys, STEP at a time, for each query head of the keys' group.
template <int STEP>
struct QueryWalk {
  const Attention &attention;
  const KeyTile &keys;
  int head, endHead, run, first;

  __device__ QueryWalk(const Attention &attention, const KeyTile &keys, int keyHead)
      : attention(attention), keys(keys), endHead((keyHead + 1) * attention.groupSize), run(keys.firstRun) {
    const bool isEmpty = keys.firstRun == keys.endRun;
    head = isEmpty ? endHead : keyHead * attention.groupSize;
    first = isEmpty ? 0 : attention.runs[run].first;
  }
  __device__ bool isOver() const { return head == endHead; }
  __device__ int count() const { return min(STEP, attention.runs[run].end - first); }
  __device__ void next() {
    first += STEP;
    if (first < attention.runs[run].end) return;
    if (++run == keys.endRun) {
      run = keys.firstRun;
      head++;
    }
    first = attention.runs[run].first;
  }
};
