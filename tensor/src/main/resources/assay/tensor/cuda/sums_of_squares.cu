// Each row's sum of x^2 in double: a block for each row.
#include "types.cuh"

extern "C" __global__ void sums_of_squares(const T *x, double *out, long long columns) {
  __shared__ double shared[1024];
  const long long row = blockIdx.x;
  double sum = 0;
  for (long long i = threadIdx.x; i < columns; i += blockDim.x) {
    const double value = read(x, row * columns + i);
    sum += value * value;
  }
  shared[threadIdx.x] = sum;
  __syncthreads();
  for (int half = blockDim.x / 2; half > 0; half /= 2) {
    if (threadIdx.x < half) shared[threadIdx.x] += shared[threadIdx.x + half];
    __syncthreads();
  }
  if (threadIdx.x == 0) out[row] = shared[0];
}
