// libcublas.so.12 of the emulated device: matrix products by plain loops, in float or double.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>
#include "operands.h"
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
float bfloat16_to_float(uint16_t b) {
  uint32_t u = (uint32_t)b << 16;
  float f;
  memcpy(&f, &u, 4);
  return f;
}
uint16_t float_to_bfloat16(float f) {
  uint32_t u;
  memcpy(&u, &f, 4);
  return f != f ? 0x7fff : (u + 0x7fff + (u >> 16 & 1)) >> 16;
}
bool known(int t) { return t == R_32F || t == R_64F || t == R_16F || t == R_16BF; }
size_t width(int t) { return t == R_64F ? 8 : t == R_32F ? 4 : 2; }

// rows x columns of a matrix in columns `stride` apart, or of its transpose.
template <class T, class From, class Convert>
std::vector<T> unpack_as(const From *p, bool transposed, int rows, int columns, size_t stride, Convert convert) {
  std::vector<T> values((size_t)rows * columns);
  for (int j = 0; j < columns; j++)
    for (int i = 0; i < rows; i++)
      values[(size_t)j * rows + i] = (T)convert(p[transposed ? i * stride + j : j * stride + i]);
  return values;
}
template <class T>
std::vector<T> unpack(const void *p, int type, bool transposed, int rows, int columns, size_t stride) {
  auto same = [](auto x) { return x; };
  switch (type) {
    case R_32F:
      return unpack_as<T>((const float *)p, transposed, rows, columns, stride, same);
    case R_64F:
      return unpack_as<T>((const double *)p, transposed, rows, columns, stride, same);
    case R_16F:
      return unpack_as<T>((const uint16_t *)p, transposed, rows, columns, stride, half_to_float);
    default:
      return unpack_as<T>((const uint16_t *)p, transposed, rows, columns, stride, bfloat16_to_float);
  }
}
template <class T>
void put(void *p, int type, size_t i, T v) {
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
    default:
      ((uint16_t *)p)[i] = float_to_bfloat16((float)v);
  }
}

size_t extent(int type, int rows, int columns, int stride) {
  return ((size_t)(columns - 1) * stride + rows) * width(type);
}

// Column-major, as cuBLAS has it: c[i, j] = sum over p of a[i, p] b[p, j], in the order of p.
template <class T>
int gemm(int ta, int tb, int m, int n, int k, T alpha, const void *a, int at, int lda, const void *b, int bt, int ldb,
         T beta, void *c, int ct, int ldc) {
  if (!known(at) || !known(bt) || !known(ct)) return 15;
  if (m < 0 || n < 0 || k < 0 || lda < (ta ? k : m) || ldb < (tb ? n : k) || ldc < m) return 7;
  if (m == 0 || n == 0) return 0;
  if (!in_memory(a, extent(at, ta ? k : m, ta ? m : k, lda), "cublas: left operand") ||
      !in_memory(b, extent(bt, tb ? n : k, tb ? k : n, ldb), "cublas: right operand") ||
      !in_memory(c, extent(ct, m, n, ldc), "cublas: result"))
    return 0;
  std::vector<T> left = unpack<T>(a, at, ta, m, k, lda), right = unpack<T>(b, bt, tb, k, n, ldb);
  constexpr int TOGETHER = 4;
  std::vector<T> sums((size_t)m * TOGETHER);
  T *s0 = sums.data(), *s1 = s0 + m, *s2 = s1 + m, *s3 = s2 + m;
  for (int j = 0; j < n; j += TOGETHER) {
    const int count = std::min(TOGETHER, n - j);
    const T *r[TOGETHER];
    for (int x = 0; x < TOGETHER; x++) r[x] = &right[(size_t)std::min(j + x, n - 1) * k];
    std::fill(sums.begin(), sums.end(), T(0));
    for (int p = 0; p < k; p++) {
      const T *l = &left[(size_t)p * m], v0 = r[0][p], v1 = r[1][p], v2 = r[2][p], v3 = r[3][p];
#pragma GCC ivdep
      for (int i = 0; i < m; i++) {
        s0[i] += l[i] * v0;
        s1[i] += l[i] * v1;
        s2[i] += l[i] * v2;
        s3[i] += l[i] * v3;
      }
    }
    for (int x = 0; x < count; x++) {
      std::vector<T> before(m, T(0));
      size_t offset = (size_t)(j + x) * ldc;
      if (beta != T(0)) before = unpack<T>((char *)c + offset * width(ct), ct, false, m, 1, ldc);
      for (int i = 0; i < m; i++) put(c, ct, offset + i, alpha * sums[(size_t)x * m + i] + beta * before[i]);
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
