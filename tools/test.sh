#!/usr/bin/env bash
# From a fresh clone to a verdict: set-up where needed, build in build/, style, all tests, the build without LibTorch,
# a few seconds of fuzzing.
#   tools/test.sh [CTEST_ARGUMENT...]      for example: tools/test.sh -R core
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

tools/setup.sh
cmake -S . -B build -G Ninja -DCMAKE_BUILD_TYPE=Release -DFER_WERROR=ON
cmake --build build --parallel "$(tools/build_jobs.sh)"
tools/check_style.sh
ctest --test-dir build --parallel "$(nproc)" --output-on-failure --no-tests=error "$@"
(($# == 0)) || exit 0

# Without LibTorch, as for small machines: the program, and the tests of what is different there.
cmake -S . -B build/small -G Ninja -DCMAKE_BUILD_TYPE=Release -DFER_WERROR=ON -DFER_LIBTORCH=OFF
cmake --build build/small --parallel "$(tools/build_jobs.sh)" --target bin/fer-infer fer_engine_tests fer_app_tests
ctest --test-dir build/small --output-on-failure --no-tests=error -R '^(engine|app|consumer)$'

# Files from strangers: a moment of looking for new ones that break a parser.
tools/fuzz.sh 3
