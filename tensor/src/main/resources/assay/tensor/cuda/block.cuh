// What the threads of a block do together: join their values into one, always in the same order.
#pragma once
#include "types.cuh"

struct Sum {
  static __device__ A start() { return 0; }
  static __device__ A join(A a, A b) { return a + b; }
};

struct Maximum {
  static __device__ A start() { return NEGATIVE_INFINITY; }
  static __device__ A join(A a, A b) { return a != a || a > b ? a : b; }
};

// What each warp of the block found.
__device__ inline A *warpValues() {
  __shared__ A values[32];
  return values;
}

// Every thread gets the joined value; a block is 1, 2, 4, ... or 32 warps. The lanes of each warp join by shuffles:
// with the lane 16 away, then 8, 4, 2 and 1. Then each warp does the same with what all of them found.
template <class Kind>
__device__ A joinBlock(A value) {
  A *found = warpValues();
  for (int distance = 16; distance > 0; distance /= 2) {
    value = Kind::join(value, __shfl_xor_sync(0xffffffffu, value, distance));
  }
  if (blockDim.x == 32) return value;
  __syncthreads();  // what the last call found has been read
  if (threadIdx.x % 32 == 0) found[threadIdx.x / 32] = value;
  __syncthreads();
  value = threadIdx.x % 32 < blockDim.x / 32 ? found[threadIdx.x % 32] : Kind::start();
  for (int distance = 16; distance > 0; distance /= 2) {
    value = Kind::join(value, __shfl_xor_sync(0xffffffffu, value, distance));
  }
  return value;
}

// Visits the columns of a block's row, shared out over its threads.
#define FOR_EACH_COLUMN(column, columns) for (long long column = threadIdx.x; column < (columns); column += blockDim.x)
