// AdamW (Loshchilov and Hutter 2019, algorithm 2) in place, as torch.optim.AdamW computes it.
#include "split.cuh"
#include "types.cuh"

struct Step {
  double gradientScale, decay, beta1, beta2, stepSize, root2, epsilon;
};

// The new weight; m and v are updated. decay = 1 - rate * weightDecay; stepSize = rate / (1 - beta1^t);
// root2 = sqrt(1 - beta2^t).
__device__ A updated(A weight, const T *gradient, T *m, T *v, long long i, const Step &step) {
  A g = read(gradient, i) * (A) step.gradientScale;
  A newM = read(m, i) * (A) step.beta1 + g * (A) (1 - step.beta1);
  A newV = read(v, i) * (A) step.beta2 + g * g * (A) (1 - step.beta2);
  write(m, i, newM);
  write(v, i, newV);
  A denominator = sqrt(newV) / (A) step.root2 + (A) step.epsilon;
  return weight * (A) step.decay - (A) step.stepSize * newM / denominator;
}

extern "C" __global__ void adamW(T *weight, const T *gradient, T *m, T *v, Step step, long long n) {
  FOR_EACH(i, n) write(weight, i, updated(read(weight, i), gradient, m, v, i, step));
}

// The same on weights in two halves.
extern "C" __global__ void adamWSplit(bfloat16 *high, short *low, const T *gradient, T *m, T *v, Step step,
                                      long long n) {
  FOR_EACH(i, n) split((float) updated(join(high[i], low[i]), gradient, m, v, i, step), high[i], low[i]);
}
