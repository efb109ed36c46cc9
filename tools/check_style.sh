#!/usr/bin/env bash
# Holds the sources against .clang-format and .clang-tidy; needs a finished Ninja build for the compile commands.
#   tools/check_style.sh [--tidy-all] [BUILD_FOLDER]
# clang-tidy takes half a minute for a file that includes LibTorch, so these are checked only with --tidy-all.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# What is tidy differs from version to version; this is the one of Debian 12 and Ubuntu 22.04.
llvm=14

tidy_all=false
if [[ ${1:-} == --tidy-all ]]; then
  tidy_all=true
  shift
fi
build=${1:-build}

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

# The sources of src/ and tools/ that the build has compiled, by what they include according to the build itself.
tidy_sources() {
  ninja -C "$build" -t deps | awk -v all="$tidy_all" -v root="$PWD/" '
    BEGIN { RS = ""; FS = "\n *" }
    { sub(/^\.\.\//, root, $2) }  # as a compiler cache may leave it
    index($2, root "src/") != 1 && index($2, root "tools/") != 1 { next }
    all == "true" || !/\/ATen\// { print $2 }' | sort -u
}

tidy_file() {
  local findings
  findings=$("$2" -p "$1" --quiet "$3" 2>&1) && return
  grep -vE '^[0-9]+ (warning|error)s? .*generated' <<<"$findings"
  return 1
}
export -f tidy_file

check_tidy() {
  local tool sources
  tool=$(find_tool clang-tidy)
  [[ -n $tool ]] || { skip clang-tidy; return; }
  mapfile -t sources < <(tidy_sources)
  ((${#sources[@]})) || fail "$build holds no finished build: run tools/test.sh"
  say "clang-tidy over ${#sources[@]} sources$($tidy_all || echo ' (those without LibTorch; --tidy-all for the rest)')"
  printf '%s\0' "${sources[@]}" |
    xargs -0 -n 1 -P "$(nproc)" bash -c 'tidy_file "$@"' bash "$build" "$tool" ||
    fail "clang-tidy has findings, see above"
}

check_format
check_tidy
say "clean"
