// A GPU thread first runs as a plain call. Only when it waits for others does it keep its stack, and the next thread
// gets another. So kernels in which nobody waits cost a call for each thread.
//
// Each warp runs as far as it can without the others, and in it each lane, the first or the last first by turns: what
// a missing barrier lets a thread overtake, it does overtake.
#include "scheduler.h"
#include <dlfcn.h>
#include <link.h>
#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <list>
#include <mutex>
#include <thread>
#include <unordered_map>
#include "fibers.h"
#include "memory.h"

namespace emu {
namespace {
enum { MISALIGNED_ADDRESS = 716, ILLEGAL_ADDRESS = 700, LAUNCH_FAILED = 719 };

// Lanes of a warp that wait for each other. The two tables alternate, so that a lane may be one meeting ahead of a
// lane that still reads.
struct Meeting {
  unsigned mask, arrived = 0, generation = 0;
  const char *name = nullptr;
  unsigned present[2] = {0, 0};
  uint64_t tables[2][WARP];
};

struct Warp {
  unsigned live = 0;
  std::list<Meeting> meetings;  // one for each mask; they stay where they are
};

// A copy that a thread has begun and not yet waited for.
struct Copy {
  void *to;
  const void *from;
  size_t bytes, given;
  unsigned group;
};

struct Task : Thread {
  enum State { NEW, RUNNING, WAITING, DONE } state = NEW;
  void *stack = nullptr;           // while it waits
  const unsigned *gate = nullptr;  // it waits for this to be
  unsigned generation = 0;         // no longer this
  const char *name = nullptr, *file = nullptr;  // of what it waits at
  int line = 0;
  std::vector<Copy> copies;
  unsigned copy_group = 0;

  bool ready() const { return state == NEW || (state == WAITING && *gate != generation); }
  std::string barrier() const { return std::string(name) + " of " + file + ":" + std::to_string(line); }
};

struct Report {
  std::mutex lock;
  std::atomic<bool> failed{false};
  Failure failure;
};

void body();

// Of the library that was loaded last. Until a thread has used that one's thread-local variables, those of all others
// are slow to find (a fault of glibc before 2.40).
Bind *newest = nullptr;

// A kernel's shared variables: the thread-local variables of its library on this thread.
struct Shared {
  uintptr_t library = 0;
  char *start = nullptr;
  size_t bytes = 0;
};

// Runs blocks on one thread of the CPU.
struct Worker {
  const Launch *launch = nullptr;
  Report *report = nullptr;
  bool reverse = false, turns = false;
  Block block;
  unsigned threads = 0, alive = 0, arrived = 0, barrier = 0;
  int votes[2] = {0, 0};
  std::vector<Task> tasks = std::vector<Task>(MAX_THREADS);
  std::vector<Warp> warps = std::vector<Warp>(MAX_THREADS / WARP);
  std::vector<char> dynamic;
  std::unordered_map<void *, Shared> shared;  // by the function that binds a library
  Task *current = nullptr;
  Running *running = nullptr;  // the kernel's view of it
  void *scheduler = nullptr;
  Stacks stacks{MAX_THREADS, body};
  Bind *newest = nullptr;

