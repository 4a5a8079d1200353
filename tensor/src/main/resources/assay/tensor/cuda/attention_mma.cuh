// Products of bfloat16 tiles on tensor cores, summed in float, and the copies that bring the tiles. Each wrapper is
// one PTX instruction; the emulated device has functions of the same meaning.
//
// mma.sync.m16n8k16 adds the product of A [16, 16] and B [16, 8] to C [16, 8]. The matrices are spread over the
// registers of a warp (PTX ISA, "Matrix Fragments for mma.m16n8k16"): lane l holds, of every 8 x 8 part, the two
// neighbours in row l / 4 that begin at column 2 (l % 4). ldmatrix loads four such parts at once from shared memory,
// as they lie there or transposed; the lanes 8 i to 8 i + 7 say where the rows of part i are.
#pragma once
#include "attention.cuh"

constexpr int THREADS = 32 * WARPS;
constexpr int RESIDENT = WARP_ROWS * WARPS;  // rows that a block owns
// Eight numbers more than a row has, sixteen bytes: an odd multiple of sixteen, so the eight rows that ldmatrix reads
// at once lie in different banks of shared memory.
constexpr int STRIDE = HEAD_DIM + 8;
static_assert(HEAD_DIM % 16 == 0 && STREAMED % 16 == 0 && WARP_ROWS % 16 == 0, "sizes of mma.sync");

// Copies sixteen bytes to shared memory, or zeros, while the thread goes on.
__device__ inline void copyAsync(bfloat16 *shared, const bfloat16 *global, bool exists) {
#ifndef CUDA_EMULATED
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"((unsigned)__cvta_generic_to_shared(shared)),
               "l"(global), "r"(exists ? 16 : 0)
               : "memory");
#else
  emu::cp_async(shared, global, 16, exists ? 16 : 0);
#endif
}

// Ends a group of a thread's copies.
__device__ inline void commitCopies() {
#ifndef CUDA_EMULATED
  asm volatile("cp.async.commit_group;" ::: "memory");
#else
  emu::cp_async_commit();
#endif
}

// Waits for all of the thread's groups but the last `pending`.
template <int pending>
__device__ void awaitCopies() {
#ifndef CUDA_EMULATED
  asm volatile("cp.async.wait_group %0;" ::"n"(pending) : "memory");
#else
  emu::cp_async_wait(pending);
#endif
}

// Two numbers in a register, the first in the lower half.
__device__ inline unsigned pack(float first, float second) {
#ifndef CUDA_EMULATED
  unsigned pair;
  asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(pair) : "f"(second), "f"(first));
  return pair;
#else
  return narrow(first) | (unsigned)narrow(second) << 16;
#endif
}

__device__ inline int lane() { return threadIdx.x % 32; }

struct Fragment {
  unsigned at[4];
};

// Where in a tile the row begins that a lane brings to ldmatrix, for the four parts of a [16, 16] matrix: down first
// and then across, which is the order of A's fragments, or across first.
__device__ inline int downFirst() { return lane() % 16 * STRIDE + lane() / 16 * 8; }
__device__ inline int acrossFirst() { return (lane() / 16 * 8 + lane() % 8) * STRIDE + lane() / 8 % 2 * 8; }

template <bool transposed>
__device__ Fragment loadMatrices(const bfloat16 *row) {
  Fragment f;
#ifndef CUDA_EMULATED
  const unsigned address = (unsigned)__cvta_generic_to_shared(row);
  if (transposed) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(f.at[0]), "=r"(f.at[1]), "=r"(f.at[2]), "=r"(f.at[3])
                 : "r"(address)
                 : "memory");
  } else {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(f.at[0]), "=r"(f.at[1]), "=r"(f.at[2]), "=r"(f.at[3])
                 : "r"(address)
                 : "memory");
  }
#else
  emu::ldmatrix_x4(f.at, row, transposed);
#endif
  return f;
}

__device__ inline void multiplyAdd(float (&sums)[4], const Fragment &a, unsigned b0, unsigned b1) {
#ifndef CUDA_EMULATED
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
      "{%0, %1, %2, %3};"
      : "+f"(sums[0]), "+f"(sums[1]), "+f"(sums[2]), "+f"(sums[3])
      : "r"(a.at[0]), "r"(a.at[1]), "r"(a.at[2]), "r"(a.at[3]), "r"(b0), "r"(b1));
#else
  const unsigned b[2] = {b0, b1};
  emu::mma_m16n8k16_bf16(sums, a.at, b);
#endif
}

