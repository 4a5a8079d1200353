// libcuda.so.1 of the emulated device: the part of the driver API that the project calls.
// A device pointer is a host pointer, every stream is in order with every other, and a call
// that is left out answers CUDA_ERROR_NOT_SUPPORTED (see stubs.py).
#include <dlfcn.h>
#include <elf.h>
#include <unistd.h>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <string>

#define API extern "C" __attribute__((visibility("default"))) int
typedef unsigned long long ptr;
enum { OK = 0, INVALID_VALUE = 1, OUT_OF_MEMORY = 2, INVALID_IMAGE = 200, NOT_FOUND = 500, ILLEGAL_ADDRESS = 700 };

namespace {
constexpr size_t GUARD = 256;
constexpr unsigned char GUARD_BYTE = 0xA5;
std::recursive_mutex lock;
std::map<ptr, size_t> blocks;  // start -> bytes
size_t used = 0;
int sticky = OK;  // as on the device, an asynchronous error stays
char launch_error[512];

size_t total() {
  const char *e = getenv("EMU_MEMORY_MIB");
  return (e ? atoll(e) : 4096) << 20;
}
bool verbose() { return getenv("EMU_QUIET") == nullptr; }
bool intact(ptr p, size_t n) {
  auto *c = (unsigned char *)p;
  for (size_t i = 1; i <= GUARD; i++)
    if (c[-(ptrdiff_t)i] != GUARD_BYTE || c[n + i - 1] != GUARD_BYTE) return false;
  return true;
}
int fail(int code, const char *text) {
  if (verbose()) fprintf(stderr, "emulated device: %s\n", text);
  return sticky = code;
}
// The device finds stray writes when it likes; this one at every synchronisation and free.
int check() {
  for (auto &[p, n] : blocks)
    if (!intact(p, n)) return fail(ILLEGAL_ADDRESS, "a write outside of an allocation");
  return sticky;
}
// [p, p + n) must lie in one allocation.
bool inside(ptr p, size_t n) {
  auto i = blocks.upper_bound(p);
  if (i == blocks.begin()) return false;
  --i;
  return p + n <= i->first + i->second;
}
int copy(void *to, const void *from, size_t n, bool to_device, bool from_device) {
  std::lock_guard g(lock);
  if (sticky) return sticky;
  if (n && ((to_device && !inside((ptr)to, n)) || (from_device && !inside((ptr)from, n)))) return INVALID_VALUE;
  memmove(to, from, n);
  return OK;
}
template <class T>
int fill(ptr p, T v, size_t n) {
  std::lock_guard g(lock);
  if (sticky) return sticky;
  if (n && !inside(p, n * sizeof(T))) return INVALID_VALUE;
  for (size_t i = 0; i < n; i++) ((T *)p)[i] = v;
  return OK;
}
struct Module {
  void *library;
};
typedef int Launch(void **, const unsigned *, unsigned, char *, unsigned);
struct Event {
  std::chrono::steady_clock::time_point at;
};
}  // namespace

// What the device pretends to be: EMU_DEVICES of them, of EMU_CAPABILITY (90 is 9.0), a driver EMU_DRIVER (12060).
static int pretend(const char *name, int otherwise) {
  const char *e = getenv(name);
  return e ? atoi(e) : otherwise;
}