  void fail(int code, const std::string &what);
  [[noreturn]] void fail_and_stop(int code, const std::string &what);
  Task *next_lane(unsigned flat);
  void *resume(Task *task);
  void pause();
  void check_barrier();
  void complete(Meeting &meeting, const Warp &warp);
  bool finish_and_take_next();
  bool turn(unsigned warp);
  void run_block(uint64_t number, char *shared, size_t shared_bytes);
};

// Made when a thread of the CPU first runs blocks, and kept.
thread_local Worker *mine __attribute__((tls_model("initial-exec"))) = nullptr;
Worker &worker() { return *mine; }

std::string place(const uint3 &at) {
  return "(" + std::to_string(at.x) + "," + std::to_string(at.y) + "," + std::to_string(at.z) + ")";
}

void Worker::fail(int code, const std::string &what) {
  std::lock_guard g(report->lock);
  if (report->failed) return;
  report->failure.code = code;
  report->failure.text = launch->kernel->name + ": block " + place(block.id) + ", thread " +
                         place(current ? current->index : tasks[0].index) + ": " + what;
  report->failed = true;
}

void Worker::fail_and_stop(int code, const std::string &what) {
  fail(code, what);
  void *unused;
  emu_switch(&unused, scheduler);
  abort();
}

// The warp's next lane, in the order of this block, that can go on.
Task *Worker::next_lane(unsigned flat) {
  const unsigned first = flat / WARP * WARP, last = std::min(threads, first + WARP);
  if (reverse) {
    while (flat-- > first)
      if (tasks[flat].ready()) return &tasks[flat];
  } else {
    while (++flat < last)
      if (tasks[flat].ready()) return &tasks[flat];
  }
  return nullptr;
}

// The stack to go on with for this thread to run.
void *Worker::resume(Task *task) {
  void *stack = task->state == Task::NEW ? stacks.take() : task->stack;
  task->state = Task::RUNNING;
  current = task;
  running->thread = *task;
  return stack;
}

// The current thread waits; the next lane goes on, or else the scheduler.
void Worker::pause() {
  Task *task = current, *next = turns || report->failed ? nullptr : next_lane(task->flat);
  emu_switch(&task->stack, next ? resume(next) : scheduler);
}

// Opens the barrier when all threads of the block have come to it.
void Worker::check_barrier() {
  if (!arrived || arrived < alive) return;
  const Task *first = nullptr;
  for (unsigned i = 0; i < threads; i++) {
    const Task &task = tasks[i];
    if (task.state == Task::DONE) continue;
    if (!first) first = &task;
    if (task.line != first->line || (task.file != first->file && strcmp(task.file, first->file)))
      return fail(LAUNCH_FAILED, "threads of a block wait at different barriers: " + first->barrier() + " and " +
                                     task.barrier());
  }
  if (alive < threads)
    return fail(LAUNCH_FAILED, std::to_string(threads - alive) + " of " + std::to_string(threads) +
                                   " threads ended without the " + first->barrier() + " that the others wait at");
  arrived = 0;
  barrier++;
  votes[barrier & 1] = 0;
}

void Worker::complete(Meeting &meeting, const Warp &warp) {
  unsigned expected = meeting.mask & warp.live;
  if (meeting.arrived && (meeting.arrived & expected) == expected) {
    meeting.arrived = 0;
    meeting.generation++;
    meeting.present[meeting.generation & 1] = 0;
  }
}

// A thread has ended. If the warp's next lane has not begun, it begins on the same stack.
bool Worker::finish_and_take_next() {
  Task &task = *current;
  Warp &warp = warps[task.flat / WARP];
  task.state = Task::DONE;
  alive--;
  warp.live &= ~(1u << task.flat % WARP);
  for (Meeting &meeting : warp.meetings) complete(meeting, warp);
  check_barrier();
  if (report->failed || turns) return false;
  Task *next = next_lane(task.flat);
  if (!next || next->state != Task::NEW) return false;
  next->state = Task::RUNNING;
  current = next;
  running->thread = *next;
  return true;
}

void body() {
  Worker &w = worker();
  for (;;) {
    do w.launch->kernel->run(w.launch->parameters);
    while (w.finish_and_take_next());
    w.stacks.leave(w.scheduler);
  }
}

// Each lane of the warp that can go on does, until it waits or ends. False if there was none.
bool Worker::turn(unsigned warp) {
  bool any = false;
  unsigned first = warp * WARP, last = std::min(threads, first + WARP);
  for (unsigned i = first; i < last && !report->failed; i++) {
    Task &task = tasks[reverse ? first + last - 1 - i : i];
    if (!task.ready()) continue;
    any = true;
    emu_switch(&scheduler, resume(&task));
  }
  return any;
}

void Worker::run_block(uint64_t number, char *shared, size_t shared_bytes) {
  const dim3 &grid = launch->grid;
  block.id = {(unsigned)(number % grid.x), (unsigned)(number / grid.x % grid.y), (unsigned)(number / grid.x / grid.y)};
  alive = threads;
  arrived = barrier = 0;
  votes[0] = votes[1] = 0;
  // Shared memory is not cleared on a GPU either: whoever reads it before it was written reads NaN.
  memset(shared, 0xFF, shared_bytes);
  memset(dynamic.data(), 0xFF, dynamic.size());
  running->block = block;  // lies among the shared memory
  const unsigned count = (threads + WARP - 1) / WARP;
  for (unsigned i = 0; i < threads; i++) {
    tasks[i].state = Task::NEW;
    tasks[i].copies.clear();
    tasks[i].copy_group = 0;
  }
  for (unsigned i = 0; i < count; i++) {
    warps[i].live = threads - i * WARP >= WARP ? ~0u : (1u << threads % WARP) - 1;
    warps[i].meetings.clear();
  }
  while (alive && !report->failed) {
    bool any = false;
    for (unsigned i = 0; i < count && !report->failed; i++) {
      while (turn(reverse ? count - 1 - i : i)) {
        any = true;
        if (turns || report->failed) break;
      }
    }
    if (any || report->failed) continue;
    for (unsigned i = 0; i < threads; i++) {
      if (tasks[i].state == Task::DONE) continue;
      current = &tasks[i];
      fail(LAUNCH_FAILED, std::to_string(alive) + " of " + std::to_string(threads) +
                              " threads wait for ever; this one at " + tasks[i].name);
      break;
    }
  }
  if (report->failed) stacks.reset(body);
  current = nullptr;
}

// What kernels call.

int barrier(bool vote, const char *name, const char *file, int line) {
  Worker &w = worker();
  Task &task = *w.current;
  unsigned at = w.barrier;
  w.votes[at & 1] += vote;
  w.arrived++;
  task.state = Task::WAITING;
  task.gate = &w.barrier;
  task.generation = at;
  task.name = name;
  task.file = file;
  task.line = line;
  w.check_barrier();
  w.pause();
  return w.votes[at & 1];
}

const uint64_t *meet(unsigned mask, uint64_t value, unsigned *present, const char *name) {
  Worker &w = worker();
  Task &task = *w.current;
  Warp &warp = w.warps[task.flat / WARP];
  unsigned bit = 1u << task.flat % WARP;
  if (!(mask & bit)) w.fail_and_stop(LAUNCH_FAILED, std::string(name) + " by a lane that its mask leaves out");
  auto found = std::find_if(warp.meetings.begin(), warp.meetings.end(), [=](auto &m) { return m.mask == mask; });
  if (found == warp.meetings.end()) found = warp.meetings.insert(found, Meeting{mask});
  Meeting &meeting = *found;
  if (!meeting.arrived) meeting.name = name;
  if (meeting.name != name && strcmp(meeting.name, name))
    w.fail_and_stop(LAUNCH_FAILED, std::string(name) + " meets " + meeting.name + " of another lane");
  unsigned at = meeting.generation;
  meeting.tables[at & 1][task.flat % WARP] = value;
  meeting.present[at & 1] |= bit;
  meeting.arrived |= bit;
  w.complete(meeting, warp);
  if (meeting.generation == at) {
    task.state = Task::WAITING;
    task.gate = &meeting.generation;
    task.generation = at;
    task.name = name;
    w.pause();
  }
  if (present) *present = meeting.present[at & 1];
  return meeting.tables[at & 1];
}

unsigned live_lanes() { return worker().warps[worker().current->flat / WARP].live; }

// Until it is waited for a copy's target holds NaN: neither a read that does not wait nor a read of what lay there
// before gets anything of use.
void copy_async(void *to, const void *from, size_t bytes, size_t given) {
  Task &task = *worker().current;
  memset(to, 0xFF, bytes);
  task.copies.push_back({to, from, bytes, given, task.copy_group});
}

void commit_copies() { worker().current->copy_group++; }

void await_copies(unsigned pending) {
  Task &task = *worker().current;
  size_t n = 0;
  for (; n < task.copies.size() && task.copies[n].group + pending < task.copy_group; n++) {
    const Copy &copy = task.copies[n];
    memcpy(copy.to, copy.from, copy.given);
    memset((char *)copy.to + copy.given, 0, copy.bytes - copy.given);
  }
  task.copies.erase(task.copies.begin(), task.copies.begin() + n);
}

char *dynamic_shared() {
  char *p = worker().dynamic.data();
  return p + (-(uintptr_t)p & 15);
}

void stray(const void *address, size_t bytes, bool write) {
  worker().fail_and_stop(ILLEGAL_ADDRESS, std::string(write ? "write" : "read") + " of " + std::to_string(bytes) +
                                              " bytes " + device_memory().describe((uintptr_t)address));
}

void misaligned(const void *address, const char *file, int line) {
  char text[400];
  snprintf(text, sizeof text, "misaligned address %p at %s:%d", address, file, line);
  worker().fail_and_stop(MISALIGNED_ADDRESS, text);
}

void out_of_array(long index, const char *file, int line) {
  char text[400];
  snprintf(text, sizeof text, "index %ld is outside of an array at %s:%d", index, file, line);
  worker().fail_and_stop(ILLEGAL_ADDRESS, text);
}

const Runtime &runtime() {
  static const Runtime r{device_memory().visible(),
                         barrier,
                         meet,
                         live_lanes,
                         copy_async,
                         commit_copies,
                         await_copies,
                         dynamic_shared,
                         stray,
                         misaligned,
                         out_of_array};
  return r;
}

int find_shared(dl_phdr_info *info, size_t, void *out) {
  auto *shared = (Shared *)out;
  if (info->dlpi_addr != shared->library) return 0;
  for (int i = 0; i < info->dlpi_phnum; i++) {
    if (info->dlpi_phdr[i].p_type == PT_TLS) {
      shared->start = (char *)info->dlpi_tls_data;
      shared->bytes = info->dlpi_phdr[i].p_memsz;
    }
  }
  return 1;
}

// Takes blocks until there are no more.
void work(const Launch &launch, Report &report, std::atomic<uint64_t> &next, uint64_t blocks, unsigned number) {
  if (!mine) mine = new Worker;
  Worker &w = worker();
  if (w.newest != newest) {
    w.newest = newest;
    w.newest(&runtime());
  }
  w.launch = &launch;
  w.report = &report;
  w.running = launch.kernel->bind(&runtime());
  Shared &shared = w.shared[(void *)launch.kernel->bind];
  if (!shared.start) {
    Dl_info library;
    dladdr((void *)launch.kernel->bind, &library);
    shared.library = (uintptr_t)library.dli_fbase;
    dl_iterate_phdr(find_shared, &shared);
  }
  w.threads = launch.size.x * launch.size.y * launch.size.z;
  w.block.grid = launch.grid;
  w.block.size = launch.size;
  w.dynamic.resize(launch.dynamic + 16);
  for (unsigned i = 0; i < w.threads; i++) {
    w.tasks[i].flat = i;
    w.tasks[i].index = {i % launch.size.x, i / launch.size.x % launch.size.y, i / launch.size.x / launch.size.y};
  }
  // The block alone in its grid takes turns from launch to launch.
  static const char *order = getenv("EMU_ORDER");
  w.turns = order && *order == 't';
  for (uint64_t i; !report.failed && (i = next++) < blocks;) {
    w.reverse = order ? *order == 'r' : (blocks == 1 ? number : i) & 1;
    w.run_block(i, shared.start, shared.bytes);
  }
}

// One more thread of the CPU, which helps with large launches.
class Helper {
  std::mutex lock;
  std::condition_variable changed;
  std::function<void()> job;

