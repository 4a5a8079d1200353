// delta = sum of dO O over the columns of a head (Dao et al. 2022, equation 4): what the softmax takes off dP on the
// way back. A warp for each query and head; all versions of attention use it.
#include "types.cuh"

extern "C" __global__ void deltas(const T *out, const T *dOut, A *sums, int headDim, long long count) {
  const long long i = blockIdx.x * (long long)blockDim.y + threadIdx.y;
  if (i >= count) return;  // a whole warp at once
  A sum = 0;
  for (int d = threadIdx.x; d < headDim; d += 32) sum += read(dOut, i * headDim + d) * read(out, i * headDim + d);
  for (int distance = 16; distance > 0; distance /= 2) sum += __shfl_xor_sync(0xffffffffu, sum, distance);
  if (threadIdx.x == 0) sums[i] = sum;
}
