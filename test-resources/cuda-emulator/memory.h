// The memory of the emulated device: one range of addresses, in which every byte is known to be allocated or not.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include "include/emu_runtime.h"

namespace emu {
class DeviceMemory {
  static constexpr size_t GAP = 256;  // between allocations, and their alignment
  std::map<uintptr_t, size_t> blocks;  // start -> bytes
  Memory range;
  unsigned char *shadow;
  uintptr_t next;  // where to look for room: on from the last, so that freed memory is used again late
  size_t used = 0;

  uintptr_t room(size_t bytes);
  void mark(uintptr_t start, size_t bytes, bool live);

 public:
  DeviceMemory();
  const Memory &visible() const { return range; }
  size_t total() const { return range.bytes; }
  size_t free_bytes() const { return range.bytes - used; }
  uintptr_t allocate(size_t bytes);  // 0 if there is no room
  bool release(uintptr_t start);
  void release_all();
  // Does [start, start + bytes) lie in one allocation?
  bool inside(uintptr_t start, size_t bytes) const;
  // Where that is, in words.
  std::string describe(uintptr_t start) const;
};

DeviceMemory &device_memory();
}  // namespace emu