API cuInit(unsigned) { return pretend("EMU_DEVICES", 1) ? OK : 100; }
API cuDriverGetVersion(int *v) {
  *v = pretend("EMU_DRIVER", 12060);
  return OK;
}
API cuDeviceGetCount(int *n) {
  *n = pretend("EMU_DEVICES", 1);
  return OK;
}
API cuDeviceGet(int *d, int i) {
  *d = i;
  return i ? 101 : OK;
}
API cuDeviceGetName(char *s, int n, int) {
  snprintf(s, n, "Emulated CUDA device");
  return OK;
}
API cuDeviceTotalMem_v2(size_t *n, int) {
  *n = total();
  return OK;
}
API cuDeviceGetAttribute(int *v, int attribute, int) {
  switch (attribute) {
    case 1:
    case 2:
    case 3:
      *v = 1024;
      return OK;  // threads of a block, along x and y
    case 4:
      *v = 64;
      return OK;
    case 5:
      *v = 2147483647;
      return OK;
    case 6:
    case 7:
      *v = 65535;
      return OK;
    case 8:
      *v = 49152;
      return OK;  // shared memory of a block
    case 10:
      *v = 32;
      return OK;  // warp
    case 16:
      *v = 2;
      return OK;  // multiprocessors
    case 39:
      *v = 2048;
      return OK;
    case 75:
      *v = pretend("EMU_CAPABILITY", 90) / 10;
      return OK;
    case 76:
      *v = pretend("EMU_CAPABILITY", 90) % 10;
      return OK;  // compute capability
    case 81:
    case 97:
      *v = 232448;
      return OK;
    default:
      *v = 0;
      return OK;
  }
}
API cuDevicePrimaryCtxRetain(void **c, int) {
  *c = (void *)1;
  return OK;
}
API cuDevicePrimaryCtxRelease_v2(int) { return OK; }
API cuCtxCreate_v2(void **c, unsigned, int) {
  *c = (void *)1;
  return OK;
}
API cuCtxDestroy_v2(void *) { return OK; }
API cuCtxSetCurrent(void *) { return OK; }
API cuCtxGetCurrent(void **c) {
  *c = (void *)1;
  return OK;
}
API cuCtxPushCurrent_v2(void *) { return OK; }
API cuCtxPopCurrent_v2(void **c) {
  if (c) *c = (void *)1;
  return OK;
}
API cuCtxSynchronize() {
  std::lock_guard g(lock);
  return check();
}
API cuGetErrorName(int e, const char **s) {
  *s = e == 0     ? "CUDA_SUCCESS"
       : e == 1   ? "CUDA_ERROR_INVALID_VALUE"
       : e == 2   ? "CUDA_ERROR_OUT_OF_MEMORY"
       : e == 700 ? "CUDA_ERROR_ILLEGAL_ADDRESS"
       : e == 719 ? "CUDA_ERROR_LAUNCH_FAILED"
       : e == 801 ? "CUDA_ERROR_NOT_SUPPORTED"
                  : "CUDA_ERROR";
  return OK;
}
API cuGetErrorString(int e, const char **s) {
  return launch_error[0] && e == 719 ? (*s = launch_error, OK) : cuGetErrorName(e, s);
}

API cuMemAlloc_v2(ptr *p, size_t n) {
  std::lock_guard g(lock);
  if (!n) return INVALID_VALUE;
  if (used + n > total()) return OUT_OF_MEMORY;
  void *base = nullptr;
  if (posix_memalign(&base, 256, n + 2 * GUARD)) return OUT_OF_MEMORY;
  auto *c = (unsigned char *)base;
  memset(c, GUARD_BYTE, GUARD);
  memset(c + GUARD, 0xFF, n);  // NaN in every floating type, as a reminder
  memset(c + GUARD + n, GUARD_BYTE, GUARD);
  *p = (ptr)(c + GUARD);
  blocks[*p] = n;
  used += n;
  return OK;
}
API cuMemFree_v2(ptr p) {
  std::lock_guard g(lock);
  if (!p) return OK;
  auto i = blocks.find(p);
  if (i == blocks.end()) return INVALID_VALUE;
  if (!intact(p, i->second)) fail(ILLEGAL_ADDRESS, "a write outside of an allocation");
  used -= i->second;
  blocks.erase(i);
  free((char *)p - GUARD);
  return sticky;
}
API cuMemAllocAsync(ptr *p, size_t n, void *) { return cuMemAlloc_v2(p, n); }
API cuMemFreeAsync(ptr p, void *) { return cuMemFree_v2(p); }
API cuMemAllocHost_v2(void **p, size_t n) { return (*p = malloc(n)) ? OK : OUT_OF_MEMORY; }
API cuMemHostAlloc(void **p, size_t n, unsigned) { return cuMemAllocHost_v2(p, n); }
API cuMemFreeHost(void *p) {
  free(p);
  return OK;
}
API cuMemGetInfo_v2(size_t *f, size_t *t) {
  *t = total();
  *f = *t - used;
  return OK;
}
API cuMemcpyHtoD_v2(ptr d, const void *s, size_t n) { return copy((void *)d, s, n, true, false); }
API cuMemcpyDtoH_v2(void *d, ptr s, size_t n) { return copy(d, (void *)s, n, false, true); }
API cuMemcpyDtoD_v2(ptr d, ptr s, size_t n) { return copy((void *)d, (void *)s, n, true, true); }
API cuMemcpyHtoDAsync_v2(ptr d, const void *s, size_t n, void *) { return cuMemcpyHtoD_v2(d, s, n); }
API cuMemcpyDtoHAsync_v2(void *d, ptr s, size_t n, void *) { return cuMemcpyDtoH_v2(d, s, n); }
API cuMemcpyDtoDAsync_v2(ptr d, ptr s, size_t n, void *) { return cuMemcpyDtoD_v2(d, s, n); }
API cuMemsetD8_v2(ptr p, unsigned char v, size_t n) { return fill(p, v, n); }
API cuMemsetD16_v2(ptr p, unsigned short v, size_t n) { return fill(p, v, n); }
API cuMemsetD32_v2(ptr p, unsigned v, size_t n) { return fill(p, v, n); }
API cuMemsetD8Async(ptr p, unsigned char v, size_t n, void *) { return fill(p, v, n); }
API cuMemsetD16Async(ptr p, unsigned short v, size_t n, void *) { return fill(p, v, n); }
API cuMemsetD32Async(ptr p, unsigned v, size_t n, void *) { return fill(p, v, n); }

