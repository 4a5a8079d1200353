// libnvrtc.so.12 of the emulated device: "compiles" kernels with the host's C++ compiler. Its machine code, "cubin", is a
// library with a function for each kernel that runs one GPU thread.
#include <dlfcn.h>
#include <stdlib.h>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#define API extern "C" __attribute__((visibility("default"))) int
namespace {
enum { OK = 0, COMPILATION = 6, INTERNAL = 11 };

struct Program {
  std::string source, name, log, code;
  std::vector<std::pair<std::string, std::string>> headers;
};

const char *HEADERS[] = {"emu_runtime.h", "emu_checks.h", "emu_math.h", "emu_bf16.h", "cuda_emu.h"};
const std::string FLAGS =
    " -std=c++17 -O2 -march=native -fPIC -fno-exceptions -fno-rtti -fvisibility=hidden -w"
    // Calls to emu_checks.h.
    " -fsanitize=kernel-address --param=asan-instrumentation-with-call-threshold=0 --param=asan-stack=0"
    " --param=asan-globals=0 -fsanitize=alignment,bounds -fno-sanitize-recover=alignment,bounds";

std::string quoted(const std::string &s) {
  std::string r = "'";
  for (char c : s) r += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return r + "'";
}
std::string slurp(const std::string &path) {
  std::ifstream f(path, std::ios::binary);
  std::stringstream s;
  s << f.rdbuf();
  return s.str();
}
void spit(const std::string &path, const std::string &text) { std::ofstream(path, std::ios::binary) << text; }

std::string own_path() {
  Dl_info i;
  dladdr((void *)own_path, &i);
  return i.dli_fname;
}
std::string include_folder() {
  std::string p = own_path();
  return p.substr(0, p.rfind('/')) + "/include";
}

// What the driver calls to run one GPU thread.
std::string entry(const std::string &kernel) {
  return "extern \"C\" __attribute__((visibility(\"default\"))) void emu_kernel_" + kernel +
         "(void **parameters) { emu::Entry<" + kernel + ">::call(parameters); }\n";
}

// Kernels may be made by macros, so they are looked for in what the preprocessor leaves.
std::string with_kernels(std::string text, const std::string &file) {
  const std::string word = "emu_global";
  std::string entries;
  std::smatch match;
  static const std::regex kernel(R"(^\s*void\s+(\w+)\s*\()");
  for (size_t at; (at = text.find(word)) != std::string::npos;) {
    text.replace(at, word.size(), " ");
    std::string rest = text.substr(at, 300);
    if (std::regex_search(rest, match, kernel)) entries += entry(match[1]);
  }
  return text + entries + "extern \"C\" __attribute__((visibility(\"default\"))) const char emu_file[] = \"" + file + "\";\n";
}

int compile(Program &p, const std::string &options, const std::string &folder) {
  for (auto &[name, text] : p.headers) spit(folder + "/" + name, text);
  // What C++ has no word for: an array of a size that the launch gives.
  static const std::regex dynamic(
      R"(extern\s+__shared__\s+(?:__align__\s*\(\s*\d+\s*\)\s+)?([\w:]+(?:\s+[\w:]+)*)\s+(\w+)\s*\[\s*\]\s*;)");
  std::string text = std::regex_replace(p.source, dynamic, "$1 *$2 = ($1 *) emu::runtime->dynamic_shared();");
  spit(folder + "/kernel.cpp", "#include \"cuda_emu.h\"\n#line 1 \"" + p.name + "\"\n" + text + "\n");
  auto run = [&](const std::string &arguments) {
    std::string command = "cd " + quoted(folder) + " && g++" + FLAGS + options + arguments + " 2>log";
    int status = system(command.c_str());
    p.log = slurp(folder + "/log");
    return status == 0;
  };
  if (!run(" -I. -I" + quoted(include_folder()) + " -E -o expanded.ii kernel.cpp")) return COMPILATION;
  std::string expanded = slurp(folder + "/expanded.ii");
  // nvcc's word, g++'s word: else small arrays would stay in memory, and each access to them would be checked.
  static const std::regex unroll(R"(#pragma unroll\b)");
  spit(folder + "/expanded.ii", with_kernels(std::regex_replace(expanded, unroll, "#pragma GCC unroll 16"), p.name));
  if (!run(" -shared -o kernel.so expanded.ii")) return COMPILATION;
  p.code = slurp(folder + "/kernel.so");
  return OK;
}
}  // namespace

// No real NVRTC's version, so that nobody takes this one's code for a GPU's; and another one after every change, so
// that nobody takes old code for new.
API nvrtcVersion(int *major, int *minor) {
  uint32_t hash = 2166136261u;
  std::string all = slurp(own_path());
  for (const char *name : HEADERS) all += slurp(include_folder() + "/" + name);
  for (unsigned char c : all) hash = (hash ^ c) * 16777619u;
  *major = 99;
  *minor = hash >> 1;
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
  return e == OK ? "NVRTC_SUCCESS" : e == COMPILATION ? "NVRTC_ERROR_COMPILATION" : "NVRTC_ERROR";
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
API nvrtcCompileProgram(void *handle, int n, const char *const *options) {
  auto &p = *(Program *)handle;
  std::string kept;
  for (int i = 0; i < n; i++) {
    std::string option = options[i];
    if (option.rfind("-D", 0) == 0)
      kept += " " + quoted(option);
    else if (option.rfind("--define-macro=", 0) == 0)
      kept += " " + quoted("-D" + option.substr(15));
  }
  char folder[] = "/tmp/emu-nvrtc-XXXXXX";
  if (!mkdtemp(folder)) return INTERNAL;
  int result = compile(p, kept, folder);
  (void)!system(("rm -rf " + quoted(folder)).c_str());
  return result;
}
API nvrtcGetCUBINSize(void *p, size_t *n) {
  *n = ((Program *)p)->code.size();
  return OK;
}
API nvrtcGetCUBIN(void *p, char *s) {
  auto &code = ((Program *)p)->code;
  memcpy(s, code.data(), code.size());
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
