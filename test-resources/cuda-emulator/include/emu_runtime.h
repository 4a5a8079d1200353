// What a compiled kernel and the emulated driver know of each other. The driver runs each GPU thread by calling the
// kernel once; the kernel calls back where its threads wait for each other, and where it went wrong.
#pragma once

typedef __SIZE_TYPE__ size_t;
typedef __UINTPTR_TYPE__ uintptr_t;
typedef __UINT64_TYPE__ uint64_t;

struct uint3 {
  unsigned x, y, z;
};
struct dim3 {
  unsigned x, y, z;
  dim3(unsigned x = 1, unsigned y = 1, unsigned z = 1) : x(x), y(y), z(z) {}
};

namespace emu {
constexpr unsigned WARP = 32;

// The GPU thread that runs. The driver writes it into the kernel's library before each switch.
struct Thread {
  uint3 index{};
  unsigned flat = 0;  // among all threads of the block
};
struct Block {
  dim3 grid, size;
  uint3 id{};
};
struct Running {
  Block block;
  Thread thread;
};

// Device memory is one range of addresses. For each GRANULE bytes of it the shadow says how many of them, counted from
// the first, are allocated.
constexpr unsigned GRANULE = 16;
struct Memory {
  uintptr_t start = 0;
  size_t bytes = 0;
  const unsigned char *shadow = nullptr;
};

struct Runtime {
  Memory memory;
  // Waits for all threads of the block; returns how many of them voted.
  int (*barrier)(bool vote, const char *name, const char *file, int line);
  // Waits for the lanes in `mask`, each of which brings a value; returns the table of all, and which are in it.
  const uint64_t *(*meet)(unsigned mask, uint64_t value, unsigned *present, const char *name);
  unsigned (*live_lanes)();
  // Copies to shared memory that a thread has begun and will wait for, group by group.
  void (*copy_async)(void *to, const void *from, size_t bytes, size_t given);
  void (*commit_copies)();
  void (*await_copies)(unsigned pending);
  char *(*dynamic_shared)();
  // Ends the launch.
  [[noreturn]] void (*stray)(const void *address, size_t bytes, bool write);
  [[noreturn]] void (*misaligned)(const void *address, const char *file, int line);
  [[noreturn]] void (*out_of_array)(long index, const char *file, int line);
};
}  // namespace emu
