// bfloat16 as in cuda_bf16.h, and what tensor cores do with it.
#pragma once

struct __nv_bfloat16 {
  unsigned short x;
  __nv_bfloat16() = default;
  __nv_bfloat16(float f) {
    unsigned u = __float_as_uint(f);
    x = (u & 0x7fffffff) > 0x7f800000 ? 0x7fff : (unsigned short)((u + 0x7fff + (u >> 16 & 1)) >> 16);
  }
  operator float() const { return __uint_as_float((unsigned)x << 16); }
};
typedef __nv_bfloat16 nv_bfloat16;
struct alignas(4) __nv_bfloat162 {
  __nv_bfloat16 x, y;
};
typedef __nv_bfloat162 nv_bfloat162;
static inline float __bfloat162float(__nv_bfloat16 b) { return b; }
static inline __nv_bfloat16 __float2bfloat16(float f) { return f; }
static inline __nv_bfloat16 __float2bfloat16_rn(float f) { return f; }
static inline __nv_bfloat162 __floats2bfloat162_rn(float a, float b) {
  __nv_bfloat162 r;
  r.x = a;
  r.y = b;
  return r;
}
static inline float2 __bfloat1622float2(__nv_bfloat162 b) { return {(float)b.x, (float)b.y}; }
static inline float __low2float(__nv_bfloat162 b) { return b.x; }
static inline float __high2float(__nv_bfloat162 b) { return b.y; }
static inline unsigned short __bfloat16_as_ushort(__nv_bfloat16 b) { return b.x; }
static inline __nv_bfloat16 __ushort_as_bfloat16(unsigned short u) {
  __nv_bfloat16 b;
  b.x = u;
  return b;
}

// What kernels write as inline PTX: they call these where CUDA_EMULATED is defined.
namespace emu {
inline float low_bf16(unsigned pair) { return __uint_as_float(pair << 16); }
inline float high_bf16(unsigned pair) { return __uint_as_float(pair & 0xffff0000u); }

// mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32: d += a b, over a whole warp.
inline void mma_m16n8k16_bf16(float *d, const unsigned *a, const unsigned *b) {
  uint64_t a01[WARP], a23[WARP], b01[WARP];
  __builtin_memcpy(a01, runtime->meet(~0u, (uint64_t)a[1] << 32 | a[0], nullptr, "mma.sync"), sizeof a01);
  __builtin_memcpy(a23, runtime->meet(~0u, (uint64_t)a[3] << 32 | a[2], nullptr, "mma.sync"), sizeof a23);
  __builtin_memcpy(b01, runtime->meet(~0u, (uint64_t)b[1] << 32 | b[0], nullptr, "mma.sync"), sizeof b01);
  unsigned group = lane() / 4, pair = lane() % 4;
  for (int i = 0; i < 4; i++) {
    unsigned upper = i / 2, column = pair * 2 + i % 2;  // row group + 8 * upper
    for (unsigned k = 0; k < 16; k += 2) {
      uint64_t half = (k < 8 ? a01 : a23)[group * 4 + k % 8 / 2], other = b01[column * 4 + k % 8 / 2];
      unsigned x = (unsigned)(half >> (32 * upper)), y = (unsigned)(other >> (k < 8 ? 0 : 32));
      d[i] += low_bf16(x) * low_bf16(y);
      d[i] += high_bf16(x) * high_bf16(y);
    }
  }
}

// cp.async.cg.shared.global [to], [from], size, given: what is not given becomes zero. The device copies at some time
// between this call and the wait for it.
inline void cp_async(void *to, const void *from, unsigned size, unsigned given, EMU_HERE) {
  if ((uintptr_t)to % size) runtime->misaligned(to, file, line);
  if (given && (uintptr_t)from % size) runtime->misaligned(from, file, line);
  access(from, given, false);
  runtime->copy_async(to, from, size, given);
}
inline void cp_async_commit() { runtime->commit_copies(); }
// Waits for all of the thread's groups but the last `pending`.
inline void cp_async_wait(unsigned pending) { runtime->await_copies(pending); }

// ldmatrix.sync.aligned.m8n8.x4[.trans].shared.b16: lane 8 i + r brings row r of matrix i.
inline void ldmatrix_x4(unsigned *r, const void *row, bool transposed = false, EMU_HERE) {
  if ((uintptr_t)row % 16) runtime->misaligned(row, file, line);
  uint64_t mine[2], rows[2][WARP];
  __builtin_memcpy(mine, row, sizeof mine);
  for (int half = 0; half < 2; half++) {
    __builtin_memcpy(rows[half], runtime->meet(~0u, mine[half], nullptr, "ldmatrix"), sizeof rows[half]);
  }
  unsigned group = lane() / 4, pair = lane() % 4 * 2;
  for (unsigned i = 0; i < 4; i++) {
    auto at = [&](unsigned y, unsigned x) { return (unsigned)(rows[x / 4][8 * i + y] >> x % 4 * 16) & 0xffff; };
    r[i] = transposed ? at(pair, group) | at(pair + 1, group) << 16 : at(group, pair) | at(group, pair + 1) << 16;
  }
}
}  // namespace emu
