// Runs the blocks of a launch, and in each block its threads.
#pragma once
#include <string>
#include "include/emu_runtime.h"

namespace emu {
constexpr unsigned MAX_THREADS = 1024;

typedef Running *Bind(const Runtime *);  // tells a library of kernels of the runtime, and where it looks for the thread

struct Kernel {
  std::string name;
  void (*run)(void **parameters) = nullptr;  // one GPU thread
  Bind *bind = nullptr;
  unsigned max_dynamic = 48 * 1024;         // bytes of dynamic shared memory that a launch may ask for
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
void loaded(Bind *bind);
}  // namespace emu
