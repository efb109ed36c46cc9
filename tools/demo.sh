#!/usr/bin/env bash
# The main job on drawn faces, which need no download and no licence: set-up and build if needed, then a data set, a
# training, and the table of a video of a person nobody trained on. Everything it makes lies in out/demo.
set -euo pipefail
cd "$(dirname "$0")/.."

tools/setup.sh
if [[ ! -x build/bin/fer-infer ]]; then
  cmake -S . -B build -G Ninja >/dev/null
fi
cmake --build build --parallel "$(tools/build_jobs.sh)" --target fer-train fer-infer fer-data

out=out/demo
rm -rf "$out"
mkdir -p "$out"
export FER_DEMO_DATA=$out/faces

# ImageNet weights, where somebody put them beside the checkout; $FER_MODELS and the cache are looked at anyway.
if [[ -z ${FER_MODELS:-} && -d ../shared/models ]]; then
  export FER_MODELS=$PWD/../shared/models
fi

# The model in the box, where the checkout has it, is what the training starts from.
if [[ -f data/models/fer-mobilenet_v2.safetensors ]]; then
  export FER_DEMO_WEIGHTS=fer
fi

say() { printf '\n== %s\n' "$*"; }

say "drawing a KDEF-shaped data set and a labelled video"
build/bin/fer-data synth --subjects 70 --angles S --output "$out/faces" --video "$out/person.mp4"

say "training (configs/demo.yaml)"
build/bin/fer-train -c configs/demo.yaml -o "$out/runs"

say "reading the video"
build/bin/fer-infer "$out/person.mp4" -m "$out/runs/demo/best.safetensors" -o "$out/results"

say "done: the run is in $out/runs/demo, the video's rows are in $out/results/person/frames.csv"
