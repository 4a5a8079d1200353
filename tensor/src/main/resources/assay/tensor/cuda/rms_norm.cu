// Root mean square norm (Zhang and Sennrich 2019, eq. 4) and its gradient: a block for each row.
#include "block.cuh"

// sum = a + b, or a if b is null; out = sum r (weight + offset) with r = 1 / sqrt(mean(sum^2) + epsilon)
extern "C" __global__ void rmsNorm(const T *a, const T *b, const T *weight, double offset, double epsilon, T *sum,
                                   T *out, A *inverseRms, long long columns) {
  const long long row = blockIdx.x * columns;
  if (b != nullptr) {
    FOR_EACH_COLUMN(c, columns) write(sum, row + c, read(a, row + c) + read(b, row + c));
  }
  A squares = 0;  // a thread reads what it wrote itself
  FOR_EACH_COLUMN(c, columns) squares += read(sum, row + c) * read(sum, row + c);
  squares = joinBlock<Sum>(squares);
  A r = 1 / sqrt(squares / columns + (A) epsilon);
  if (threadIdx.x == 0) inverseRms[blockIdx.x] = r;
  FOR_EACH_COLUMN(c, columns) write(out, row + c, read(sum, row + c) * r * (read(weight, c) + (A) offset));
}

// dx = r g - x r^3 mean(g x) with g = dy (weight + offset); dSum is added if there is one
extern "C" __global__ void rmsNormBackward(const T *x, const T *weight, double offset, const A *inverseRms, const T *dy,
                                           const T *dSum, T *dx, long long columns) {
  const long long row = blockIdx.x * columns;
  A r = inverseRms[blockIdx.x];
  A dot = 0;
  FOR_EACH_COLUMN(c, columns) dot += read(dy, row + c) * (read(weight, c) + (A) offset) * read(x, row + c);
  A factor = joinBlock<Sum>(dot) / columns * r * r;
  FOR_EACH_COLUMN(c, columns) {
    A g = read(dy, row + c) * (read(weight, c) + (A) offset);
    A before = dSum == nullptr ? (A) 0 : (A) read(dSum, row + c);
    write(dx, row + c, before + r * (g - read(x, row + c) * factor));
  }
}

// dWeight += sum over rows of dy x r. A block for 32 columns, as in reduce.cu.
extern "C" __global__ void weightGradient(const T *x, const A *inverseRms, const T *dy, A *dWeight, long long rows,
                                          long long columns) {
  __shared__ A shared[8][32];
  long long column = blockIdx.x * 32LL + threadIdx.x;
  A sum = 0;
  if (column < columns) {
    for (long long row = threadIdx.y; row < rows; row += 8) {
      sum += read(dy, row * columns + column) * read(x, row * columns + column) * inverseRms[row];
    }
  }
  shared[threadIdx.y][threadIdx.x] = sum;
  __syncthreads();
  if (threadIdx.y == 0 && column < columns) {
    for (int i = 1; i < 8; i++) sum += shared[i][threadIdx.x];
    dWeight[column] += sum;
  }
}
