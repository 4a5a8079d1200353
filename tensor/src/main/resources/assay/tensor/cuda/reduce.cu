// Reductions of a matrix [rows, columns] to a value for each row or each column, always in the same order.
#include "block.cuh"

// A block for each row: its threads take turns along the columns.
template <class Kind>
__device__ void reduceRow(const T *x, OUT *out, long long columns) {
  const T *row = x + blockIdx.x * columns;
  A value = Kind::start();
  FOR_EACH_COLUMN(column, columns) value = Kind::join(value, read(row, column));
  value = joinBlock<Kind>(value);
  if (threadIdx.x == 0) write(out, blockIdx.x, value);
}

// A block for 32 columns: threadIdx.x is the column, the 8 of threadIdx.y take turns down the rows.
template <class Kind>
__device__ void reduceColumns(const T *x, OUT *out, long long rows, long long columns) {
  __shared__ A shared[8][32];
  long long column = blockIdx.x * 32LL + threadIdx.x;
  A value = Kind::start();
  if (column < columns) {
    for (long long row = threadIdx.y; row < rows; row += 8) value = Kind::join(value, read(x, row * columns + column));
  }
  shared[threadIdx.y][threadIdx.x] = value;
  __syncthreads();
  if (threadIdx.y == 0 && column < columns) {
    for (int i = 1; i < 8; i++) value = Kind::join(value, shared[i][threadIdx.x]);
    write(out, column, value);
  }
}

extern "C" __global__ void SUM_rows(const T *x, OUT *out, long long columns) { reduceRow<Sum>(x, out, columns); }
extern "C" __global__ void MAXIMUM_rows(const T *x, OUT *out, long long columns) { reduceRow<Maximum>(x, out, columns); }

extern "C" __global__ void SUM_columns(const T *x, OUT *out, long long rows, long long columns) {
  reduceColumns<Sum>(x, out, rows, columns);
}
extern "C" __global__ void MAXIMUM_columns(const T *x, OUT *out, long long rows, long long columns) {
  reduceColumns<Maximum>(x, out, rows, columns);
}
