// Conversion to T from the type FROM; through double, which holds every value of both.
#include "types.cuh"

extern "C" __global__ void cast(const FROM *x, T *out, long long n) {
  FOR_EACH(i, n) write(out, i, (double) read(x, i));
}
