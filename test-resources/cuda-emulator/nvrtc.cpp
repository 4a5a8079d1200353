// libnvrtc.so.12 of the emulated device: compiles kernels with the host's C++ compiler.
#include <dlfcn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#define API extern "C" __attribute__((visibility("default"))) int
namespace {
struct Program {
  std::string source, name, log, path, ptx;
  std::vector<std::pair<std::string, std::string>> headers;
  std::set<std::string> names;
};
enum { OK = 0, INVALID_INPUT = 3, COMPILATION = 6, INTERNAL = 11 };
std::string here() {
  Dl_info i;
  dladdr((void *)here, &i);
  std::string p = i.dli_fname;
  return p.substr(0, p.rfind('/'));
}
std::string quoted(const std::string &s) {
  std::string r = "'";
  for (char c : s) r += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return r + "'";
}
std::string slurp(const std::string &p) {
  std::ifstream f(p, std::ios::binary);
  std::stringstream s;
  s << f.rdbuf();
  return s.str();
}
uint64_t fnv(const std::string &s, uint64_t h) {
  for (unsigned char c : s) h = (h ^ c) * 1099511628211ull;
  return h;
}
bool is_dir(const std::string &p) {
  struct stat s;
  return !stat(p.c_str(), &s) && S_ISDIR(s.st_mode);
}
}  // namespace
API nvrtcVersion(int *a, int *b) {
  *a = 99;  // no real NVRTC's, so that nobody takes the emulated device's code for a GPU's
  *b = 0;
  return OK;
}
API nvrtcGetNumSupportedArchs(int *n) {
  *n = 1;
  return OK;
}
API nvrtcGetSupportedArchs(int *v) {
  v[0] = 90;
  return OK;
}
extern "C" __attribute__((visibility("default"))) const char *nvrtcGetErrorString(int e) {
  return e == 0 ? "NVRTC_SUCCESS" : e == COMPILATION ? "NVRTC_ERROR_COMPILATION" : "NVRTC_ERROR";
}
API nvrtcCreateProgram(void **out, const char *source, const char *name, int n, const char *const *headers,
                       const char *const *names) {
  auto *p = new Program;
  p->source = source;
  p->name = name ? name : "default_program";
  for (int i = 0; i < n; i++) p->headers.emplace_back(names[i], headers[i]);
  *out = p;
  return OK;
}
API nvrtcDestroyProgram(void **p) {
  delete (Program *)*p;
  *p = nullptr;
  return OK;
}
API nvrtcAddNameExpression(void *p, const char *s) {
  ((Program *)p)->names.insert(s);
  return OK;
}
API nvrtcGetLoweredName(void *p, const char *s, const char **out) {
  auto i = ((Program *)p)->names.find(s);
  if (i == ((Program *)p)->names.end()) return INVALID_INPUT;
  *out = i->c_str();
  return OK;
}
API nvrtcCompileProgram(void *handle, int n, const char *const *options) {
  auto &p = *(Program *)handle;
  // What C++ has no word for: an array of a size that the launch gives.
  std::string text = std::regex_replace(
      p.source,
      std::regex(
          R"(extern\s+__shared__\s+(?:__align__\s*\(\s*\d+\s*\)\s+)?([\w:]+(?:\s+[\w:]+)*)\s+(\w+)\s*\[\s*\]\s*;)"),
      "$1 *$2 = ($1 *) emu::dynamic_shared();");
  std::string all = "#include \"cuda_emu.h\"\n#line 1 \"" + p.name + "\"\n" + text + "\n";
  const char *cxx = getenv("EMU_CXX"), *flags = getenv("EMU_CXXFLAGS");
  std::string args = " -std=c++17 -O2 -fPIC -fno-exceptions -fvisibility=hidden -w " + std::string(flags ? flags : "") +
                     " -I" + quoted(here() + "/include");
  for (int i = 0; i < n; i++) {
    std::string o = options[i];
    // Defines are kept, and the folders that are not CUDA's own: its headers are the shim's here.
    if (o.rfind("-D", 0) == 0 || o.rfind("-U", 0) == 0)
      args += " " + quoted(o);
    else if (o.rfind("--define-macro=", 0) == 0)
      args += " " + quoted("-D" + o.substr(15));
    else if (o.rfind("-I", 0) == 0 && access((o.substr(2) + "/cuda_bf16.h").c_str(), R_OK))
      args += " " + quoted(o);
  }
  std::string header = slurp(here() + "/include/cuda_emu.h"), key = all + args + header;
  for (auto &h : p.headers) key += h.first + h.second;
  char id[40];
  snprintf(id, sizeof id, "%016llx%016llx", (unsigned long long)fnv(key, 14695981039346656037ull),
           (unsigned long long)fnv(key, 88172645463325252ull));
  const char *tmp = getenv("EMU_CACHE");
  std::string dir = tmp ? tmp : "/tmp/emu-kernels-" + std::to_string(getuid());
  mkdir(dir.c_str(), 0700);
  if (!is_dir(dir)) {
    p.log = "no folder " + dir;
    return INTERNAL;
  }
  p.path = dir + "/" + id + ".so";
  if (access(p.path.c_str(), R_OK)) {
    std::string base = dir + "/" + id + "." + std::to_string(getpid());
    mkdir(base.c_str(), 0700);
    for (auto &h : p.headers)
      if (h.first.find('/') == std::string::npos && h.first.rfind("cuda_", 0))
        std::ofstream(base + "/" + h.first) << h.second;
    std::string compiler = std::string(cxx ? cxx : "g++") + args + " -I" + quoted(base) + " ";
    std::string source = base + "/kernel.cpp", log = " 2>" + quoted(base + "/log");
    // Kernels may be made by macros: their names are found in what the preprocessor leaves.
    std::ofstream(source) << all;
    int rc =
        system((compiler + "-E -DEMU_PREPROCESS -o " + quoted(base + "/names") + " " + quoted(source) + log).c_str());
    if (!rc) {
      std::string expanded = slurp(base + "/names");
      std::regex kernel(R"(\bemu_global\s+void\s+(\w+)\s*\()");
      for (std::sregex_iterator i(expanded.begin(), expanded.end(), kernel), end; i != end; ++i)
        all += "EMU_KERNEL(" + (*i)[1].str() + ")\n";
      std::ofstream(source) << all;
      rc = system((compiler + "-shared -o " + quoted(base + "/out.so") + " " + quoted(source) + log).c_str());
    }
    p.log = slurp(base + "/log");
    if (!rc) rename((base + "/out.so").c_str(), p.path.c_str());
    if (!getenv("EMU_KEEP")) {
      (void)!system(("rm -rf " + quoted(base)).c_str());
    }
    if (rc) {
      p.path.clear();
      return COMPILATION;
    }
  }
  p.ptx = "// emulated: " + p.path + "\n";
  return OK;
}
API nvrtcGetPTXSize(void *p, size_t *n) {
  *n = ((Program *)p)->ptx.size() + 1;
  return OK;
}
API nvrtcGetPTX(void *p, char *s) {
  strcpy(s, ((Program *)p)->ptx.c_str());
  return OK;
}
API nvrtcGetCUBINSize(void *p, size_t *n) {
  *n = slurp(((Program *)p)->path).size();
  return OK;
}
API nvrtcGetCUBIN(void *p, char *s) {
  auto b = slurp(((Program *)p)->path);
  memcpy(s, b.data(), b.size());
  return OK;
}
API nvrtcGetProgramLogSize(void *p, size_t *n) {
  *n = ((Program *)p)->log.size() + 1;
  return OK;
}
API nvrtcGetProgramLog(void *p, char *s) {
  strcpy(s, ((Program *)p)->log.c_str());
  return OK;
}
