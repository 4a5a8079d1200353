// Rotary position embedding (Su et al. 2021, eq. 34) in Llama's half-split layout: a thread for each pair.
#include "types.cuh"

// Each head's columns (x1, x2) become (x1 cos - x2 sin, x2 cos + x1 sin); sign -1 rotates back. out may be x.
extern "C" __global__ void rope(const T *x, const A *cos, const A *sin, long long numHeads, long long half, int sign,
                                T *out, long long numPairs) {
  FOR_EACH(i, numPairs) {
    long long pair = i % half;
    long long head = i / half;  // among the heads of all rows
    long long angle = head / numHeads * half + pair;
    long long first = head * 2 * half + pair;
    A c = cos[angle];
    A s = sin[angle] * sign;
    A x1 = read(x, first);
    A x2 = read(x, first + half);
    write(out, first, x1 * c - x2 * s);
    write(out, first + half, x2 * c + x1 * s);
  }
}
