// Products of tiles in shared memory, by a block of 16 x 16 threads. A tile has TILE rows of a head's columns, filled
// up with zeros to a multiple of 16.
//
// Thread (x, y) computes rows y, y + 16, ... and columns x, x + 16, ... of a product. So a number that is read from
// shared memory into a register is used PART or COLUMNS times, and the sixteen threads of a row lie in half a warp.
#pragma once
#include "attention.cuh"

#define PART (TILE / 16)  // rows of a tile for each thread

constexpr int DIM = (HEAD_DIM + 15) / 16 * 16;
constexpr int COLUMNS = DIM / 16;
constexpr int STRIDE = DIM + 1;          // odd: the numbers of a column lie in different banks of shared memory
constexpr int WEIGHT_STRIDE = TILE + 1;  // likewise

// From rows of a matrix to a tile; rowAt(r) is where row r begins. Rows from `count` on become zeros.
template <class RowAt>
__device__ void loadTile(A *tile, const T *matrix, int count, RowAt rowAt) {
  for (int i = threadIdx.y * 16 + threadIdx.x; i < TILE * DIM; i += 256) {
    const int row = i / DIM, d = i % DIM;
    tile[row * STRIDE + d] = row < count && d < HEAD_DIM ? read(matrix, rowAt(row) + d) : (A)0;
  }
}

// products = a b^T, of two tiles
__device__ inline void multiplyTransposed(A (&products)[PART][PART], const A *a, const A *b) {
  UNROLLED(i, PART) { UNROLLED(j, PART) products[i][j] = 0; }
#pragma unroll 4
  for (int d = 0; d < DIM; d++) {
    A left[PART], right[PART];
    UNROLLED(i, PART) left[i] = a[(threadIdx.y + 16 * i) * STRIDE + d];
    UNROLLED(j, PART) right[j] = b[(threadIdx.x + 16 * j) * STRIDE + d];
    UNROLLED(i, PART) { UNROLLED(j, PART) products[i][j] += left[i] * right[j]; }
  }
}

// sums += weights b, with weights [TILE, TILE] and b a tile
__device__ inline void addProduct(A (&sums)[PART][COLUMNS], const A *weights, const A *b) {
#pragma unroll 2
  for (int k = 0; k < TILE; k++) {
    A left[PART];
    UNROLLED(i, PART) left[i] = weights[(threadIdx.y + 16 * i) * WEIGHT_STRIDE + k];
    UNROLLED(j, COLUMNS) {
      const A right = b[k * STRIDE + threadIdx.x + 16 * j];
      UNROLLED(i, PART) sums[i][j] += left[i] * right;
    }
  }
}

// Row y + 16 i of a thread's part of a matrix, times a factor.
__device__ inline void writeRow(T *matrix, long long rowAt, const A (&sums)[COLUMNS], A factor) {
  UNROLLED(j, COLUMNS) {
    const int d = threadIdx.x + 16 * j;
    if (d < HEAD_DIM) write(matrix, rowAt + d, sums[j] * factor);
  }
}