 public:
  Helper() {
    std::thread([this] {
      std::unique_lock g(lock);
      for (;;) {
        changed.wait(g, [this] { return (bool)job; });
        g.unlock();
        job();
        g.lock();
        job = nullptr;
        changed.notify_all();
      }
    }).detach();
  }
  void start(std::function<void()> work) {
    std::lock_guard g(lock);
    job = std::move(work);
    changed.notify_all();
  }
  void await() {
    std::unique_lock g(lock);
    changed.wait(g, [this] { return !job; });
  }
};
}  // namespace

void loaded(Bind *bind) { newest = bind; }

Failure run(const Launch &launch) {
  static unsigned launches = 0;
  static const unsigned helpers = [] {
    const char *threads = getenv("EMU_THREADS");
    return (unsigned)std::max(0, (threads ? atoi(threads) : 2) - 1);
  }();
  static auto &pool = *new std::vector<Helper>(helpers);  // never ended: they sleep
  constexpr uint64_t WORTH_WAKING = 8192;
  uint64_t blocks = (uint64_t)launch.grid.x * launch.grid.y * launch.grid.z;
  unsigned number = launches++;
  Report report;
  std::atomic<uint64_t> next{0};
  auto job = [&] { work(launch, report, next, blocks, number); };
  bool large = blocks > 1 && blocks * launch.size.x * launch.size.y * launch.size.z >= WORTH_WAKING;
  if (large)
    for (Helper &helper : pool) helper.start(job);
  job();
  if (large)
    for (Helper &helper : pool) helper.await();
  return report.failure;
}
}  // namespace emu
