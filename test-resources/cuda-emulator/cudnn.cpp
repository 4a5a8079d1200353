// libcudnn.so.9 of the emulated device: packed tensors and softmax. Add a function here when the
// project first calls it: what is not here answers CUDNN_STATUS_NOT_SUPPORTED.
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>
#include "operands.h"
#define API extern "C" __attribute__((visibility("default"))) int
namespace {
enum { OK = 0, BAD_PARAM = 2000, NOT_SUPPORTED = 3000, FLOAT = 0, DOUBLE = 1, BF16 = 9 };
struct Tensor {
  int type = FLOAT;
  std::vector<int> size;
};
double get(const void *p, int t, size_t i) {
  if (t == FLOAT) return ((const float *)p)[i];
  if (t == DOUBLE) return ((const double *)p)[i];
  uint32_t u = (uint32_t)((const uint16_t *)p)[i] << 16;
  float f;
  memcpy(&f, &u, 4);
  return f;
}
void put(void *p, int t, size_t i, double v) {
  if (t == FLOAT)
    ((float *)p)[i] = (float)v;
  else if (t == DOUBLE)
    ((double *)p)[i] = v;
  else {
    float f = (float)v;
    uint32_t u;
    memcpy(&u, &f, 4);
    ((uint16_t *)p)[i] = f != f ? 0x7fff : (u + 0x7fff + (u >> 16 & 1)) >> 16;
  }
}
bool known(const Tensor &t) { return t.type == FLOAT || t.type == DOUBLE || t.type == BF16; }
// alpha and beta are double for double tensors, else float.
double scalar(const void *p, const Tensor &t) { return t.type == DOUBLE ? *(const double *)p : *(const float *)p; }
struct Shape {
  size_t outer, reduced, inner;
};
Shape shape(const Tensor &t, int mode) {
  Shape s{(size_t)t.size[0], (size_t)t.size[1], 1};
  for (size_t i = 2; i < t.size.size(); i++) (mode == 0 ? s.reduced : s.inner) *= t.size[i];
  return s;
}
size_t bytes(const Tensor &t) {
  size_t count = 1;
  for (int n : t.size) count *= n;
  return count * (t.type == DOUBLE ? 8 : t.type == FLOAT ? 4 : 2);
}
}  // namespace
extern "C" __attribute__((visibility("default"))) size_t cudnnGetVersion() { return 90501; }
extern "C" __attribute__((visibility("default"))) const char *cudnnGetErrorString(int s) {
  return s == OK ? "CUDNN_STATUS_SUCCESS" : s == BAD_PARAM ? "CUDNN_STATUS_BAD_PARAM" : "CUDNN_STATUS_NOT_SUPPORTED";
}
API cudnnCreate(void **h) {
  *h = malloc(1);
  return OK;
}
API cudnnDestroy(void *h) {
  free(h);
  return OK;
}
API cudnnSetStream(void *, void *) { return OK; }
API cudnnCreateTensorDescriptor(void **d) {
  *d = new Tensor;
  return OK;
}
API cudnnDestroyTensorDescriptor(void *d) {
  delete (Tensor *)d;
  return OK;
}
API cudnnSetTensor4dDescriptor(void *d, int format, int type, int n, int c, int h, int w) {
  if (format != 0) return NOT_SUPPORTED;
  *(Tensor *)d = {type, {n, c, h, w}};
  return OK;
}
API cudnnSoftmaxForward(void *, int algorithm, int mode, const void *alpha, void *xd, const void *x, const void *beta,
                        void *yd, void *y) {
  auto &d = *(Tensor *)xd;
  auto &e = *(Tensor *)yd;
  if (d.size != e.size || d.type != e.type || d.size.size() < 2) return BAD_PARAM;
  if (!known(d)) return NOT_SUPPORTED;
  if (!in_memory(x, bytes(d), "cudnn: x") || !in_memory(y, bytes(d), "cudnn: y")) return OK;
  double a = scalar(alpha, d), b = scalar(beta, d);
  Shape s = shape(d, mode);
  for (size_t o = 0; o < s.outer; o++)
    for (size_t i = 0; i < s.inner; i++) {
      auto at = [&](size_t r) { return (o * s.reduced + r) * s.inner + i; };
      double m = -INFINITY, z = 0;
      for (size_t r = 0; r < s.reduced; r++) m = std::fmax(m, get(x, d.type, at(r)));
      for (size_t r = 0; r < s.reduced; r++) z += std::exp(get(x, d.type, at(r)) - m);
      for (size_t r = 0; r < s.reduced; r++) {
        double v = get(x, d.type, at(r)) - m;
        v = algorithm == 2 ? v - std::log(z) : std::exp(v) / z;
        put(y, d.type, at(r), a * v + (b == 0 ? 0 : b * get(y, d.type, at(r))));
      }
    }
  return OK;
}
API cudnnSoftmaxBackward(void *, int algorithm, int mode, const void *alpha, void *yd, const void *y, void *,
                         const void *dy, const void *beta, void *, void *dx) {
  auto &d = *(Tensor *)yd;
  if (!known(d)) return NOT_SUPPORTED;
  if (!in_memory(y, bytes(d), "cudnn: y") || !in_memory(dy, bytes(d), "cudnn: dy") ||
      !in_memory(dx, bytes(d), "cudnn: dx"))
    return OK;
  double a = scalar(alpha, d), b = scalar(beta, d);
  Shape s = shape(d, mode);
  for (size_t o = 0; o < s.outer; o++)
    for (size_t i = 0; i < s.inner; i++) {
      auto at = [&](size_t r) { return (o * s.reduced + r) * s.inner + i; };
      double dot = 0;
      for (size_t r = 0; r < s.reduced; r++)
        dot += get(dy, d.type, at(r)) * (algorithm == 2 ? 1 : get(y, d.type, at(r)));
      for (size_t r = 0; r < s.reduced; r++) {
        double p = get(y, d.type, at(r)), g = get(dy, d.type, at(r)),
               v = algorithm == 2 ? g - std::exp(p) * dot : p * (g - dot);
        put(dx, d.type, at(r), a * v + (b == 0 ? 0 : b * get(dx, d.type, at(r))));
      }
    }
  return OK;
}
