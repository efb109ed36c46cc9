#!/usr/bin/env bash
# Makes the pictures in docs/images from drawn faces alone: no picture in this repository shows a person. Needs finished
# programs, Chromium (tools/setup.sh --browser) and ffmpeg; takes some minutes. Look at what it makes before committing.
#   tools/screenshots.sh [BUILD_FOLDER]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

bin=$(realpath "${1:-build}/bin")
out=$PWD/out/screenshots
images=$PWD/docs/images
export FER_DEMO_DATA=$out/faces FER_DEMO_WEIGHTS=fer

say() { echo "screenshots: $*"; }

# A data set, another one to evaluate on, a copy with what fer-data check is for, and a video of two people.
draw() {
  "$bin/fer-data" synth -q --subjects 30 --angles S,HL -o "$out/faces" \
    --video "$out/interview.mp4" --video-people 2 --video-noise 0.3 --video-segments neutral,happy,surprise,none,angry,sad
  "$bin/fer-data" synth -q --subjects 12 --angles S,FR --seed 7 -o "$out/other-faces"
  printf 'video,start,end,condition\ninterview.mp4,0,9,listening\ninterview.mp4,9,18,talking\n' >"$out/tasks.csv"
  cp -r "$out/other-faces" "$out/to-check"
  spoil "$out/to-check"
}

# A copy under another label, one in fewer pixels, a file that is cut off, one that is blank and one that is small.
spoil() {
  cp "$1/AF01/AF01HAS.JPG" "$1/AF01/AF01SAS.JPG"
  ffmpeg -nostdin -loglevel error -y -i "$1/AF02/AF02SUS.JPG" -vf scale=200:-1 "$1/AF03/AF03SUS.JPG"
  head -c 4000 "$1/AF04/AF04NES.JPG" >"$out/part" && mv "$out/part" "$1/AF04/AF04NES.JPG"
  ffmpeg -nostdin -loglevel error -y -f lavfi -i color=gray:s=562x762 -frames:v 1 "$1/AF05/AF05AFS.JPG"
  ffmpeg -nostdin -loglevel error -y -i "$1/AF06/AF06DIS.JPG" -vf scale=32:-1 "$1/AF06/AF06DIS.JPG"
}

work() {
  printf 'name: widths\nseeds: 2\nvary:\n  model.width: [0.5, 0.25]\n' >"$out/widths.yaml"
  "$bin/fer-train" -q -c configs/demo.yaml -o "$out/runs" --epochs 14
  "$bin/fer-train" -q -c configs/demo.yaml -o "$out/runs" --grid "$out/widths.yaml" --set model.weights=none \
    --set input.size=48 --epochs 10
  "$bin/fer-eval" -q "$out/runs/demo" "$out/other-faces" -o "$out/evaluations" --name demo-on-other-faces
  "$bin/fer-infer" -q "$out/interview.mp4" -m "$out/runs/demo/best.safetensors" -o "$out/results" --annotate \
    --markers "$out/tasks.csv"
  "$bin/fer-eval" -q compare "$out/runs/widths/"width*-seed42 -o "$out/comparison" >/dev/null
  "$bin/fer-eval" -q overview "$out/runs" "$out/runs/widths" "$out/evaluations" "$out/results" -o "$out"
  "$bin/fer-data" check -q "$out/to-check" -o "$out/check" --examples 8 >/dev/null || (($? == 4))  # files cut off
}

# shot PAGE NAME HEIGHT: the top of a page, 1200 pixels wide, as docs/images/NAME.png in few colours.
shot() {
  chromium --headless=new --no-sandbox --disable-gpu --hide-scrollbars --force-color-profile=srgb --lang=en \
    --user-data-dir="$out/profile" --virtual-time-budget=6000 --window-size="1200,$3" --screenshot="$out/$2.png" \
    "file://$1" 2>/dev/null
  ffmpeg -nostdin -loglevel error -y -i "$out/$2.png" \
    -vf 'scale=1000:-1:flags=lanczos,split[a][b];[a]palettegen=max_colors=64[p];[b][p]paletteuse=dither=none' \
    "$images/$2.png"
}

# frame INPUT NAME SECOND: a picture or a video's frame as docs/images/NAME.jpg.
frame() {
  ffmpeg -nostdin -loglevel error -y -ss "$3" -i "$1" -frames:v 1 -vf "scale='min(1000,iw)':-1" -q:v 6 "$images/$2.jpg"
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
shot "$out/index.html" overview 900
shot "$out/runs/widths/report.html" sweep 900
shot "$out/results/interview/report.html#t=4" video 1300
frame "$out/results/interview/annotated.mp4" annotated 4
frame "$out/check/contact_sheet.jpg" contact-sheet 0
ls -l "$images"
