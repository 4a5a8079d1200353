// libcublas.so.12 of the emulated device: matrix products by plain loops, in float or double.
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>
#define API extern "C" __attribute__((visibility("default"))) int
namespace {
enum { R_32F = 0, R_64F = 1, R_16F = 2, R_16BF = 14 };
float half_to_float(uint16_t h) {
  int e = h >> 10 & 31;
  float m = h & 1023, v = e == 0 ? std::ldexp(m, -24) : e == 31 ? (m ? NAN : INFINITY) : std::ldexp(1024 + m, e - 25);
  return h >> 15 ? -v : v;
}
uint16_t float_to_half(float f) {
  uint32_t u;
  memcpy(&u, &f, 4);
  uint16_t s = u >> 16 & 0x8000;
  float a = std::fabs(f);
  if (f != f) return 0x7fff;
  if (a >= 65520) return s | 0x7c00;
  if (a < 6.103515625e-05f) return s | (uint16_t)std::nearbyint(std::ldexp(a, 24));
  int e;
  std::frexp(a, &e);
  uint32_t m = (uint32_t)std::nearbyint(std::ldexp(a, 11 - e));
  return s | (uint16_t)(((e + 14) << 10) + (m - 1024));
}
double get(const void *p, int type, size_t i) {
  switch (type) {
    case R_32F:
      return ((const float *)p)[i];
    case R_64F:
      return ((const double *)p)[i];
    case R_16F:
      return half_to_float(((const uint16_t *)p)[i]);
    default: {
      uint32_t u = (uint32_t)((const uint16_t *)p)[i] << 16;
      float f;
      memcpy(&f, &u, 4);
      return f;
    }
  }
}
void put(void *p, int type, size_t i, double v) {
  switch (type) {
    case R_32F:
      ((float *)p)[i] = (float)v;
      break;
    case R_64F:
      ((double *)p)[i] = v;
      break;
    case R_16F:
      ((uint16_t *)p)[i] = float_to_half((float)v);
      break;
    default: {
      float f = (float)v;
      uint32_t u;
      memcpy(&u, &f, 4);
      ((uint16_t *)p)[i] = f != f ? 0x7fff : (u + 0x7fff + (u >> 16 & 1)) >> 16;
    }
  }
}
bool known(int t) { return t == R_32F || t == R_64F || t == R_16F || t == R_16BF; }
// Column-major, as cuBLAS has it.
template <class T>
int gemm(int ta, int tb, int m, int n, int k, T alpha, const void *a, int at, int lda, const void *b, int bt, int ldb,
         T beta, void *c, int ct, int ldc) {
  if (!known(at) || !known(bt) || !known(ct)) return 15;
  if (m < 0 || n < 0 || k < 0 || lda < (ta ? k : m) || ldb < (tb ? n : k) || ldc < m) return 7;
  std::vector<T> left((size_t)m * k), column(m);
  for (int p = 0; p < k; p++)
    for (int i = 0; i < m; i++) left[(size_t)p * m + i] = (T)get(a, at, ta ? (size_t)i * lda + p : (size_t)p * lda + i);
  for (int j = 0; j < n; j++) {
    std::fill(column.begin(), column.end(), T(0));
    for (int p = 0; p < k; p++) {
      T v = (T)get(b, bt, tb ? (size_t)p * ldb + j : (size_t)j * ldb + p);
      const T *l = &left[(size_t)p * m];
      for (int i = 0; i < m; i++) column[i] += l[i] * v;
    }
    for (int i = 0; i < m; i++) {
      size_t at_c = (size_t)j * ldc + i;
      put(c, ct, at_c, alpha * column[i] + (beta == T(0) ? T(0) : beta * (T)get(c, ct, at_c)));
    }
  }
  return 0;
}
int gemm_ex(int ta, int tb, int m, int n, int k, const void *alpha, const void *a, int at, int lda, const void *b,
            int bt, int ldb, const void *beta, void *c, int ct, int ldc, int compute) {
  if (compute == 70 || compute == 71)
    return gemm<double>(ta, tb, m, n, k, *(const double *)alpha, a, at, lda, b, bt, ldb, *(const double *)beta, c, ct,
                        ldc);
  if (compute == 64 || compute == 65 || compute == 72 || compute == 73) return 15;
  return gemm<float>(ta, tb, m, n, k, *(const float *)alpha, a, at, lda, b, bt, ldb, *(const float *)beta, c, ct, ldc);
}
size_t width(int t) { return t == R_64F ? 8 : t == R_32F ? 4 : 2; }
}  // namespace
API cublasCreate_v2(void **h) {
  *h = malloc(1);
  return 0;
}
API cublasDestroy_v2(void *h) {
  free(h);
  return 0;
}
API cublasGetVersion_v2(void *, int *v) {
  *v = 120600;
  return 0;
}
API cublasSetStream_v2(void *, void *) { return 0; }
API cublasSetMathMode(void *, int) { return 0; }
API cublasSetPointerMode_v2(void *, int m) { return m ? 15 : 0; }
API cublasSetWorkspace_v2(void *, void *, size_t) { return 0; }
API cublasGemmEx(void *, int ta, int tb, int m, int n, int k, const void *al, const void *a, int at, int lda,
                 const void *b, int bt, int ldb, const void *be, void *c, int ct, int ldc, int compute, int) {
  return gemm_ex(ta, tb, m, n, k, al, a, at, lda, b, bt, ldb, be, c, ct, ldc, compute);
}
API cublasGemmStridedBatchedEx(void *, int ta, int tb, int m, int n, int k, const void *al, const void *a, int at,
                               int lda, long long sa, const void *b, int bt, int ldb, long long sb, const void *be,
                               void *c, int ct, int ldc, long long sc, int count, int compute, int) {
  for (int i = 0; i < count; i++) {
    int rc =
        gemm_ex(ta, tb, m, n, k, al, (const char *)a + i * sa * width(at), at, lda,
                (const char *)b + i * sb * width(bt), bt, ldb, be, (char *)c + i * sc * width(ct), ct, ldc, compute);
    if (rc) return rc;
  }
  return 0;
}
API cublasSgemm_v2(void *, int ta, int tb, int m, int n, int k, const float *al, const float *a, int lda,
                   const float *b, int ldb, const float *be, float *c, int ldc) {
  return gemm<float>(ta, tb, m, n, k, *al, a, R_32F, lda, b, R_32F, ldb, *be, c, R_32F, ldc);
}
