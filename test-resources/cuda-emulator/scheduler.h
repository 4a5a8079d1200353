// Runs the blocks of a launch, and in each block its threads.
#pragma once
#include <string>
#include "include/emu_runtime.h"

namespace emu {
constexpr unsigned MAX_THREADS = 1024;

struct Kernel {
  std::string name;
  void (*run)(void **parameters) = nullptr;            // one GPU thread
  const Thread **(*bind)(const Runtime *) = nullptr;  // where the kernel looks for the thread that runs
  unsigned max_dynamic = 48 * 1024;                   // bytes of dynamic shared memory that a launch may ask for
};

struct Launch {
  Kernel *kernel;
  dim3 grid, size;
  unsigned dynamic;
  void **parameters;
};

struct Failure {
  int code = 0;  // a CUresult; 0 if all went well
  std::string text;
};

Failure run(const Launch &launch);
}  // namespace emu
