// CUDA C++ kernels as host code: each GPU thread is a fiber, each block runs on one OS thread.
//
// Included before a kernel source that is compiled by a C++17 compiler. It covers what the
// kernels here use: thread and block indices, shared memory, barriers, warp shuffles and votes,
// atomics, bfloat16 and the fast-math intrinsics. It does not know inline PTX.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <sys/mman.h>
#include <thread>
#include <atomic>
#include <utility>
#include <vector>

#define CUDA_EMULATED 1
#ifdef EMU_PREPROCESS
#define __global__ emu_global  // kept, to be found by the emulated NVRTC
#else
#define __global__
#endif
#define __device__
#define __host__
#define __constant__ static
#define __forceinline__ inline
#define __noinline__ __attribute__((noinline))
#define __launch_bounds__(...)
#define __align__(n) __attribute__((aligned(n)))
#define __shared__ static thread_local

struct dim3 {
  unsigned x = 1, y = 1, z = 1;
  dim3(unsigned x = 1, unsigned y = 1, unsigned z = 1) : x(x), y(y), z(z) {}
};
struct uint3 {
  unsigned x, y, z;
};

#define EMU_VECTORS(T, N)                                                         \
  struct N##2 { T x, y; };                                                        \
  struct alignas(4 * sizeof(T) > 16 ? 16 : 4 * sizeof(T)) N##4 { T x, y, z, w; }; \
  static inline N##2 make_##N##2(T x, T y) { return {x, y}; }                     \
  static inline N##4 make_##N##4(T x, T y, T z, T w) { return {x, y, z, w}; }
EMU_VECTORS(float, float)
EMU_VECTORS(int, int) EMU_VECTORS(unsigned, uint) EMU_VECTORS(double, double) EMU_VECTORS(unsigned short, ushort)
    EMU_VECTORS(unsigned char, uchar)
