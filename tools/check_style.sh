#!/usr/bin/env bash
# Holds the sources against .clang-format and .clang-tidy. Needs what tools/setup.sh installs, but no build.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# What is tidy differs from version to version; this is the one of Debian 12 and Ubuntu 22.04.
llvm=14

commands=build/style

say() { echo "style: $*"; }
fail() { echo "style: error: $*" >&2; exit 1; }

# Prints the command for a tool in the version we hold the sources against, or nothing.
find_tool() {
  local tool
  for tool in "$1-$llvm" "$1"; do
    if "$tool" --version 2>/dev/null | grep -q "version $llvm\."; then
      echo "$tool"
      return
    fi
  done
}

skip() {
  [[ ${CI:-} != true ]] || fail "$1 $llvm is not installed"
  say "skipped $1: version $llvm is not installed"
}

check_format() {
  local tool findings
  tool=$(find_tool clang-format)
  [[ -n $tool ]] || { skip clang-format; return; }
  findings=$(find . -path './build*' -prune -o -name '*.[ch]pp' -print0 | xargs -0 "$tool" --dry-run -Werror 2>&1) ||
    fail "not as $tool -i would leave them:"$'\n'"$(grep -oE '^[^:]+[.][ch]pp' <<<"$findings" | sort -u || echo "$findings")"
}

# Rooms as a whole, since most of the time goes into headers, and what is compiled by itself.
tidy_sources() {
  sed -n 's/^ *"file": "\(.*\)",*$/\1/p' "$commands/compile_commands.json" |
    grep -E "^$PWD/(src|tools)/|/CMakeFiles/fer_[a-z]+[.]dir/Unity/" | grep -v '/tests/'
}

tidy_file() {
  local findings
  findings=$("$2" -p "$1" --quiet --extra-arg=-fno-openmp "$3" 2>&1) && return
  grep -vE '^[0-9]+ (warning|error)s? .*generated' <<<"$findings"
  return 1
}
export -f tidy_file

check_tidy() {
  local tool sources
  tool=$(find_tool clang-tidy)
  [[ -n $tool ]] || { skip clang-tidy; return; }
  cmake -S . -B "$commands" -DCMAKE_BUILD_TYPE=Release -DCMAKE_UNITY_BUILD_BATCH_SIZE=0 -DFER_TESTS=OFF >/dev/null
  mapfile -t sources < <(tidy_sources)
  printf '%s\0' "${sources[@]}" |
    xargs -0 -n 1 -P "$(nproc)" bash -c 'tidy_file "$@"' bash "$commands" "$tool" ||
    fail "clang-tidy has findings, see above"
}

check_format
check_tidy
say "clean"
