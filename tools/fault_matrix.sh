#!/usr/bin/env bash
# Makes every kind of fault happen at the writes of every program (docs/faults.md), and puts the outcomes into that page.
#   tools/fault_matrix.sh [BUILD] [--only SCENARIO...]      half an hour on two cores; BUILD: build
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

build=build
if [[ -d ${1:-} ]]; then
  build=$1
  shift
fi
cmake --build "$build" --parallel "$(tools/build_jobs.sh)" \
  --target fer-train fer-infer fer-eval fer-data fer-export fer-bench fer_fault_tracer
page=()
(($# > 0)) || page=(--page docs/faults.md)
python3 tests/faults/fault_matrix.py --bin "$build/bin" --tracer "$build/tests/fer_fault_tracer" "${page[@]}" "$@"
