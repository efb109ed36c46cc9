#!/usr/bin/env bash
# Makes every kind of fault happen at the writes of every program (docs/faults.md), and puts the outcomes into that page.
#   tools/fault_matrix.sh [BUILD] [--only SCENARIO...] [--most N]      hours; with --most 30 half an hour; BUILD: build
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

build=build
if [[ -d ${1:-} ]]; then
  build=$1
  shift
fi
cmake --build "$build" --parallel "$(tools/build_jobs.sh)" \
  --target fer-train fer-infer fer-eval fer-data fer-export fer-bench fer_fault_tracer
python3 tests/faults/fault_matrix.py --bin "$build/bin" --tracer "$build/tests/fer_fault_tracer" \
  --page docs/faults.md "$@"
