// The sum of x^2 over all elements in double: a part for each block, then the parts by one block.
#include "types.cuh"

__device__ double sumBlock(double value) {
  __shared__ double shared[256];
  shared[threadIdx.x] = value;
  __syncthreads();
  for (int half = 128; half > 0; half /= 2) {
    if (threadIdx.x < half) shared[threadIdx.x] += shared[threadIdx.x + half];
    __syncthreads();
  }
  return shared[0];
}

// 256 threads a block.
extern "C" __global__ void squares(const T *x, double *parts, long long n) {
  double sum = 0;
  FOR_EACH(i, n) sum += (double) read(x, i) * read(x, i);
  sum = sumBlock(sum);
  if (threadIdx.x == 0) parts[blockIdx.x] = sum;
}

extern "C" __global__ void total(const double *parts, double *out, long long n) {
  double sum = 0;
  FOR_EACH(i, n) sum += parts[i];
  sum = sumBlock(sum);
  if (threadIdx.x == 0) out[0] = sum;
}
