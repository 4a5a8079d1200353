// libnccl.so.2 of the emulated device: ranks are threads of one process. Each collective is a meeting of all ranks of
// an id, at which the last to come does the work for everybody: sums run from rank 0 on.
#include <unistd.h>
#include <stdio.h>
#include <condition_variable>
#include <cstdint>
#include <cstring>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#define API extern "C" __attribute__((visibility("default")))
namespace {
enum { OK = 0, INVALID_ARGUMENT = 4, INVALID_USAGE = 5 };
enum { INT32 = 2, FLOAT32 = 7, FLOAT64 = 8, BFLOAT16 = 9 };
struct Id {
  char bytes[128];
};

struct Request {
  std::string what;  // all ranks must ask for the same
  const char *from;
  char *to;
};

struct Group {
  std::mutex lock;
  std::condition_variable changed;
  int size = 0, joined = 0, left = 0, arrived = 0;
  unsigned long round = 0;
  int result = OK;
  std::vector<Request> requests;
};
struct Rank {
  std::string id;
  Group *group;
  int rank;
};

std::mutex groups_lock;
std::map<std::string, Group *> groups;

size_t bytes(int type) { return type == FLOAT64 ? 8 : type == BFLOAT16 ? 2 : 4; }

double get(const char *p, int type, size_t i) {
  if (type == INT32) return ((const int32_t *)p)[i];
  if (type == FLOAT32) return ((const float *)p)[i];
  if (type == FLOAT64) return ((const double *)p)[i];
  uint32_t bits = (uint32_t)((const uint16_t *)p)[i] << 16;
  float f;
  memcpy(&f, &bits, 4);
  return f;
}

void put(char *p, int type, size_t i, double value) {
  if (type == INT32)
    ((int32_t *)p)[i] = (int32_t)value;
  else if (type == FLOAT32)
    ((float *)p)[i] = (float)value;
  else if (type == FLOAT64)
    ((double *)p)[i] = value;
  else {
    float f = (float)value;
    uint32_t bits;
    memcpy(&bits, &f, 4);
    ((uint16_t *)p)[i] = f != f ? 0x7fff : (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
  }
}

// Waits for all ranks; the last to come runs the work.
template <class Work>
int meet(Rank *r, Request request, Work work) {
  Group &g = *r->group;
  std::unique_lock<std::mutex> guard(g.lock);
  unsigned long round = g.round;
  g.requests[r->rank] = request;
  if (++g.arrived == g.size) {
    g.result = OK;
    for (auto &other : g.requests)
      if (other.what != request.what) g.result = INVALID_USAGE;
    if (g.result == OK) work(g.requests);
    g.arrived = 0;
    g.round++;
    g.changed.notify_all();
  } else {
    g.changed.wait(guard, [&] { return g.round != round; });
  }
  return g.result;
}

std::string words(const char *name, size_t count, int type, int more) {
  return std::string(name) + " " + std::to_string(count) + " " + std::to_string(type) + " " + std::to_string(more);
}

// The sum of the ranks' elements, from index `start` of what each sends.
std::vector<double> sums(const std::vector<Request> &ranks, int type, size_t start, size_t count) {
  std::vector<double> total(count, 0);
  for (auto &rank : ranks)
    for (size_t i = 0; i < count; i++) total[i] += get(rank.from, type, start + i);
  return total;
}
}  // namespace

API int ncclGetVersion(int *version) {
  *version = 22304;
  return OK;
}

API const char *ncclGetErrorString(int result) {
  return result == OK              ? "no error"
         : result == INVALID_USAGE ? "invalid usage: ranks called different functions"
                                   : "invalid argument";
}

API int ncclGetUniqueId(Id *id) {
  static int next = 0;
  std::lock_guard<std::mutex> guard(groups_lock);
  memset(id, 0, sizeof *id);
  snprintf(id->bytes, sizeof id->bytes, "%d-%d", (int)getpid(), next++);
  return OK;
}

API int ncclCommInitRank(void **out, int size, Id id, int rank) {
  if (rank < 0 || rank >= size) return INVALID_ARGUMENT;
  std::string name = id.bytes;
  Group *group;
  {
    std::lock_guard<std::mutex> guard(groups_lock);
    auto &found = groups[name];
    if (!found) {
      found = new Group;
      found->size = size;
      found->requests.resize(size);
    }
    group = found;
  }
  std::unique_lock<std::mutex> guard(group->lock);
  if (group->size != size || group->joined == size) return INVALID_ARGUMENT;
  group->joined++;
  group->changed.notify_all();
  group->changed.wait(guard, [&] { return group->joined == group->size; });
  *out = new Rank{name, group, rank};
  return OK;
}

API int ncclCommDestroy(void *comm) {
  Rank *r = (Rank *)comm;
  std::lock_guard<std::mutex> guard(groups_lock);
  if (++r->group->left == r->group->size) {
    delete r->group;
    groups.erase(r->id);
  }
  delete r;
  return OK;
}

API int ncclAllReduce(const void *from, void *to, size_t count, int type, int, void *comm, void *) {
  return meet((Rank *)comm, {words("allReduce", count, type, 0), (const char *)from, (char *)to}, [&](auto &ranks) {
    auto total = sums(ranks, type, 0, count);
    for (auto &rank : ranks)
      for (size_t i = 0; i < count; i++) put(rank.to, type, i, total[i]);
  });
}

API int ncclReduceScatter(const void *from, void *to, size_t count, int type, int, void *comm, void *) {
  return meet((Rank *)comm, {words("reduceScatter", count, type, 0), (const char *)from, (char *)to}, [&](auto &ranks) {
    std::vector<std::vector<double>> totals;
    for (size_t r = 0; r < ranks.size(); r++) totals.push_back(sums(ranks, type, r * count, count));
    for (size_t r = 0; r < ranks.size(); r++)
      for (size_t i = 0; i < count; i++) put(ranks[r].to, type, i, totals[r][i]);
  });
}

API int ncclAllGather(const void *from, void *to, size_t count, int type, void *comm, void *) {
  return meet((Rank *)comm, {words("allGather", count, type, 0), (const char *)from, (char *)to}, [&](auto &ranks) {
    size_t part = count * bytes(type);
    for (auto &rank : ranks)
      for (size_t r = 0; r < ranks.size(); r++) memmove(rank.to + r * part, ranks[r].from, part);
  });
}

API int ncclBroadcast(const void *from, void *to, size_t count, int type, int root, void *comm, void *) {
  return meet((Rank *)comm, {words("broadcast", count, type, root), (const char *)from, (char *)to}, [&](auto &ranks) {
    for (auto &rank : ranks) memmove(rank.to, ranks[root].from, count * bytes(type));
  });
}
