// The gated activation of an MLP (Shazeer 2020), activation(gate) * up, and its gradient.
#include "types.cuh"

struct Activation {
  A value;
  A slope;
};

// f = x s and f' = s + f (1 - s), with s = sigmoid(x).
__device__ Activation silu(A x) {
  A s = 1 / (1 + exp(-x));
  A f = x * s;
  return {f, s + f * (1 - s)};
}

// f = x h with h = (1 + tanh(u)) / 2, u = sqrt(2 / pi) (x + 0.044715 x^3).
__device__ Activation geluTanh(A x) {
  const A root = (A) 0.7978845608028654, cubic = (A) 0.044715;
  A t = tanh(root * x * (1 + cubic * x * x));
  A h = (1 + t) / 2;
  A innerSlope = root * (1 + 3 * cubic * x * x);
  return {x * h, h + x * (1 - t * t) * innerSlope / 2};
}

#define GATED(KIND, FUNCTION)                                                                            \
  extern "C" __global__ void KIND(const T *gate, const T *up, T *out, long long n) {                     \
    FOR_EACH(i, n) write(out, i, FUNCTION(read(gate, i)).value * read(up, i));                           \
  }                                                                                                      \
  extern "C" __global__ void KIND##_BACKWARD(const T *gate, const T *up, const T *dy, T *dGate, T *dUp,  \
                                             long long n) {                                              \
    FOR_EACH(i, n) {                                                                                     \
      Activation f = FUNCTION(read(gate, i));                                                            \
      A gradient = read(dy, i);                                                                          \
      A other = read(up, i);                                                                             \
      write(dUp, i, f.value * gradient);                                                                 \
      write(dGate, i, f.slope * other * gradient);                                                       \
    }                                                                                                    \
  }

GATED(SILU, silu)
GATED(GELU_TANH, geluTanh)
