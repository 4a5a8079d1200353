// What the compiler calls for each access to memory and each index into an array (-fsanitize=kernel-address,alignment,
// bounds); the usual libraries behind those flags are not linked, these are here instead.
#pragma once
#include "emu_runtime.h"

namespace emu {
static const Runtime *runtime;
static Memory memory;

#define EMU_UNCHECKED __attribute__((no_sanitize("kernel-address"), no_sanitize("undefined")))

// Addresses outside of the device's memory are the kernel's stack and its shared memory.
EMU_UNCHECKED inline void access(const void *address, size_t bytes, bool write) {
  size_t at = (uintptr_t)address - memory.start;
  if (at >= memory.bytes) {
    if ((uintptr_t)address < 65536) runtime->stray(address, bytes, write);
    return;
  }
  for (size_t end = at + bytes; at < end;) {
    size_t offset = at % GRANULE, here = end - at < GRANULE - offset ? end - at : GRANULE - offset;
    if (offset + here > memory.shadow[at / GRANULE]) runtime->stray(address, bytes, write);
    at += here;
  }
}
}  // namespace emu

#define EMU_ACCESS(n)                                                                                       \
  extern "C" EMU_UNCHECKED void __asan_load##n##_noabort(void *p) { emu::access(p, n, false); }  \
  extern "C" EMU_UNCHECKED void __asan_store##n##_noabort(void *p) { emu::access(p, n, true); }
EMU_ACCESS(1)
EMU_ACCESS(2)
EMU_ACCESS(4)
EMU_ACCESS(8)
EMU_ACCESS(16)
#undef EMU_ACCESS
extern "C" EMU_UNCHECKED void __asan_loadN_noabort(void *p, size_t n) { emu::access(p, n, false); }
extern "C" EMU_UNCHECKED void __asan_storeN_noabort(void *p, size_t n) { emu::access(p, n, true); }
extern "C" void __asan_handle_no_return() {}

struct EmuSource {
  const char *file;
  unsigned line, column;
};
extern "C" EMU_UNCHECKED void __ubsan_handle_type_mismatch_v1_abort(EmuSource *at, uintptr_t address) {
  emu::runtime->misaligned((void *)address, at->file, at->line);
}
extern "C" EMU_UNCHECKED void __ubsan_handle_out_of_bounds_abort(EmuSource *at, uintptr_t index) {
  emu::runtime->out_of_array((long)index, at->file, at->line);
}
