// Element-wise kernels, one for each kind: a thread reads, computes and writes one element at a time.
#include "types.cuh"

extern "C" __global__ void fill(T *out, double value, long long n) {
  FOR_EACH(i, n) write(out, i, (A) value);
}

#define UNARY(KIND, VALUE)                                                        \
  extern "C" __global__ void KIND(const T *from, T *out, long long n) {           \
    FOR_EACH(i, n) {                                                              \
      A x = read(from, i);                                                        \
      write(out, i, (A) (VALUE));                                                 \
    }                                                                             \
  }

UNARY(COPY, x)
UNARY(NEGATE, -x)
UNARY(ABSOLUTE, fabs(x))
UNARY(EXP, exp(x))
UNARY(LOG, log(x))
UNARY(SQRT, sqrt(x))
UNARY(RECIPROCAL, 1 / x)
UNARY(TANH, tanh(x))
UNARY(SIGMOID, 1 / (1 + exp(-x)))
UNARY(LOG_SIGMOID, (x < 0 ? x : 0) - log1p(exp(-fabs(x))))

// b is read at row * rowStep + column * columnStep: a matrix, a row (rowStep 0), a column (columnStep 0)
// or a scalar (both 0).
#define BINARY(KIND, VALUE)                                                                            \
  extern "C" __global__ void KIND(const T *left, const T *right, long long columns, long long rowStep, \
                                  long long columnStep, T *out, long long n) {                         \
    FOR_EACH(i, n) {                                                                                   \
      A a = read(left, i);                                                                             \
      A b = read(right, i / columns * rowStep + i % columns * columnStep);                             \
      write(out, i, (A) (VALUE));                                                                      \
    }                                                                                                  \
  }

BINARY(ADD, a + b)
BINARY(SUBTRACT, a - b)
BINARY(MULTIPLY, a *b)
BINARY(DIVIDE, a / b)
BINARY(MAXIMUM, a != a || a > b ? a : b)
BINARY(LESS, a < b)
BINARY(LESS_EQUAL, a <= b)
BINARY(EQUAL, a == b)

extern "C" __global__ void where(const T *condition, const T *a, const T *b, long long step, T *out, long long n) {
  FOR_EACH(i, n) out[i] = read(condition, i) != 0 ? a[i] : b[i * step];
}
