// Stacks to run GPU threads on, and the switch from one to another.
#pragma once
#include <sys/mman.h>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <vector>

// Puts the callee-saved registers on the stack, keeps the stack's top in *save, and goes on at `to`.
#if defined(__x86_64__)
__asm__(R"(
.text
.local emu_switch
.type emu_switch, @function
emu_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size emu_switch, .-emu_switch
)");
#elif defined(__aarch64__)
__asm__(R"(
.text
.local emu_switch
.type emu_switch, %function
emu_switch:
  sub sp, sp, #160
  stp x19, x20, [sp, #0]
  stp x21, x22, [sp, #16]
  stp x23, x24, [sp, #32]
  stp x25, x26, [sp, #48]
  stp x27, x28, [sp, #64]
  stp x29, x30, [sp, #80]
  stp d8, d9, [sp, #96]
  stp d10, d11, [sp, #112]
  stp d12, d13, [sp, #128]
  stp d14, d15, [sp, #144]
  mov x9, sp
  str x9, [x0]
  mov sp, x1
  ldp x19, x20, [sp, #0]
  ldp x21, x22, [sp, #16]
  ldp x23, x24, [sp, #32]
  ldp x25, x26, [sp, #48]
  ldp x27, x28, [sp, #64]
  ldp x29, x30, [sp, #80]
  ldp d8, d9, [sp, #96]
  ldp d10, d11, [sp, #112]
  ldp d12, d13, [sp, #128]
  ldp d14, d15, [sp, #144]
  add sp, sp, #160
  ret
.size emu_switch, .-emu_switch
)");
#else
#error "no stack switch for this processor"
#endif
extern "C" void emu_switch(void **save, void *to);

namespace emu {
// A switch to one that is idle enters `body`, which never returns: to be idle again, it gives its stack back and
// switches away; whoever takes it next continues there.
class Stacks {
  // Not a power of two: the tops of all stacks would share a few lines of the cache.
  static constexpr size_t BYTES = 128 * 1024 + 320;
  char *memory = nullptr;
  size_t count;
  std::vector<void *> idle;

 public:
  Stacks(size_t count, void (*body)()) : count(count) {
    void *range =
        mmap(nullptr, count * BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (range == MAP_FAILED) {
      perror("emulated device: stacks");
      abort();
    }
    memory = (char *)range;
    reset(body);
  }

  // Forgets whatever runs on them.
  void reset(void (*body)()) {
    idle.clear();
    for (size_t i = count; i-- > 0;) {
      void **top = (void **)(memory + (i + 1) * BYTES);
#if defined(__x86_64__)
      *--top = nullptr;  // keeps the alignment that a call leaves
      *--top = (void *)body;
      for (int k = 0; k < 6; k++) *--top = nullptr;
#else
      top -= 20;
      for (int k = 0; k < 20; k++) top[k] = nullptr;
      top[11] = (void *)body;
#endif
      idle.push_back(top);
    }
  }

  void *take() {
    void *top = idle.back();
    idle.pop_back();
    return top;
  }

  // The current stack becomes idle, and `to` goes on.
  void leave(void *to) {
    idle.push_back(nullptr);
    emu_switch(&idle.back(), to);
  }
};
}  // namespace emu
