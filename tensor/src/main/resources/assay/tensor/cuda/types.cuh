// What every kernel file begins with. A file is compiled once for each type of element:
// T is the type in memory, A the type of arithmetic.
#pragma once

typedef unsigned short bfloat16;  // the upper half of a float

__device__ inline float widen(bfloat16 x) { return __uint_as_float((unsigned) x << 16); }

// To nearest, ties to even; NaN stays NaN.
__device__ inline bfloat16 narrow(float x) {
  unsigned bits = __float_as_uint(x);
  if ((bits & 0x7fffffffu) > 0x7f800000u) return (bfloat16) (bits >> 16 | 0x40u);
  return (bfloat16) ((bits + 0x7fffu + (bits >> 16 & 1u)) >> 16);
}

__device__ inline float read(const bfloat16 *x, long long i) { return widen(x[i]); }
__device__ inline float read(const float *x, long long i) { return x[i]; }
__device__ inline double read(const double *x, long long i) { return x[i]; }
__device__ inline int read(const int *x, long long i) { return x[i]; }

__device__ inline void write(bfloat16 *x, long long i, double value) { x[i] = narrow((float) value); }
__device__ inline void write(float *x, long long i, double value) { x[i] = (float) value; }
__device__ inline void write(double *x, long long i, double value) { x[i] = value; }
__device__ inline void write(int *x, long long i, double value) { x[i] = (int) value; }
__device__ inline void write(bfloat16 *x, long long i, float value) { x[i] = narrow(value); }
__device__ inline void write(float *x, long long i, float value) { x[i] = value; }

#if defined(ELEMENT_F64)
typedef double T;
typedef double A;
#elif defined(ELEMENT_F32)
typedef float T;
typedef float A;
#elif defined(ELEMENT_BF16)
typedef bfloat16 T;
typedef float A;
#elif defined(ELEMENT_I32)
typedef int T;
typedef double A;
#endif

// Of an output that may be wider than T, such as a sum.
#ifndef OUT
#define OUT T
#endif

// Visits 0 to n - 1, shared out over all threads of the grid.
#define FOR_EACH(i, n)                                                                  \
  for (long long i = blockIdx.x * (long long) blockDim.x + threadIdx.x; i < (n);        \
       i += gridDim.x * (long long) blockDim.x)

#define NEGATIVE_INFINITY ((A) __int_as_float(0xff800000))
