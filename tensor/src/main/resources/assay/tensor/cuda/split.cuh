// A float in two halves: bits(x) = (bits(high) << 16) + low, low being signed. So high is x rounded to nearest.
#pragma once
#include "types.cuh"

__device__ inline float join(bfloat16 high, short low) { return __uint_as_float(((unsigned) high << 16) + low); }

__device__ inline void split(float x, bfloat16 &high, short &low) {
  unsigned bits = __float_as_uint(x);
  high = x != x ? 0x7fc0 : (bfloat16) ((bits + 0x8000u) >> 16);
  low = x != x ? 0 : (short) bits;
}
