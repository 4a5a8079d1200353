#!/usr/bin/env bash
# count-tests.sh ROOT MODULE: how many tests ran on which device, in this module and in all so far, from Surefire's
# reports. Of a class with tests of both JUnit and jqwik they keep the one or the other's.
set -euo pipefail
root=$1
module=$2

# Those of this build: build.sh began it.
count() { # report folders...
  find "$@" -maxdepth 1 -name 'TEST-*.xml' -newer "$root/target/tests-begin" -exec cat {} + 2>/dev/null |
    sed -n 's/.*<testsuite .* tests="\([0-9]*\)".* skipped="\([0-9]*\)".*/\1 \2/p' | awk '{ n += $1 - $2 } END { print n + 0 }'
}

[[ -d $module/target/surefire-reports ]] || exit 0
on_cpu=$(count "$module/target/surefire-reports" || true)
on_gpu=$(count "$module/target/surefire-reports-emulated-gpu" || true)
all_cpu=$(count "$root"/*/target/surefire-reports || true)
all_gpu=$(count "$root"/*/target/surefire-reports-emulated-gpu || true)
echo "tests of ${module##*/}: $on_cpu on the CPU, $on_gpu on the emulated GPU; of all modules so far: $all_cpu and $all_gpu"
if [[ ! -x /usr/bin/g++ ]]; then
  echo "NOTHING RAN ON THE EMULATED GPU: it needs /usr/bin/g++ (g++ of any version from 11 on), which is not here"
fi
