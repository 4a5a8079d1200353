// Vector types, mathematics and the functions that stand for single instructions. Fast forms are exact here: tests
// compare with a tolerance anyway.
#pragma once

#define EMU_VECTORS(T, N)                                                                             \
  struct alignas(2 * sizeof(T)) N##2 { T x, y; };                                                     \
  struct N##3 { T x, y, z; };                                                                         \
  struct alignas(4 * sizeof(T) > 16 ? 16 : 4 * sizeof(T)) N##4 { T x, y, z, w; };                     \
  static inline N##2 make_##N##2(T x, T y) { return {x, y}; }                                         \
  static inline N##3 make_##N##3(T x, T y, T z) { return {x, y, z}; }                                 \
  static inline N##4 make_##N##4(T x, T y, T z, T w) { return {x, y, z, w}; }
#define uint3 emu_uint3  // there already
EMU_VECTORS(float, float)
EMU_VECTORS(double, double)
EMU_VECTORS(int, int)
EMU_VECTORS(unsigned, uint)
EMU_VECTORS(short, short)
EMU_VECTORS(unsigned short, ushort)
EMU_VECTORS(signed char, char)
EMU_VECTORS(unsigned char, uchar)
EMU_VECTORS(long long, longlong)
EMU_VECTORS(unsigned long long, ulonglong)
#undef uint3
#undef EMU_VECTORS

// The functions of C's mathematics for float, double and whole numbers.
#define EMU_FUNCTION(F)                                                   \
  static inline float F##f(float x) { return __builtin_##F##f(x); }       \
  static inline float F(float x) { return __builtin_##F##f(x); }          \
  static inline double F(double x) { return __builtin_##F(x); }           \
  template <class T>                                                      \
  static inline double F(T x) {                                           \
    return __builtin_##F((double)x);                                      \
  }
EMU_FUNCTION(exp)
EMU_FUNCTION(exp2)
EMU_FUNCTION(expm1)
EMU_FUNCTION(log)
EMU_FUNCTION(log2)
EMU_FUNCTION(log10)
EMU_FUNCTION(log1p)
EMU_FUNCTION(sqrt)
EMU_FUNCTION(cbrt)
EMU_FUNCTION(sin)
EMU_FUNCTION(cos)
EMU_FUNCTION(tan)
EMU_FUNCTION(tanh)
EMU_FUNCTION(sinh)
EMU_FUNCTION(cosh)
EMU_FUNCTION(erf)
EMU_FUNCTION(erfc)
EMU_FUNCTION(floor)
EMU_FUNCTION(ceil)
EMU_FUNCTION(trunc)
EMU_FUNCTION(round)
EMU_FUNCTION(rint)
EMU_FUNCTION(fabs)
#undef EMU_FUNCTION
#define EMU_FUNCTION(F)                                                                          \
  static inline float F##f(float x, float y) { return __builtin_##F##f(x, y); }                  \
  static inline float F(float x, float y) { return __builtin_##F##f(x, y); }                     \
  static inline double F(double x, double y) { return __builtin_##F(x, y); }
EMU_FUNCTION(pow)
EMU_FUNCTION(fmod)
EMU_FUNCTION(fmax)
EMU_FUNCTION(fmin)
EMU_FUNCTION(copysign)
EMU_FUNCTION(atan2)
#undef EMU_FUNCTION
static inline float fmaf(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
static inline float fma(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
static inline double fma(double a, double b, double c) { return __builtin_fma(a, b, c); }
static inline int abs(int x) { return x < 0 ? -x : x; }
static inline float abs(float x) { return __builtin_fabsf(x); }
static inline double abs(double x) { return __builtin_fabs(x); }
static inline bool isnan(double x) { return x != x; }
static inline bool isinf(double x) { return __builtin_isinf(x); }
static inline bool isfinite(double x) { return __builtin_isfinite(x); }

// Of floating-point numbers the one that is a number, as on a GPU.
template <class T, class U>
static inline auto max(T a, U b) -> decltype(a + b) {
  return a > b || b != b ? a : b;
}
template <class T, class U>
static inline auto min(T a, U b) -> decltype(a + b) {
  return a < b || b != b ? a : b;
}

static inline float rsqrtf(float x) { return 1 / sqrtf(x); }
static inline float rsqrt(float x) { return 1 / sqrtf(x); }
static inline double rsqrt(double x) { return 1 / sqrt(x); }
static inline float __expf(float x) { return expf(x); }
static inline float __exp10f(float x) { return powf(10.f, x); }
static inline float __logf(float x) { return logf(x); }
static inline float __log2f(float x) { return log2f(x); }
static inline float __powf(float x, float y) { return powf(x, y); }
static inline float __sinf(float x) { return sinf(x); }
static inline float __cosf(float x) { return cosf(x); }
static inline float __tanhf(float x) { return tanhf(x); }
static inline float __fdividef(float x, float y) { return x / y; }
static inline float __frcp_rn(float x) { return 1 / x; }
static inline float __fsqrt_rn(float x) { return sqrtf(x); }
static inline float __fmaf_rn(float a, float b, float c) { return fmaf(a, b, c); }
static inline float __fadd_rn(float a, float b) { return a + b; }
static inline float __fmul_rn(float a, float b) { return a * b; }
static inline float __saturatef(float x) { return x < 0 || x != x ? 0 : x > 1 ? 1 : x; }
static inline float __int_as_float(int x) { return emu::unbits<float>((unsigned)x); }
static inline float __uint_as_float(unsigned x) { return emu::unbits<float>(x); }
static inline int __float_as_int(float x) { return (int)emu::bits(x); }
static inline unsigned __float_as_uint(float x) { return (unsigned)emu::bits(x); }
static inline double __longlong_as_double(long long x) { return emu::unbits<double>(x); }
static inline long long __double_as_longlong(double x) { return (long long)emu::bits(x); }
static inline int __popc(unsigned x) { return __builtin_popcount(x); }
static inline int __clz(int x) { return x ? __builtin_clz(x) : 32; }
static inline int __ffs(int x) { return __builtin_ffs(x); }
static inline unsigned __umulhi(unsigned a, unsigned b) { return (unsigned)((uint64_t)a * b >> 32); }
static inline uint64_t __umul64hi(uint64_t a, uint64_t b) { return (uint64_t)((unsigned __int128)a * b >> 64); }
static inline int __float2int_rn(float x) { return (int)__builtin_nearbyintf(x); }

// Loads and stores with a word for the caches.
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
