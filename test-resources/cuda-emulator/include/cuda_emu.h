// CUDA C++ as C++17: what the emulated NVRTC puts before a kernel file. It knows what the kernels here use: thread and
// block indices, shared memory, barriers, warp shuffles and votes, atomics, mathematics and bfloat16. It does not know
// inline PTX. No standard header is included: NVRTC has none either, and g++ is four times as fast without.
#pragma once
#include "emu_checks.h"

#define CUDA_EMULATED 1
#define __global__ emu_global  // the emulated NVRTC finds the kernels by this word, and then removes it
#define __device__
#define __host__
#define __constant__ static
#define __forceinline__ inline
#define __noinline__ __attribute__((noinline))
#define __launch_bounds__(...)
#define __align__(n) __attribute__((aligned(n)))
// A block runs on one thread of the CPU. "used": else the compiler takes what no thread writes for zeros.
#define __shared__ static thread_local __attribute__((used))

namespace emu {
static thread_local Running running;

template <class T>
inline uint64_t bits(T v) {
  static_assert(sizeof(T) <= 8);
  uint64_t u = 0;
  __builtin_memcpy(&u, &v, sizeof v);
  return u;
}
template <class T>
inline T unbits(uint64_t u) {
  T v;
  __builtin_memcpy(&v, &u, sizeof v);
  return v;
}
inline unsigned lane() { return running.thread.flat % WARP; }
}  // namespace emu

#define threadIdx (emu::running.thread.index)
#define blockIdx (emu::running.block.id)
#define blockDim (emu::running.block.size)
#define gridDim (emu::running.block.grid)
#define warpSize 32

// Barriers. All threads of a block must come to the same one, hence the line.
#define EMU_HERE const char *file = __builtin_FILE(), int line = __builtin_LINE()
static inline void __syncthreads(EMU_HERE) { emu::runtime->barrier(false, "__syncthreads", file, line); }
static inline int __syncthreads_count(int p, EMU_HERE) {
  return emu::runtime->barrier(p != 0, "__syncthreads_count", file, line);
}
static inline int __syncthreads_or(int p, EMU_HERE) {
  return emu::runtime->barrier(p != 0, "__syncthreads_or", file, line) != 0;
}
static inline int __syncthreads_and(int p, EMU_HERE) {
  return emu::runtime->barrier(p == 0, "__syncthreads_and", file, line) == 0;
}
static inline void __syncwarp(unsigned mask = ~0u) { emu::runtime->meet(mask, 0, nullptr, "__syncwarp"); }
static inline void __threadfence() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
static inline void __threadfence_block() {}

// Shuffles. What a lane that is not there would have sent is garbage on a GPU too.
namespace emu {
template <class T>
inline T shuffle(unsigned mask, T value, unsigned from, const char *name) {
  unsigned present;
  const uint64_t *table = runtime->meet(mask, bits(value), &present, name);
  return unbits<T>(present >> from & 1 ? table[from] : ~0ull);
}
}  // namespace emu
template <class T>
static inline T __shfl_sync(unsigned mask, T value, int from, int width = 32) {
  unsigned base = emu::lane() & ~(width - 1);
  return emu::shuffle(mask, value, base + (from & (width - 1)), "__shfl_sync");
}
template <class T>
static inline T __shfl_xor_sync(unsigned mask, T value, int x, int width = 32) {
  unsigned to = emu::lane() ^ x;
  if (to / width > emu::lane() / width) to = emu::lane();
  return emu::shuffle(mask, value, to, "__shfl_xor_sync");
}
template <class T>
static inline T __shfl_down_sync(unsigned mask, T value, unsigned distance, int width = 32) {
  unsigned lane = emu::lane(), to = lane % width + distance < (unsigned)width ? lane + distance : lane;
  return emu::shuffle(mask, value, to, "__shfl_down_sync");
}
template <class T>
static inline T __shfl_up_sync(unsigned mask, T value, unsigned distance, int width = 32) {
  unsigned lane = emu::lane(), to = lane % width >= distance ? lane - distance : lane;
  return emu::shuffle(mask, value, to, "__shfl_up_sync");
}

// Votes.
static inline unsigned __ballot_sync(unsigned mask, int p) {
  unsigned present, votes = 0;
  const uint64_t *table = emu::runtime->meet(mask, p != 0, &present, "__ballot_sync");
  for (int i = 0; i < 32; i++)
    if (present >> i & 1 && table[i]) votes |= 1u << i;
  return votes;
}
static inline int __any_sync(unsigned mask, int p) { return __ballot_sync(mask, p) != 0; }
static inline int __all_sync(unsigned mask, int p) { return __ballot_sync(mask, !p) == 0; }
static inline unsigned __activemask() { return emu::runtime->live_lanes(); }

// Atomics: of the host, since blocks may run on several threads of the CPU.
template <class T, class F>
static inline T emu_update(T *p, F next) {
  T old, changed;
  __atomic_load(p, &old, __ATOMIC_RELAXED);
  do changed = next(old);
  while (!__atomic_compare_exchange(p, &old, &changed, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
  return old;
}
#define EMU_ATOMIC(NAME, VALUE)                         \
  template <class T>                                    \
  static inline T NAME(T *p, T v) {                     \
    return emu_update(p, [=](T old) -> T { return VALUE; }); \
  }
EMU_ATOMIC(atomicAdd, old + v)
EMU_ATOMIC(atomicSub, old - v)
EMU_ATOMIC(atomicMax, old > v ? old : v)
EMU_ATOMIC(atomicMin, old < v ? old : v)
EMU_ATOMIC(atomicOr, old | v)
EMU_ATOMIC(atomicAnd, old &v)
EMU_ATOMIC(atomicExch, v)
#undef EMU_ATOMIC
template <class T>
static inline T atomicCAS(T *p, T expected, T v) {
  __atomic_compare_exchange(p, &expected, &v, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
  return expected;
}

#include "emu_math.h"
#include "emu_bf16.h"

// A kernel's parameters as the driver gets them: the address of each.
namespace emu {
template <size_t... I>
struct Indices {};
template <size_t N, size_t... I>
struct Count : Count<N - 1, N - 1, I...> {};
template <size_t... I>
struct Count<0, I...> {
  typedef Indices<I...> type;
};
template <class T>
struct Plain {
  typedef T type;
};
template <class T>
struct Plain<const T> {
  typedef T type;
};
template <auto F>
struct Entry;
template <class... A, void (*F)(A...)>
struct Entry<F> {
  template <size_t... I>
  static void unpack(void **p, Indices<I...>) {
    F(*(typename Plain<A>::type *)p[I]...);
  }
  static void call(void **p) { unpack(p, typename Count<sizeof...(A)>::type()); }
};
}  // namespace emu

extern "C" __attribute__((visibility("default"))) emu::Running *emu_bind(const emu::Runtime *runtime) {
  emu::runtime = runtime;
  emu::memory = runtime->memory;
  return &emu::running;
}
