// Softmax of each row and its gradient: a block for each row.
#include "block.cuh"

extern "C" __global__ void softmax(const T *x, T *out, long long columns) {
  x += blockIdx.x * columns;
  out += blockIdx.x * columns;
  A largest = Maximum::start();
  FOR_EACH_COLUMN(c, columns) largest = Maximum::join(largest, read(x, c));
  largest = joinBlock<Maximum>(largest);
  A sum = 0;
  FOR_EACH_COLUMN(c, columns) sum += exp(read(x, c) - largest);
  sum = joinBlock<Sum>(sum);
  FOR_EACH_COLUMN(c, columns) write(out, c, exp(read(x, c) - largest) / sum);
}

// dx = y (dy - sum of dy y)
extern "C" __global__ void softmaxBackward(const T *y, const T *dy, T *dx, long long columns) {
  y += blockIdx.x * columns;
  dy += blockIdx.x * columns;
  dx += blockIdx.x * columns;
  A dot = 0;
  FOR_EACH_COLUMN(c, columns) dot += read(dy, c) * read(y, c);
  dot = joinBlock<Sum>(dot);
  FOR_EACH_COLUMN(c, columns) write(dx, c, read(y, c) * (read(dy, c) - dot));
}
