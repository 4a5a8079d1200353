// Picking rows out of a matrix, and adding rows into one.
#include "types.cuh"

// out[i, :] = x[rows[i], :]
extern "C" __global__ void gather(const T *x, const int *rows, T *out, long long columns, long long n) {
  FOR_EACH(i, n) out[i] = x[rows[i / columns] * columns + i % columns];
}

// out[rows[i], :] += x[i, :] for i in ascending order: a thread for each column, since rows may repeat.
extern "C" __global__ void scatterAdd(const T *x, const int *rows, OUT *out, long long numRows, long long columns) {
  FOR_EACH(column, columns) {
    for (long long i = 0; i < numRows; i++) {
      long long to = rows[i] * columns + column;
      write(out, to, (A) (read(out, to) + read(x, i * columns + column)));
    }
  }
}
