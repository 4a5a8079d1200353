// Whether the operands of a library's call lie in device memory: the emulated driver knows.
#pragma once
#include <dlfcn.h>
#include <cstddef>

// False after an error, which the driver then reports at the next synchronisation, as a GPU does.
inline bool in_memory(const void *start, size_t bytes, const char *what) {
  static auto check = [] {
    void *driver = dlopen("libcuda.so.1", RTLD_LAZY | RTLD_NOLOAD);
    return (int (*)(const void *, size_t, const char *))(driver ? dlsym(driver, "emu_check") : nullptr);
  }();
  return !check || !check(start, bytes, what);
}
