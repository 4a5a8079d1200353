// AdamW (Loshchilov and Hutter 2019, algorithm 2) in place, as torch.optim.AdamW computes it.
#include "types.cuh"

// decay = 1 - rate * weightDecay; stepSize = rate / (1 - beta1^t); root2 = sqrt(1 - beta2^t).
extern "C" __global__ void adamW(T *weight, const T *gradient, T *m, T *v, double gradientScale, double decay,
                                 double beta1, double beta2, double stepSize, double root2, double epsilon,
                                 long long n) {
  FOR_EACH(i, n) {
    A g = read(gradient, i) * (A) gradientScale;
    A newM = read(m, i) * (A) beta1 + g * (A) (1 - beta1);
    A newV = read(v, i) * (A) beta2 + g * g * (A) (1 - beta2);
    write(m, i, newM);
    write(v, i, newV);
    A denominator = sqrt(newV) / (A) root2 + (A) epsilon;
    write(weight, i, read(weight, i) * (A) decay - (A) stepSize * newM / denominator);
  }
}
