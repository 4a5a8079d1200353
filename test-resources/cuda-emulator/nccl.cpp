// libnccl.so.2 of the emulated device: ranks are threads of one process. Each collective is a meeting of all ranks of
// an id, at which the last to come does the work for everybody. A message waits in a queue until it is received.
#include <unistd.h>
#include <stdio.h>
#include <condition_variable>
#include <cstdint>
#include <cstring>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#define API extern "C" __attribute__((visibility("default")))
namespace {
enum { OK = 0, INVALID_ARGUMENT = 4, INVALID_USAGE = 5 };
enum { INT8 = 0 };  // all that is moved here
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
  std::map<std::pair<int, int>, std::deque<std::vector<char>>> messages;  // by sender and receiver
};
struct Rank {
  std::string id;
  Group *group;
  int rank;
};

std::mutex groups_lock;
std::map<std::string, Group *> groups;

// What a thread has asked for since ncclGroupStart.
struct Message {
  Rank *rank;
  int other;
  char *data;
  size_t count;
  bool sent;
};
thread_local bool in_group = false;
thread_local std::vector<Message> group_messages;

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

std::string words(const char *name, size_t count, int more) {
  return std::string(name) + " " + std::to_string(count) + " " + std::to_string(more);
}

void post(const Message &m) {
  Group &g = *m.rank->group;
  std::lock_guard<std::mutex> guard(g.lock);
  g.messages[{m.rank->rank, m.other}].emplace_back(m.data, m.data + m.count);
  g.changed.notify_all();
}

int receive(const Message &m) {
  Group &g = *m.rank->group;
  std::unique_lock<std::mutex> guard(g.lock);
  auto &queue = g.messages[{m.other, m.rank->rank}];
  g.changed.wait(guard, [&] { return !queue.empty(); });
  if (queue.front().size() != m.count) return INVALID_ARGUMENT;
  memcpy(m.data, queue.front().data(), m.count);
  queue.pop_front();
  return OK;
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

API int ncclAllGather(const void *from, void *to, size_t count, int type, void *comm, void *) {
  if (type != INT8) return INVALID_ARGUMENT;
  return meet((Rank *)comm, {words("allGather", count, 0), (const char *)from, (char *)to}, [&](auto &ranks) {
    for (auto &rank : ranks)
      for (size_t r = 0; r < ranks.size(); r++) memmove(rank.to + r * count, ranks[r].from, count);
  });
}

API int ncclBroadcast(const void *from, void *to, size_t count, int type, int root, void *comm, void *) {
  if (type != INT8) return INVALID_ARGUMENT;
  return meet((Rank *)comm, {words("broadcast", count, root), (const char *)from, (char *)to}, [&](auto &ranks) {
    for (auto &rank : ranks) memmove(rank.to, ranks[root].from, count);
  });
}

API int ncclGroupStart() {
  in_group = true;
  return OK;
}

API int ncclGroupEnd() {
  int result = OK;
  for (auto &m : group_messages)
    if (m.sent) post(m);
  for (auto &m : group_messages)
    if (!m.sent && result == OK) result = receive(m);
  group_messages.clear();
  in_group = false;
  return result;
}

API int ncclSend(const void *from, size_t count, int type, int receiver, void *comm, void *) {
  if (type != INT8 || !in_group) return INVALID_ARGUMENT;
  group_messages.push_back({(Rank *)comm, receiver, (char *)from, count, true});
  return OK;
}

API int ncclRecv(void *to, size_t count, int type, int sender, void *comm, void *) {
  if (type != INT8 || !in_group) return INVALID_ARGUMENT;
  group_messages.push_back({(Rank *)comm, sender, (char *)to, count, false});
  return OK;
}
