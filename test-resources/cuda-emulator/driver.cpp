// libcuda.so.1 of the emulated device: the part of the driver API that the project calls. Device memory can be read by
// the host, every stream is in order with every other, and a call that is left out answers CUDA_ERROR_NOT_SUPPORTED.
#include <dlfcn.h>
#include <elf.h>
#include <unistd.h>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <string>
#include "memory.h"
#include "scheduler.h"

#define API extern "C" __attribute__((visibility("default"))) int
typedef unsigned long long ptr;

namespace {
enum {
  OK = 0,
  INVALID_VALUE = 1,
  OUT_OF_MEMORY = 2,
  INVALID_DEVICE = 101,
  INVALID_IMAGE = 200,
  NOT_FOUND = 500,
  ILLEGAL_ADDRESS = 700,
  MISALIGNED_ADDRESS = 716,
  LAUNCH_FAILED = 719
};
constexpr unsigned OPT_IN_SHARED = 227 * 1024;  // of a block, after cuFuncSetAttribute

std::recursive_mutex lock;
int sticky = OK;  // as on a GPU, an error of a kernel stays
std::string report;  // about it, in words

int fail(int code, const std::string &text) {
  if (!getenv("EMU_QUIET")) fprintf(stderr, "emulated device: %s\n", text.c_str());
  report = text;
  return sticky = code;
}

int copy(void *to, const void *from, size_t n, bool to_device, bool from_device) {
  std::lock_guard g(lock);
  if (sticky) return sticky;
  auto &memory = emu::device_memory();
  if (n && ((to_device && !memory.inside((ptr)to, n)) || (from_device && !memory.inside((ptr)from, n))))
    return INVALID_VALUE;
  memmove(to, from, n);
  return OK;
}
template <class T>
int fill(ptr p, T v, size_t n) {
  std::lock_guard g(lock);
  if (sticky) return sticky;
  if (n && !emu::device_memory().inside(p, n * sizeof(T))) return INVALID_VALUE;
  std::fill_n((T *)p, n, v);
  return OK;
}
int status() {
  std::lock_guard g(lock);
  return sticky;
}

struct Module {
  void *library;
  std::map<std::string, emu::Kernel> kernels;
};
struct Event {
  std::chrono::steady_clock::time_point at;
};

// EMU_PROFILE=FILE: where the time of the launches goes, written when the process ends.
struct Profile {
  struct Entry {
    long launches = 0, threads = 0;
    double seconds = 0;
  };
  std::map<std::string, Entry> entries;
  const char *file = getenv("EMU_PROFILE");
  ~Profile() {
    if (!file) return;
    FILE *out = fopen(file, "a");
    for (auto &[name, e] : entries)
      fprintf(out, "%8.3f s %8ld launches %12ld threads  %s\n", e.seconds, e.launches, e.threads, name.c_str());
    fclose(out);
  }
} profile;
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
  return i ? INVALID_DEVICE : OK;
}
API cuDeviceGetName(char *s, int n, int) {
  snprintf(s, n, "Emulated CUDA device");
  return OK;
}
API cuDeviceTotalMem_v2(size_t *n, int) {
  *n = emu::device_memory().total();
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
      *v = OPT_IN_SHARED;
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
// Frees all memory and forgets the error.
API cuDevicePrimaryCtxReset_v2(int) {
  std::lock_guard g(lock);
  emu::device_memory().release_all();
  sticky = OK;
  report.clear();
  return OK;
}
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
API cuCtxSynchronize() { return status(); }
API cuGetErrorName(int e, const char **s) {
  *s = e == OK                   ? "CUDA_SUCCESS"
       : e == INVALID_VALUE      ? "CUDA_ERROR_INVALID_VALUE"
       : e == OUT_OF_MEMORY      ? "CUDA_ERROR_OUT_OF_MEMORY"
       : e == ILLEGAL_ADDRESS    ? "CUDA_ERROR_ILLEGAL_ADDRESS"
       : e == MISALIGNED_ADDRESS ? "CUDA_ERROR_MISALIGNED_ADDRESS"
       : e == LAUNCH_FAILED      ? "CUDA_ERROR_LAUNCH_FAILED"
       : e == 801                ? "CUDA_ERROR_NOT_SUPPORTED"
                                 : "CUDA_ERROR";
  return OK;
}
API cuGetErrorString(int e, const char **s) {
  return sticky && e == sticky ? (*s = report.c_str(), OK) : cuGetErrorName(e, s);
}

API cuMemAlloc_v2(ptr *p, size_t n) {
  std::lock_guard g(lock);
  if (sticky) return sticky;
  if (!n) return INVALID_VALUE;
  *p = emu::device_memory().allocate(n);
  return *p ? OK : OUT_OF_MEMORY;
}
API cuMemFree_v2(ptr p) {
  std::lock_guard g(lock);
  if (p && !emu::device_memory().release(p)) return INVALID_VALUE;
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
  *t = emu::device_memory().total();
  *f = emu::device_memory().free_bytes();
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
API cuStreamSynchronize(void *) { return status(); }
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
API cuEventSynchronize(void *) { return status(); }
API cuEventQuery(void *) { return OK; }
API cuEventElapsedTime(float *ms, void *a, void *b) {
  *ms = std::chrono::duration<float, std::milli>(((Event *)b)->at - ((Event *)a)->at).count();
  return OK;
}

// The image is the library that the emulated NVRTC made. One that was loaded before is not loaded again, and none is
// ever unloaded: threads keep its shared memory.
API cuModuleLoadData(void **m, const void *image) {
  std::lock_guard g(lock);
  static std::map<std::string, void *> libraries;
  if (memcmp(image, ELFMAG, SELFMAG)) return INVALID_IMAGE;
  auto *h = (const Elf64_Ehdr *)image;
  std::string bytes((const char *)image, h->e_shoff + (size_t)h->e_shnum * h->e_shentsize);
  void *&library = libraries[bytes];
  if (!library) {
    char name[] = "/tmp/emu-module-XXXXXX";
    int fd = mkstemp(name);
    if (fd < 0 || write(fd, bytes.data(), bytes.size()) != (ssize_t)bytes.size()) return INVALID_IMAGE;
    close(fd);
    library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    unlink(name);
    if (!library) {
      fprintf(stderr, "emulated device: %s\n", dlerror());
      return INVALID_IMAGE;
    }
    emu::loaded((emu::Bind *)dlsym(library, "emu_bind"));
  }
  *m = new Module{library, {}};
  return OK;
}
API cuModuleLoadDataEx(void **m, const void *image, unsigned, int *, void **) { return cuModuleLoadData(m, image); }
API cuModuleUnload(void *m) {
  delete (Module *)m;
  return OK;
}
API cuModuleGetFunction(void **f, void *m, const char *name) {
  auto *module = (Module *)m;
  emu::Kernel kernel;
  auto *file = (const char *)dlsym(module->library, "emu_file");
  kernel.name = std::string(file ? file : "?") + ", kernel " + name;
  *(void **)&kernel.run = dlsym(module->library, (std::string("emu_kernel_") + name).c_str());
  *(void **)&kernel.bind = dlsym(module->library, "emu_bind");
  if (!kernel.run || !kernel.bind) return NOT_FOUND;
  *f = &module->kernels.emplace(name, kernel).first->second;
  return OK;
}
API cuFuncSetAttribute(void *f, int attribute, int value) {
  constexpr int MAX_DYNAMIC_SHARED_SIZE_BYTES = 8;
  if (attribute != MAX_DYNAMIC_SHARED_SIZE_BYTES) return OK;
  if (value < 0 || value > (int)OPT_IN_SHARED) return INVALID_VALUE;
  ((emu::Kernel *)f)->max_dynamic = value;
  return OK;
}
API cuFuncGetAttribute(int *v, int attribute, void *f) {
  *v = attribute == 0 ? emu::MAX_THREADS : attribute == 8 ? ((emu::Kernel *)f)->max_dynamic : 0;
  return OK;
}
API cuLaunchKernel(void *f, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz,
                   unsigned dynamic, void *, void **parameters, void **extra) {
  std::lock_guard g(lock);
  if (sticky) return sticky;
  auto *kernel = (emu::Kernel *)f;
  if (!kernel || extra || !gx || !gy || !gz || gx > 2147483647u || gy > 65535 || gz > 65535) return INVALID_VALUE;
  if (!bx || !by || !bz || bx > 1024 || by > 1024 || bz > 64 || (uint64_t)bx * by * bz > emu::MAX_THREADS)
    return INVALID_VALUE;
  if (dynamic > kernel->max_dynamic) return INVALID_VALUE;
  auto start = std::chrono::steady_clock::now();
  emu::Failure failure = emu::run({kernel, dim3(gx, gy, gz), dim3(bx, by, bz), dynamic, parameters});
  if (profile.file) {
    auto &entry = profile.entries[kernel->name];
    entry.launches++;
    entry.threads += (long)gx * gy * gz * bx * by * bz;
    entry.seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  }
  if (failure.code) fail(failure.code, failure.text);
  return OK;  // the error shows at the next call
}

// Not in the driver; the emulated libraries ask whether an operand lies in device memory.
API emu_check(const void *address, size_t bytes, const char *what) {
  std::lock_guard g(lock);
  auto &memory = emu::device_memory();
  if (sticky || !bytes || memory.inside((ptr)address, bytes)) return sticky;
  return fail(ILLEGAL_ADDRESS, std::string(what) + ": " + std::to_string(bytes) + " bytes from " +
                                   memory.describe((ptr)address));
}
