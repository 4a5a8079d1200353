// Float weights to and from their halves.
#include "split.cuh"

extern "C" __global__ void joinWeights(const bfloat16 *high, const short *low, float *weight, long long n) {
  FOR_EACH(i, n) weight[i] = join(high[i], low[i]);
}

extern "C" __global__ void splitWeights(const float *weight, bfloat16 *high, short *low, long long n) {
  FOR_EACH(i, n) split(weight[i], high[i], low[i]);
}
