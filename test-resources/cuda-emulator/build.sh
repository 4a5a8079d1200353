#!/usr/bin/env bash
# build.sh OUT NATIVES: builds the emulated device's libraries and headers into OUT. NATIVES holds JCuda's libraries,
# whose imports they must offer. Without a C++ compiler it says so and builds nothing: the tests then do the same.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=$1
natives=$2
touch "$(dirname "$out")/tests-begin"

for tool in g++ nm; do
  if ! command -v "$tool" >/dev/null; then
    echo "emulated GPU: no $tool here, so the tests on it are left out"
    exit
  fi
done
stamp=$out/built
if [[ -e $stamp && -z $(find "$here" "$natives" -newer "$stamp" -print -quit) ]]; then
  exit
fi
rm -rf "$out"
mkdir -p "$out"
cp -r "$here/include" "$out/"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# What a JNI library imports under a prefix and symbol version (or "-" for none) must be there for it to load, even
# if it is never called: weak functions that answer STATUS.
stubs() { # status prefix version clients...
  local status=$1 prefix=$2 version=$3
  shift 3
  nm -D --undefined-only "$@" | awk -v prefix="$prefix" -v version="$version" '
    $1 == "U" {
      split($2, part, /@+/)
      if (index(part[1], prefix) == 1 && substr(part[1], length(prefix) + 1) ~ /^[A-Z]/ &&
          (part[2] == "" ? "-" : part[2]) == version) print part[1]
    }' | sort -u | sed "s/.*/__attribute__((weak, visibility(\"default\"))) int &(void) { return $status; }/"
}

library() { # name sources status prefix version clients...
  local name=$1 sources=()
  read -ra sources <<<"$2"
  shift 2
  stubs "$@" >"$work/stubs.c"
  gcc -O1 -fPIC -c -o "$work/stubs.o" "$work/stubs.c"
  local map=()
  if [[ $3 != - ]]; then
    echo "$3 { global: *; };" >"$work/map"
    map=("-Wl,--version-script=$work/map")
  fi
  g++ -std=c++17 -O3 -march=native -fPIC -fvisibility=hidden -shared -Wl,-soname,"$name" "${map[@]}" \
    -o "$out/$name" "${sources[@]/#/$here/}" "$work/stubs.o" -ldl
}

suffix=12.6.0-linux-x86_64.so
library libcuda.so.1 'driver.cpp memory.cpp scheduler.cpp' 801 cu - "$natives/libJCudaDriver-$suffix"
library libnvrtc.so.12 nvrtc.cpp 11 nvrtc libnvrtc.so.12 "$natives/libJNvrtc-$suffix"
library libcublas.so.12 cublas.cpp 15 cublas libcublas.so.12 "$natives/libJCublas2-$suffix" "$natives/libJCublas-$suffix"
library libcudnn.so.9 cudnn.cpp 3000 cudnn libcudnn.so.9 "$natives/libJCudnn-$suffix"
library libnccl.so.2 nccl.cpp 3 nccl - "$natives/libJCudnn-$suffix"
touch "$stamp"
