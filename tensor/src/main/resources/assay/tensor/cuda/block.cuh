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

// Every thread gets the joined value. The warps join by shuffles, then the first warp joins what they found.
template <class Kind>
__device__ A joinBlock(A value) {
  __shared__ A found[32];
  for (int distance = 16; distance > 0; distance /= 2) {
    value = Kind::join(value, __shfl_xor_sync(0xffffffffu, value, distance));
  }
  __syncthreads();  // the last call's value has been read
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
