#!/usr/bin/env bash
# Builds the fuzz targets in build/fuzz and runs them, all cores at once; prints what each did.
#   tools/fuzz.sh [SECONDS_PER_TARGET [TARGET...]]      20 seconds, all targets; for example: tools/fuzz.sh 3600 zip pth
# New inputs that reach new code are kept in build/fuzz/corpus, and the next run begins with them. Ends with 1 on a
# finding and says where its input lies: put it into tests/fuzz/regressions/TARGET, mend, and it is tested for good.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

llvm=14  # as the preset names it
build=build/fuzz
seconds=${1:-20}
shift || true

say() { echo "fuzz: $*"; }
fail() { echo "fuzz: error: $*" >&2; exit 1; }

[[ $seconds =~ ^[1-9][0-9]*$ ]] || fail "expected a number of seconds, got '$seconds'"
if ! command -v "clang++-$llvm" >/dev/null || [[ -z $(compgen -G "/usr/lib/llvm-$llvm/lib/clang/*/lib/linux/libclang_rt.fuzzer-*") ]]; then
  [[ ${CI:-} != true ]] || fail "clang $llvm or its libFuzzer is not installed"
  say "skipped: clang $llvm or its libFuzzer is not installed"
  exit 0
fi

targets=("$@")
(($#)) || mapfile -t targets < <(ls tests/fuzz/corpus)
for target in "${targets[@]}"; do
  [[ -f tests/fuzz/$target.cpp ]] || fail "there is no target $target; there are: $(ls -x -w 1000 tests/fuzz/corpus)"
done
cmake --preset fuzz >/dev/null
cmake --build "$build" --target "${targets[@]/#/fuzz_}"

# One target: its log, and its findings beside it.
run_target() {
  local target=$1 seconds=$2 out=$PWD/build/fuzz/out/$1 folders=() options=()
  mkdir -p "$out/findings" "$out/tmp" "build/fuzz/corpus/$target"
  for folder in "build/fuzz/corpus/$target" "tests/fuzz/corpus/$target" "tests/fuzz/regressions/$target"; do
    [[ ! -d $folder ]] || folders+=("$folder")
  done
  ((seconds > 60)) || options+=(-seed=1)  # a check does not fail by chance
  [[ ! -f tests/fuzz/dictionaries/$target.dict ]] || options+=("-dict=tests/fuzz/dictionaries/$target.dict")
  # No input of 64 KB may ask for 16 MB at once or 1 GB in all (sanitizers included), or take 10 seconds.
  TMPDIR=$out/tmp ASAN_OPTIONS=allocator_may_return_null=0 nice -n 19 "build/fuzz/tests/fuzz/fuzz_$target" \
    -max_total_time="$seconds" -max_len=65536 -timeout=10 -malloc_limit_mb=16 -rss_limit_mb=1024 -print_final_stats=1 \
    -artifact_prefix="$out/findings/" "${options[@]}" "${folders[@]}" >"$out/log" 2>&1 || echo "exit code $?" >>"$out/log"
  rm -rf "$out/tmp"
}
export -f run_target

# The last number that a libFuzzer log has behind a word.
figure() { grep -oE "$2 *[0-9]+" "$1" | tail -n 1 | grep -oE '[0-9]+$' || echo 0; }

say "${#targets[@]} targets, $seconds s each"
rm -rf "${targets[@]/#/$build/out/}"
printf '%s\0' "${targets[@]}" | xargs -0 -P "$(nproc)" -I{} bash -c 'run_target "$@"' bash {} "$seconds"

failed=0
printf '%-20s | %11s | %7s | %6s | %8s | %s\n' target executions exec/s corpus coverage findings
for target in "${targets[@]}"; do
  log=$build/out/$target/log
  found=$(find "$build/out/$target/findings" -type f | wc -l)
  if grep -q '^exit code' "$log"; then
    failed=1
    ((found)) || found='see log'
  fi
  printf '%-20s | %11s | %7s | %6s | %8s | %s\n' "$target" "$(figure "$log" number_of_executed_units:)" \
    "$(figure "$log" average_exec_per_sec:)" "$(figure "$log" 'corp:')" "$(figure "$log" 'cov:')" "$found"
done
((failed)) || exit 0
find "$build/out" -path '*/findings/*' -type f
fail "see build/fuzz/out/TARGET/log; an input is run again with build/fuzz/tests/fuzz/fuzz_TARGET FILE"
