#!/usr/bin/env bash
# Makes the pictures in docs/images from drawn faces alone: no picture in this repository shows a person. Needs finished
# programs, Chromium (tools/setup.sh --browser) and ffmpeg; takes some minutes. Look at what it makes before committing.
#   tools/screenshots.sh [BUILD_FOLDER]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

bin=$(realpath "${1:-build}/bin")
out=out/screenshots
images=docs/images
export FER_DEMO_DATA=$out/faces FER_DEMO_WEIGHTS=fer

say() { echo "screenshots: $*"; }

# A data set, another one to evaluate on, a third with what fer-data check is for, and a video of two people.
draw() {
  "$bin/fer-data" synth -q --subjects 30 --angles S -o "$out/faces" \
    --video "$out/interview.mp4" --video-people 2 --video-noise 0.3 \
    --video-segments neutral,happy,surprise,none,angry,sad
  "$bin/fer-data" synth -q --subjects 6 --angles S,HR --seed 7 -o "$out/other-faces"
  "$bin/fer-data" synth -q --subjects 6 --sessions 1 --angles S --seed 9 -o "$out/to-check"
  printf 'video,start,end,condition\ninterview.mp4,0,9,listening\ninterview.mp4,9,18,talking\n' >"$out/tasks.csv"
  spoil "$out/to-check"
}

# A copy under another label, one in fewer pixels, a file that is cut off, one that is blank and one that is small.
spoil() {
  cp "$1/AF01/AF01HAS.JPG" "$1/AF01/AF01SAS.JPG"
  ffmpeg -nostdin -loglevel error -y -i "$1/AF02/AF02SUS.JPG" -vf scale=200:-1 "$1/AF03/AF03SUS.JPG"
  head -c 4000 "$1/AM01/AM01NES.JPG" >"$out/part" && mv "$out/part" "$1/AM01/AM01NES.JPG"
  ffmpeg -nostdin -loglevel error -y -f lavfi -i color=gray:s=562x762 -frames:v 1 "$1/AM02/AM02AFS.JPG"
  ffmpeg -nostdin -loglevel error -y -i "$1/AM03/AM03DIS.JPG" -vf scale=32:-1 "$1/AM03/AM03DIS.JPG"
}

work() {
  printf 'name: rates\nseeds: 2\nvary:\n  train.stages.0.lr: [2e-3, 2e-4]\n' >"$out/rates.yaml"
  "$bin/fer-train" -q -c configs/demo.yaml -o "$out/runs" --epochs 14
  "$bin/fer-train" -q -c configs/demo.yaml -o "$out/runs" --grid "$out/rates.yaml" --epochs 5
  "$bin/fer-eval" -q "$out/runs/demo" "$out/other-faces" -o "$out/evaluations" --name demo-on-other-faces
  "$bin/fer-infer" -q "$out/interview.mp4" -m "$out/runs/demo/best.safetensors" -o "$out/results" --annotate \
    --markers "$out/tasks.csv"
  "$bin/fer-eval" -q compare "$out/runs/rates/"*-seed42 -o "$out/comparison" >/dev/null
  "$bin/fer-eval" -q overview "$out/runs" "$out/runs/rates" "$out/evaluations" "$out/results" -o "$out"
  "$bin/fer-data" check -q "$out/to-check" --detectors haar -o "$out/check" --examples 8 >/dev/null ||
    (($? == 4))  # a file is cut off
}

# shot PAGE NAME HEIGHT: the top of a page, 1200 pixels wide, as docs/images/NAME.png in few colours.
shot() {
  chromium --headless=new --no-sandbox --disable-gpu --hide-scrollbars --force-color-profile=srgb --lang=en \
    --user-data-dir="$out/profile" --run-all-compositor-stages-before-draw --virtual-time-budget=6000 \
    --window-size="1200,$3" --screenshot="$out/$2.png" "file://$PWD/$1" 2>/dev/null
  ffmpeg -nostdin -loglevel error -y -i "$out/$2.png" \
    -vf 'scale=1000:-1:flags=lanczos,split[a][b];[a]palettegen=max_colors=64[p];[b][p]paletteuse=dither=none' \
    "$images/$2.png"
}

# picture INPUT NAME [OPTION...]: a picture, or a frame of a video, as docs/images/NAME.jpg; of a high one the upper part.
picture() {
  ffmpeg -nostdin -loglevel error -y "${@:3}" -i "$1" -frames:v 1 -update 1 \
    -vf "crop=iw:'min(ih,1.3*iw)':0:0,scale='min(1000,iw)':-2" -q:v 6 "$images/$2.jpg"
}

[[ -x $bin/fer-infer ]] || { say "error: no programs in $bin" >&2; exit 1; }
rm -rf "$out"
mkdir -p "$out" "$images"
say "drawing faces and a video"
draw
say "training, evaluating, reading the video"
work
say "taking the pictures"
shot "$out/runs/demo/report.html" training 1350
shot "$out/evaluations/demo-on-other-faces/report.html" evaluation 1350
shot "$out/comparison/comparison.html" comparison 700
shot "$out/index.html" overview 800
shot "$out/runs/rates/report.html" sweep 800
shot "$out/results/interview/report.html#t=4" video 1300
picture "$out/results/interview/annotated.mp4" annotated -ss 4
picture "$out/check/contact_sheet.jpg" contact-sheet
ls -l "$images"