#undef EMU_VECTORS

        namespace emu {

  constexpr unsigned WARP = 32, STACK = 128 * 1024, MAX_THREADS = 1024;

// Switches stacks: the callee-saved registers stay on the old one.
#if defined(__x86_64__)
  __asm__(R"(
.text
.local emu_switch
.type emu_switch, @function
emu_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size emu_switch, .-emu_switch
)");
#elif defined(__aarch64__)
  __asm__(R"(
.text
.local emu_switch
.type emu_switch, %function
emu_switch:
  sub sp, sp, #160
  stp x19, x20, [sp, #0]
  stp x21, x22, [sp, #16]
  stp x23, x24, [sp, #32]
  stp x25, x26, [sp, #48]
  stp x27, x28, [sp, #64]
  stp x29, x30, [sp, #80]
  stp d8, d9, [sp, #96]
  stp d10, d11, [sp, #112]
  stp d12, d13, [sp, #128]
  stp d14, d15, [sp, #144]
  mov x9, sp
  str x9, [x0]
  mov sp, x1
  ldp x19, x20, [sp, #0]
  ldp x21, x22, [sp, #16]
  ldp x23, x24, [sp, #32]
  ldp x25, x26, [sp, #48]
  ldp x27, x28, [sp, #64]
  ldp x29, x30, [sp, #80]
  ldp d8, d9, [sp, #96]
  ldp d10, d11, [sp, #112]
  ldp d12, d13, [sp, #128]
  ldp d14, d15, [sp, #144]
  add sp, sp, #160
  ret
.size emu_switch, .-emu_switch
)");
#else
#error "no stack switch for this processor"
#endif
  extern "C" void emu_switch(void **save, void *to);

  // Lanes of a warp that meet: `mask` names them, and the two halves of `slots` alternate, so
  // that a lane may be one meeting ahead of a lane that still reads.
  struct Meeting {
    unsigned mask = 0, arrived = 0, generation = 0;
    uint64_t slots[2][WARP];
    unsigned present[2] = {0, 0};
  };

  // A copy to shared memory that its thread has begun and not yet waited for.
  struct AsyncCopy {
    void *to;
    const void *from;
    unsigned size, given, group;
  };

  struct Block;
  struct Fiber {
    uint3 thread{};
    unsigned index = 0;
    Block *block = nullptr;
    void *sp = nullptr;
    char *stack = nullptr;
    bool done = false, at_barrier = false;
    unsigned barrier = 0;
    const char *waits = nullptr;
    std::vector<AsyncCopy> copies;
    unsigned copy_group = 0;
  };

  struct Block {
    dim3 grid, size;
    uint3 id{};
    unsigned threads = 0, alive = 0;
    void (*entry)(void **) = nullptr;
    void **parameters = nullptr;
    std::vector<Fiber> fibers;
    void *scheduler = nullptr;
    unsigned barrier = 0, arrived = 0;
    int votes[2] = {0, 0}, all[2] = {1, 1};
    std::vector<std::vector<Meeting>> warps;
    std::vector<char> dynamic;
    unsigned long progress = 0;
  };

  inline thread_local Fiber *self = nullptr;
  inline thread_local Block *block = nullptr;

  [[noreturn]] inline void fiber_main() {
    Fiber *f = self;
    f->block->entry(f->block->parameters);
    f->done = true;
    Block *b = f->block;
    b->alive--;
    b->progress++;
    void *unused;
    emu_switch(&unused, b->scheduler);
    __builtin_trap();
  }

  inline void yield_to_scheduler() {
    Fiber *f = self;
    emu_switch(&f->sp, f->block->scheduler);
    self = f;
  }

  inline void start(Fiber & f) {
    if (!f.stack) {
      void *memory = mmap(nullptr, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
      if (memory == MAP_FAILED) {
        perror("emulated device: stack");
        abort();
      }
      f.stack = (char *)memory;
    }
    void **top = (void **)(f.stack + STACK);
#if defined(__x86_64__)
    *--top = nullptr;  // keeps the alignment that a call leaves
    *--top = (void *)fiber_main;
    for (int i = 0; i < 6; i++) *--top = nullptr;
#else
    top -= 20;
    for (int i = 0; i < 20; i++) top[i] = nullptr;
    top[11] = (void *)fiber_main;
#endif
    f.sp = top;
    f.done = f.at_barrier = false;
    f.waits = nullptr;
    f.copies.clear();
    f.copy_group = 0;
  }

  inline void release_if_full(Block * b) {
    if (b->alive && b->arrived >= b->alive) {
      b->arrived = 0;
      b->barrier++;
      b->progress++;
      b->votes[b->barrier & 1] = 0;
      b->all[b->barrier & 1] = 1;
    }
  }

  // The block barrier. Returns the number of threads whose `vote` was true.
  inline int block_barrier(bool vote) {
    Fiber *f = self;
    Block *b = f->block;
    unsigned at = b->barrier;
    b->votes[at & 1] += vote;
    b->arrived++;
    b->progress++;
    f->waits = "__syncthreads";
    release_if_full(b);
    f->at_barrier = true;
    f->barrier = at;
    while (b->barrier == at) yield_to_scheduler();
    f->at_barrier = false;
    f->waits = nullptr;
    return b->votes[at & 1];
  }

  inline unsigned live_mask(Block * b, unsigned warp) {
    unsigned mask = 0;
    for (unsigned i = 0; i < WARP && warp * WARP + i < b->threads; i++)
      if (!b->fibers[warp * WARP + i].done) mask |= 1u << i;
    return mask;
  }

  // All lanes of `mask` meet; each brings a value and gets the table of all of them.
  inline const uint64_t *meet(unsigned mask, uint64_t value, unsigned *present, const char *what) {
    Fiber *f = self;
    Block *b = f->block;
    unsigned warp = f->index / WARP, lane = f->index % WARP;
    if (!(mask >> lane & 1)) {
      fprintf(stderr, "emulated device: %s by lane %u, which its mask %08x leaves out\n", what, lane, mask);
      abort();
    }
    auto &all = b->warps[warp];
    size_t m = 0;
    while (m < all.size() && all[m].mask != mask) m++;
    if (m == all.size()) {
      all.emplace_back();
      all[m].mask = mask;
    }
    unsigned g = all[m].generation;
    if (!(all[m].arrived)) all[m].present[g & 1] = 0;
    all[m].slots[g & 1][lane] = value;
    all[m].present[g & 1] |= 1u << lane;
    all[m].arrived |= 1u << lane;
    b->progress++;
    f->waits = what;
    for (;;) {
      Meeting &now = all[m];
      if (now.generation != g) break;
      if ((now.arrived & mask & live_mask(b, warp)) == (mask & live_mask(b, warp))) {
        now.arrived = 0;
        now.generation++;
        b->progress++;
        break;
      }
      yield_to_scheduler();
    }
    f->waits = nullptr;
    if (present) *present = all[m].present[g & 1];
    return all[m].slots[g & 1];
  }

  struct Failure {
    char text[256] = "";
    std::atomic<int> code{0};
  };

  // EMU_ORDER: in which order the threads of a block run. "forward" and "reverse" let each warp run
  // as far as it can, "turns" goes round all threads.
  enum Order { FORWARD, REVERSE, TURNS };
  inline Order order() {
    static Order o = [] {
      const char *e = getenv("EMU_ORDER");
      return !e || *e == 'f' ? FORWARD : *e == 'r' ? REVERSE : TURNS;
    }();
    return o;
  }

  inline void run_block(Block & b, Failure & failure) {
    block = &b;
    b.alive = b.threads;
    b.barrier = b.arrived = 0;
    b.votes[0] = b.votes[1] = 0;
    for (auto &w : b.warps) w.clear();
    // Shared memory is not cleared on the device either: a kernel that relies on zeros fails here.
    std::memset(b.dynamic.data(), 0xFF, b.dynamic.size());
    for (unsigned i = 0; i < b.threads; i++) start(b.fibers[i]);
    // A turn lasts until the thread waits or ends. By default a warp gets turns for as long as it
    // gets on without the others: whatever a missing barrier lets it overtake, it does overtake.
    const unsigned warps = (b.threads + WARP - 1) / WARP;
    while (b.alive) {
      unsigned long before = b.progress;
      for (unsigned k = 0; k < warps; k++) {
        unsigned warp = order() == REVERSE ? warps - 1 - k : k, first = warp * WARP,
                 last = std::min(b.threads, first + WARP);
        unsigned long here;
        do {
          here = b.progress;
          for (unsigned l = first; l < last; l++) {
            Fiber &f = b.fibers[order() == REVERSE ? first + last - 1 - l : l];
            if (f.done || (f.at_barrier && f.barrier == b.barrier)) continue;
            self = &f;
            emu_switch(&b.scheduler, f.sp);
            release_if_full(&b);
          }
        } while (order() != TURNS && b.progress != here);
      }
      if (b.alive && b.progress == before) {
        for (auto &f : b.fibers)
          if (!f.done) {
            if (!failure.code.exchange(719))
              snprintf(failure.text, sizeof failure.text,
                       "%u of %u threads of block (%u,%u,%u) wait for ever; thread %u at %s", b.alive, b.threads,
                       b.id.x, b.id.y, b.id.z, f.index, f.waits ? f.waits : "?");
            break;
          }
        break;
      }
    }
    self = nullptr;
    block = nullptr;
  }

  inline int launch(void (*entry)(void **), void **parameters, dim3 grid, dim3 size, unsigned dynamic, char *error,
                    unsigned error_size) {
    unsigned threads = size.x * size.y * size.z;
    if (!threads || threads > MAX_THREADS || !grid.x || !grid.y || !grid.z) return 1;
    if (dynamic > 227 * 1024) return 1;
    uint64_t blocks = (uint64_t)grid.x * grid.y * grid.z;
    std::atomic<uint64_t> next{0};
    Failure failure;
    auto work = [&] {
      // Kept between launches: stacks are what a launch costs most.
      static thread_local Block b;
      b.grid = grid;
      b.size = size;
      b.threads = threads;
      b.entry = entry;
      b.parameters = parameters;
      if (b.fibers.size() < threads) b.fibers.resize(threads);
      b.warps.resize((b.fibers.size() + WARP - 1) / WARP);
      b.dynamic.resize(dynamic + 16);
      for (unsigned i = 0; i < b.fibers.size(); i++) {
        Fiber &f = b.fibers[i];
        f.index = i;
        f.block = &b;
        f.done = i >= threads;
        f.thread = {i % size.x, i / size.x % size.y, i / size.x / size.y};
      }
      for (uint64_t i; !failure.code && (i = next++) < blocks;) {
        b.id = {(unsigned)(i % grid.x), (unsigned)(i / grid.x % grid.y), (unsigned)(i / grid.x / grid.y)};
        run_block(b, failure);
      }
    };
    const char *e = getenv("EMU_THREADS");
    unsigned n = e ? std::max(1, atoi(e)) : 1;
    if (n > blocks) n = (unsigned)blocks;
    if (n == 1)
      work();
    else {
      std::vector<std::thread> pool;
      for (unsigned i = 0; i < n; i++) pool.emplace_back(work);
      for (auto &t : pool) t.join();
    }
    if (failure.code) snprintf(error, error_size, "%s", failure.text);
    return failure.code;
  }

  inline char *dynamic_shared() {
    char *p = block->dynamic.data();
    return p + (-(uintptr_t)p & 15);
  }

  template <auto F>
  struct Entry;
  template <class... A, void (*F)(A...)>
  struct Entry<F> {
    template <size_t... I>
    static void unpack(void **p, std::index_sequence<I...>) {
      F(*(std::remove_const_t<A> *)p[I]...);
    }
    static void call(void **p) { unpack(p, std::index_sequence_for<A...>()); }
  };

  template <class T>
  inline uint64_t bits(T v) {
    static_assert(sizeof(T) <= 8);
    uint64_t u = 0;
    std::memcpy(&u, &v, sizeof v);
    return u;
  }
  template <class T>
  inline T unbits(uint64_t u) {
    T v;
    std::memcpy(&v, &u, sizeof v);
    return v;
  }

}  // namespace emu

#define threadIdx (emu::self->thread)
#define blockIdx (emu::self->block->id)
#define blockDim (emu::self->block->size)
#define gridDim (emu::self->block->grid)
#define warpSize 32

static inline void __syncthreads() { emu::block_barrier(false); }
static inline int __syncthreads_count(int p) { return emu::block_barrier(p != 0); }
static inline int __syncthreads_or(int p) { return emu::block_barrier(p != 0) != 0; }
static inline void __syncwarp(unsigned mask = ~0u) { emu::meet(mask, 0, nullptr, "__syncwarp"); }
static inline void __threadfence() { std::atomic_thread_fence(std::memory_order_seq_cst); }
static inline void __threadfence_block() {}

namespace emu {
template <class T>
inline T shuffle(unsigned mask, T value, unsigned from, const char *what) {
  unsigned present;
  const uint64_t *table = meet(mask, bits(value), &present, what);
  return present >> from & 1 ? unbits<T>(table[from]) : value;
}
inline unsigned lane() { return self->index % WARP; }
}  // namespace emu
template <class T>
static inline T __shfl_sync(unsigned m, T v, int from, int width = 32) {
  unsigned base = emu::lane() & ~(width - 1);
  return emu::shuffle(m, v, base + (from & (width - 1)), "__shfl_sync");
}
template <class T>
static inline T __shfl_xor_sync(unsigned m, T v, int x, int width = 32) {
  unsigned to = emu::lane() ^ x;
  if (to / width > emu::lane() / width) to = emu::lane();
  return emu::shuffle(m, v, to, "__shfl_xor_sync");
}
template <class T>
static inline T __shfl_down_sync(unsigned m, T v, unsigned d, int width = 32) {
  unsigned l = emu::lane(), to = l % width + d < (unsigned)width ? l + d : l;
  return emu::shuffle(m, v, to, "__shfl_down_sync");
}
template <class T>
static inline T __shfl_up_sync(unsigned m, T v, unsigned d, int width = 32) {
  unsigned l = emu::lane(), to = l % width >= d ? l - d : l;
  return emu::shuffle(m, v, to, "__shfl_up_sync");
}
static inline unsigned __ballot_sync(unsigned m, int p) {
  unsigned present, r = 0;
  const uint64_t *t = emu::meet(m, p != 0, &present, "__ballot_sync");
  for (int i = 0; i < 32; i++)
    if (present >> i & 1 && t[i]) r |= 1u << i;
  return r;
}
static inline int __any_sync(unsigned m, int p) { return __ballot_sync(m, p) != 0; }
static inline int __all_sync(unsigned m, int p) {
  unsigned present, r = 1;
  const uint64_t *t = emu::meet(m, p != 0, &present, "__all_sync");
  for (int i = 0; i < 32; i++)
    if (present >> i & 1 && !t[i]) r = 0;
  return r;
}
static inline unsigned __activemask() { return emu::live_mask(emu::self->block, emu::self->index / 32); }

// Atomics: of the host, since blocks may run on several OS threads.
template <class T>
static inline T emu_cas_loop(T *p, T (*f)(T, T), T v) {
  T old, next;
  __atomic_load(p, &old, __ATOMIC_RELAXED);
  do next = f(old, v);
  while (!__atomic_compare_exchange(p, &old, &next, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
  return old;
}
template <class T>
static inline T atomicAdd(T *p, T v) {
  return emu_cas_loop<T>(p, [](T a, T b) -> T { return a + b; }, v);
}
template <class T>
static inline T atomicSub(T *p, T v) {
  return emu_cas_loop<T>(p, [](T a, T b) -> T { return a - b; }, v);
}
template <class T>
static inline T atomicMax(T *p, T v) {
  return emu_cas_loop<T>(p, [](T a, T b) -> T { return a > b ? a : b; }, v);
}
template <class T>
static inline T atomicMin(T *p, T v) {
  return emu_cas_loop<T>(p, [](T a, T b) -> T { return a < b ? a : b; }, v);
}
template <class T>
static inline T atomicOr(T *p, T v) {
  return emu_cas_loop<T>(p, [](T a, T b) -> T { return a | b; }, v);
}
template <class T>
static inline T atomicExch(T *p, T v) {
  return emu_cas_loop<T>(p, [](T, T b) -> T { return b; }, v);
}
template <class T>
static inline T atomicCAS(T *p, T expected, T v) {
  __atomic_compare_exchange(p, &expected, &v, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
  return expected;
}

// Arithmetic. Some names are taken in the C library, hence macros. The fast forms are exact here: tests compare with a
// tolerance anyway.
using std::max;
using std::min;
#define __expf(x) expf(x)
#define __exp10f(x) powf(10.f, x)
#define __logf(x) logf(x)
#define __log2f(x) log2f(x)
#define __powf(x, y) powf(x, y)
#define __sinf(x) sinf(x)
#define __cosf(x) cosf(x)
static inline float __fdividef(float x, float y) { return x / y; }
static inline float __frcp_rn(float x) { return 1 / x; }
static inline float __fsqrt_rn(float x) { return sqrtf(x); }
static inline float __fmaf_rn(float a, float b, float c) { return fmaf(a, b, c); }
static inline float __fadd_rn(float a, float b) { return a + b; }
static inline float __fmul_rn(float a, float b) { return a * b; }
static inline float rsqrtf(float x) { return 1 / sqrtf(x); }
static inline float __saturatef(float x) { return x < 0 || x != x ? 0 : x > 1 ? 1 : x; }
static inline float __int_as_float(int x) { return emu::unbits<float>((unsigned)x); }
static inline float __uint_as_float(unsigned x) { return emu::unbits<float>(x); }
static inline int __float_as_int(float x) { return (int)emu::bits(x); }
static inline unsigned __float_as_uint(float x) { return (unsigned)emu::bits(x); }
static inline int __popc(unsigned x) { return __builtin_popcount(x); }
static inline int __clz(int x) { return x ? __builtin_clz(x) : 32; }
static inline int __ffs(int x) { return __builtin_ffs(x); }
static inline unsigned __brev(unsigned x) {
  unsigned r = 0;
  for (int i = 0; i < 32; i++) r |= (x >> i & 1) << (31 - i);
  return r;
}
static inline unsigned __umulhi(unsigned a, unsigned b) { return (unsigned)((uint64_t)a * b >> 32); }
static inline uint64_t __umul64hi(uint64_t a, uint64_t b) { return (uint64_t)((unsigned __int128)a * b >> 64); }
static inline int __float2int_rn(float x) { return (int)nearbyintf(x); }
template <class T>
static inline T __ldg(const T *p) {
  return *p;
}
template <class T>
static inline T __ldcs(const T *p) {
  return *p;
}
template <class T>
static inline void __stcs(T *p, T v) {
  *p = v;
}

// bfloat16, as in cuda_bf16.h.
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

// What kernels write as inline PTX: they call these under `#ifdef CUDA_EMULATED`.
namespace emu {
inline float low_bf16(unsigned pair) { return __uint_as_float(pair << 16); }
inline float high_bf16(unsigned pair) { return __uint_as_float(pair & 0xffff0000u); }

// mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32: d += a b, over a whole warp.
inline void mma_m16n8k16_bf16(float *d, const unsigned *a, const unsigned *b) {
  uint64_t a01[WARP], a23[WARP], b01[WARP];
  std::memcpy(a01, meet(~0u, (uint64_t)a[1] << 32 | a[0], nullptr, "mma.sync"), sizeof a01);
  std::memcpy(a23, meet(~0u, (uint64_t)a[3] << 32 | a[2], nullptr, "mma.sync"), sizeof a23);
  std::memcpy(b01, meet(~0u, (uint64_t)b[1] << 32 | b[0], nullptr, "mma.sync"), sizeof b01);
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
// between this call and the wait for it. Here the target holds NaN in between, so that neither a read that does not
// wait nor a read of what lay there before gives anything of use.
inline void cp_async(void *to, const void *from, unsigned size, unsigned given) {
  if ((uintptr_t)to % size || (given && (uintptr_t)from % size)) {
    fprintf(stderr, "emulated device: cp.async of %u bytes at an address that is no multiple of it\n", size);
    abort();
  }
  std::memset(to, 0xFF, size);
  self->copies.push_back({to, from, size, given, self->copy_group});
}
inline void cp_async_commit() { self->copy_group++; }
// Waits for all of the thread's groups but the last `pending`.
inline void cp_async_wait(unsigned pending) {
  auto &copies = self->copies;
  size_t n = 0;
  for (; n < copies.size() && copies[n].group + pending < self->copy_group; n++) {
    std::memcpy(copies[n].to, copies[n].from, copies[n].given);
    std::memset((char *)copies[n].to + copies[n].given, 0, copies[n].size - copies[n].given);
  }
  copies.erase(copies.begin(), copies.begin() + n);
}

// ldmatrix.sync.aligned.m8n8.x4[.trans].shared.b16: lane 8 i + r brings row r of matrix i.
inline void ldmatrix_x4(unsigned *r, const void *row, bool transposed = false) {
  uint64_t rows[WARP];
  std::memcpy(rows, meet(~0u, (uint64_t)row, nullptr, "ldmatrix"), sizeof rows);
  unsigned group = lane() / 4, pair = lane() % 4 * 2;
  for (unsigned i = 0; i < 4; i++) {
    auto at = [&](unsigned y, unsigned x) { return (unsigned)((const unsigned short *)rows[8 * i + y])[x]; };
    r[i] = transposed ? at(pair, group) | at(pair + 1, group) << 16 : at(group, pair) | at(group, pair + 1) << 16;
  }
}
}  // namespace emu

// One per kernel, after its definition: what the emulated driver calls.
#define EMU_KERNEL(name)                                                                                            \
  extern "C" __attribute__((visibility("default"))) int emu_launch_##name(                                          \
      void **p, const unsigned *dims, unsigned dynamic, char *error, unsigned size) {                               \
    return emu::launch(emu::Entry<name>::call, p, dim3(dims[0], dims[1], dims[2]), dim3(dims[3], dims[4], dims[5]), \
                       dynamic, error, size);                                                                       \
  }
