#include "memory.h"
#include <sys/mman.h>
#include <unistd.h>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace emu {
static void *reserve(size_t bytes) {
  void *p = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (p == MAP_FAILED) {
    perror("emulated device: memory");
    abort();
  }
  return p;
}

DeviceMemory::DeviceMemory() {
  const char *mebibytes = getenv("EMU_MEMORY_MIB");
  range.bytes = (size_t)(mebibytes ? atoll(mebibytes) : 4096) << 20;
  range.start = (uintptr_t)reserve(range.bytes);
  range.shadow = shadow = (unsigned char *)reserve(range.bytes / GRANULE);
  next = range.start + GAP;
}

// Bytes of ones are NaN in every floating type. Of a large block each page is filled when it is first touched: it is a
// private copy of a file's.
static void fill_with_nan(uintptr_t start, size_t bytes) {
  constexpr size_t PAGE = 4096, FILE_BYTES = 2 << 20;
  static const int file = [] {
    int fd = memfd_create("nan", 0);
    std::vector<char> ones(FILE_BYTES, (char)0xFF);
    return fd >= 0 && write(fd, ones.data(), FILE_BYTES) == (ssize_t)FILE_BYTES ? fd : -1;
  }();
  uintptr_t end = start + bytes, first = (start + PAGE - 1) / PAGE * PAGE;
  for (; file >= 0 && first + FILE_BYTES <= end; first += FILE_BYTES) {
    memset((void *)start, 0xFF, first - start);
    start = first + FILE_BYTES;
    if (mmap((void *)first, FILE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED | MAP_NORESERVE, file, 0) ==
        MAP_FAILED) {
      perror("emulated device: memory");
      abort();
    }
  }
  memset((void *)start, 0xFF, end - start);
}

DeviceMemory &device_memory() {
  static auto &memory = *new DeviceMemory;
  return memory;
}

static uintptr_t aligned(uintptr_t p) { return (p + 255) / 256 * 256; }

uintptr_t DeviceMemory::room(size_t bytes) {
  const uintptr_t end = range.start + range.bytes;
  for (int round = 0; round < 2; round++) {
    for (auto after = blocks.lower_bound(next);; ++after) {
      uintptr_t limit = after == blocks.end() ? end : after->first;
      if (next + bytes + GAP <= limit) return next;
      if (after == blocks.end()) break;
      next = aligned(after->first + after->second + GAP);
    }
    next = range.start + GAP;
  }
  return 0;
}

uintptr_t DeviceMemory::allocate(size_t bytes) {
  uintptr_t start = room(bytes);
  if (!start) return 0;
  next = aligned(start + bytes + GAP);
  blocks[start] = bytes;
  used += bytes;
  mark(start, bytes, true);
  fill_with_nan(start, bytes);
  return start;
}

void DeviceMemory::mark(uintptr_t start, size_t bytes, bool live) {
  unsigned char *first = shadow + (start - range.start) / GRANULE;
  memset(first, live ? GRANULE : 0, bytes / GRANULE);
  if (bytes % GRANULE) first[bytes / GRANULE] = live ? bytes % GRANULE : 0;
}

bool DeviceMemory::release(uintptr_t start) {
  auto block = blocks.find(start);
  if (block == blocks.end()) return false;
  mark(start, block->second, false);
  used -= block->second;
  blocks.erase(block);
  if (blocks.empty()) next = range.start + GAP;
  return true;
}

void DeviceMemory::release_all() {
  while (!blocks.empty()) release(blocks.begin()->first);
}

bool DeviceMemory::inside(uintptr_t start, size_t bytes) const {
  auto block = blocks.upper_bound(start);
  if (block == blocks.begin()) return false;
  --block;
  return start + bytes <= block->first + block->second;
}

std::string DeviceMemory::describe(uintptr_t start) const {
  char text[160];
  if (start - range.start >= range.bytes) return "not in the device's memory";
  auto after = blocks.upper_bound(start);
  if (after != blocks.begin()) {
    auto before = std::prev(after);
    size_t past = start - before->first;
    if (past < before->second + GAP) {
      snprintf(text, sizeof text, "at byte %zu of an allocation of %zu bytes", past, before->second);
      return text;
    }
  }
  if (after != blocks.end() && after->first - start <= GAP) {
    snprintf(text, sizeof text, "%zu bytes before an allocation of %zu bytes", (size_t)(after->first - start),
             after->second);
    return text;
  }
  return "in memory that is not allocated";
}
}  // namespace emu
