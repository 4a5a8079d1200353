// Random numbers by counter: element i is a function of the seed and i (SplitMix64, Steele, Lea and Flood 2014).
#include "types.cuh"

__device__ unsigned long long mix(unsigned long long z) {
  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ z >> 27) * 0x94D049BB133111EBULL;
  return z ^ z >> 31;
}

__device__ double uniform(unsigned long long seed, unsigned long long counter) {
  return (double) (mix(mix(seed) + (counter + 1) * 0x9E3779B97F4A7C15ULL) >> 11) * 0x1.0p-53;
}

extern "C" __global__ void UNIFORM(long long seed, T *out, long long n) {
  FOR_EACH(i, n) write(out, i, uniform(seed, 2 * i));
}

// Box and Muller 1958; 1 - u lies in (0, 1].
extern "C" __global__ void NORMAL(long long seed, T *out, long long n) {
  FOR_EACH(i, n) {
    double radius = sqrt(-2 * log(1 - uniform(seed, 2 * i)));
    write(out, i, radius * cos(2 * 3.14159265358979323846 * uniform(seed, 2 * i + 1)));
  }
}
