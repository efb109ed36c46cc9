#!/usr/bin/env bash
# Makes the models in the box anew, from FER-2013 as folders train/<class> and val/<class>:
#   FER2013_ROOT=/data/fer2013 tools/train_models.sh [FER_TRAIN_ARGUMENT...]
# Teachers come first, the models learn from them. What was interrupted goes on where it stopped. A quarter of an hour on
# a large GPU; on two cores days for all but the tiny one, which takes an hour. data/models/README.md says what to expect.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

train() { build/bin/fer-train -c "configs/models/$1.yaml" "${@:2}" --resume; }
pass_on() { build/bin/fer-export "runs/$1/best.safetensors" --half --exist-ok -o "data/models/$1.safetensors"; }

train teacher-resnet18 "$@"
train teacher-resnet18 --seed 2 --name teacher-resnet18-2 "$@"
train teacher-mobilenet_v2 "$@"
train fer-mobilenet_v2 "$@"
pass_on fer-mobilenet_v2
train fer-tiny "$@"
pass_on fer-tiny