// A warp's [WARP_ROWS, N] sums. Of its lane it has the rows rowOf(0), rowOf(1), ... and the columns columnOf(0), ...
template <int N>
struct Sums {
  static constexpr int ROWS = WARP_ROWS / 8, COLUMNS = N / 4;  // of a lane
  float parts[WARP_ROWS / 16][N / 8][4];

  __device__ float &operator()(int r, int c) { return parts[r / 2][c / 2][r % 2 * 2 + c % 2]; }
};
__device__ inline int rowOf(int r) { return 8 * r + lane() / 4; }
__device__ inline int columnOf(int c) { return c / 2 * 8 + lane() % 4 * 2 + c % 2; }

// Left factors, by fragments [16, 16]: a warp's rows of a tile in shared memory, ...
struct SharedRows {
  const bfloat16 *tile;

  __device__ Fragment operator()(int m, int k) const {
    return loadMatrices<false>(tile + 16 * m * STRIDE + 16 * k + downFirst());
  }
};

// ... or sums, narrowed: the lanes hold them just as the next product wants them (Dao 2023, section 3.3).
template <int N>
struct Narrowed {
  const Sums<N> &sums;

  __device__ Fragment operator()(int m, int k) const {
    const auto &left = sums.parts[m][2 * k], &right = sums.parts[m][2 * k + 1];
    return {pack(left[0], left[1]), pack(left[2], left[3]), pack(right[0], right[1]), pack(right[2], right[3])};
  }
};

// cap(scale S), with the branch outside of the loop.
template <int N>
__device__ void scaleAndCap(Sums<N> &scores, const Attention &attention) {
  UNROLLED(r, Sums<N>::ROWS) { UNROLLED(c, Sums<N>::COLUMNS) scores(r, c) *= (float)attention.scale; }
  if (attention.softCap > 0) {
    UNROLLED(r, Sums<N>::ROWS) { UNROLLED(c, Sums<N>::COLUMNS) scores(r, c) = attention.cap(scores(r, c)); }
  }
}

// sums = a b^T, b a tile of STREAMED rows. B's columns are b's rows, so its fragments lie as A's do, but for the order.
// Each serves all rows of the warp.
template <class Left>
__device__ void multiplyTransposed(Sums<STREAMED> &sums, const Left &a, const bfloat16 *b) {
  sums = {};
  UNROLLED(k, HEAD_DIM / 16) {
    Fragment left[WARP_ROWS / 16];
    UNROLLED(m, WARP_ROWS / 16) left[m] = a(m, k);
    UNROLLED(n, STREAMED / 16) {
      const Fragment right = loadMatrices<false>(b + 16 * n * STRIDE + 16 * k + acrossFirst());
      UNROLLED(m, WARP_ROWS / 16) {
        multiplyAdd(sums.parts[m][2 * n], left[m], right.at[0], right.at[1]);
        multiplyAdd(sums.parts[m][2 * n + 1], left[m], right.at[2], right.at[3]);
      }
    }
  }
}

// sums += a b, b N columns of a tile of STREAMED rows, which ldmatrix transposes.
template <int N, class Left>
__device__ void addProduct(Sums<N> &sums, const Left &a, const bfloat16 *b) {
  UNROLLED(k, STREAMED / 16) {
    Fragment left[WARP_ROWS / 16];
    UNROLLED(m, WARP_ROWS / 16) left[m] = a(m, k);
    UNROLLED(n, N / 16) {
      const Fragment right = loadMatrices<true>(b + 16 * k * STRIDE + 16 * n + downFirst());
      UNROLLED(m, WARP_ROWS / 16) {
        multiplyAdd(sums.parts[m][2 * n], left[m], right.at[0], right.at[1]);
        multiplyAdd(sums.parts[m][2 * n + 1], left[m], right.at[2], right.at[3]);
      }
    }
  }
}

// Begins to copy rows of a matrix to a tile; rowAt(r) is where row r begins. Rows from `count` on become zeros.
template <int ROWS, class RowAt>
__device__ void copyTile(bfloat16 *tile, const bfloat16 *matrix, int count, RowAt rowAt) {
  for (int i = threadIdx.x; i < ROWS * HEAD_DIM / 8; i += THREADS) {
    const int row = i / (HEAD_DIM / 8), column = i % (HEAD_DIM / 8) * 8;
    const bool exists = row < count;
    copyAsync(tile + row * STRIDE + column, matrix + (exists ? rowAt(row) + column : 0), exists);
  }
}

// A lane's part of a row of a matrix, times a factor.
template <int N>
__device__ void writeRow(bfloat16 *row, Sums<N> &sums, int r, float factor) {
  UNROLLED(c, N / 8) {
    *(unsigned *)(row + columnOf(2 * c)) = pack(sums(r, 2 * c) * factor, sums(r, 2 * c + 1) * factor);
  }
}