API cuStreamCreate(void **s, unsigned) {
  *s = malloc(1);
  return OK;
}
API cuStreamCreateWithPriority(void **s, unsigned, int) {
  *s = malloc(1);
  return OK;
}
API cuStreamDestroy_v2(void *s) {
  free(s);
  return OK;
}
API cuStreamSynchronize(void *) {
  std::lock_guard g(lock);
  return check();
}
API cuStreamQuery(void *) { return OK; }
API cuStreamWaitEvent(void *, void *, unsigned) { return OK; }
API cuEventCreate(void **e, unsigned) {
  *e = new Event;
  return OK;
}
API cuEventDestroy_v2(void *e) {
  delete (Event *)e;
  return OK;
}
API cuEventRecord(void *e, void *) {
  ((Event *)e)->at = std::chrono::steady_clock::now();
  return OK;
}
API cuEventSynchronize(void *) {
  std::lock_guard g(lock);
  return check();
}
API cuEventQuery(void *) { return OK; }
API cuEventElapsedTime(float *ms, void *a, void *b) {
  *ms = std::chrono::duration<float, std::milli>(((Event *)b)->at - ((Event *)a)->at).count();
  return OK;
}

// The image is what the emulated NVRTC made: the path of a library, or the library itself.
API cuModuleLoadData(void **m, const void *image) {
  static const char prefix[] = "// emulated: ";
  auto *text = (const char *)image;
  std::string path;
  bool temporary = false;
  if (!strncmp(text, prefix, sizeof prefix - 1)) {
    const char *end = strchr(text, '\n');
    path.assign(text + sizeof prefix - 1, end ? end - (text + sizeof prefix - 1) : strlen(text) - (sizeof prefix - 1));
  } else if (!memcmp(text, ELFMAG, SELFMAG)) {
    auto *h = (const Elf64_Ehdr *)image;
    char name[] = "/tmp/emu-module-XXXXXX";
    int fd = mkstemp(name);
    size_t size = h->e_shoff + (size_t)h->e_shnum * h->e_shentsize;
    if (fd < 0 || write(fd, image, size) != (ssize_t)size) return INVALID_IMAGE;
    close(fd);
    path = name;
    temporary = true;
  } else
    return INVALID_IMAGE;
  void *library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (temporary) unlink(path.c_str());
  if (!library) {
    fprintf(stderr, "emulated device: %s\n", dlerror());
    return INVALID_IMAGE;
  }
  *m = new Module{library};
  return OK;
}
API cuModuleLoadDataEx(void **m, const void *image, unsigned, int *, void **) { return cuModuleLoadData(m, image); }
API cuModuleUnload(void *m) {
  delete (Module *)m;
  return OK;
}  // the library stays: threads may keep its thread-locals
API cuModuleGetFunction(void **f, void *m, const char *name) {
  *f = dlsym(((Module *)m)->library, (std::string("emu_launch_") + name).c_str());
  return *f ? OK : NOT_FOUND;
}
API cuFuncSetAttribute(void *, int, int) { return OK; }
API cuFuncGetAttribute(int *v, int a, void *) {
  *v = a == 0 ? 1024 : 0;
  return OK;
}
API cuLaunchKernel(void *f, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz,
                   unsigned shared, void *, void **p, void **extra) {
  std::lock_guard g(lock);
  if (sticky) return sticky;
  if (extra || !f) return INVALID_VALUE;
  unsigned dims[] = {gx, gy, gz, bx, by, bz};
  launch_error[0] = 0;
  int rc = ((Launch *)f)(p, dims, shared, launch_error, sizeof launch_error);
  if (rc > 1) {
    fail(rc, launch_error);
    return OK;
  }  // reported at the next synchronisation
  return rc;
}
// Not in the driver: forgets a sticky error, so that one test's failure leaves the next alone.
API emuReset() {
  std::lock_guard g(lock);
  sticky = OK;
  for (auto &[p, n] : blocks) {
    memset((char *)p - GUARD, GUARD_BYTE, GUARD);
    memset((char *)p + n, GUARD_BYTE, GUARD);
  }
  return OK;
}
