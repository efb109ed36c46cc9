#!/usr/bin/env python3
"""What smoothing makes of the labels of drawn, noisy videos whose true labels are known.

    bench/smoothing.py [--quick] [--checkpoint FILE] [--noise S] [--json FILE]

bench/README.md says how to read the table.
"""

import json
import os
import statistics
import tempfile
from itertools import pairwise
from pathlib import Path

import common
from common import Failure, say

METHODS = ("none", "ema", "median", "majority", "hmm")
RATES = ("all", "3")  # of --sample-fps
CLASSES = ["neutral", "happy", "surprise", "angry", "disgust", "fear", "sad"]
AWAY = "none"
PEOPLE = 70  # to train on: numbers 1 to 70
SETTLED = 0.2  # seconds after a change, from which a label holds
INPUT, EPOCHS = 64, 12
WANTED = "accuracy above none's, flips down by 80 % at least, clips no lower"


# ---- The model and the videos ---------------------------------------------------------------------------------------


def train(args, fer_data):
    """A checkpoint of a small model that has seen drawn faces without noise; kept."""
    folder = args.cache / f"bench-smoothing-{'quick' if args.quick else EPOCHS}"
    checkpoint = folder / "smoothing" / "best.safetensors"
    if checkpoint.exists():
        return checkpoint
    faces = args.cache / f"bench-frontal-faces-{PEOPLE}"
    if not faces.exists():
        say(f"drawing the faces of {PEOPLE} people in {faces}")
        with tempfile.TemporaryDirectory(prefix="bench-faces-", dir=args.cache) as part:
            common.prepare(fer_data, "synth", "--subjects", PEOPLE, "--angles", "S", "-o", Path(part) / "faces")
            (Path(part) / "faces").rename(faces)
    say(f"training a model in {folder}")
    experiment = {
        "experiment": {"name": "smoothing", "output": str(folder)},
        "data": {"sources": [{"kind": "kdef", "root": str(faces)}], "split": {"method": "subject", "val": 0.1},
                 "cache": {"folder": str(args.cache / "bench-crops")}, "workers": args.threads},
        "face": {"detector": args.detector, "min_size": 0.2},
        "input": {"size": INPUT},
        "augment": {"blur": {"p": 0}, "noise": {"p": 0}, "erase": {"p": 0}},
        "model": {"weights": "auto" if args.models_dir else "none", "dropout": 0},
        "train": {"epochs": 1 if args.quick else EPOCHS, "batch_size": 32,
                  "stages": [{"trainable": "all", "lr": 2e-3}]},
    }
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        file.write(json.dumps(experiment, indent=1))
        file.flush()
        models = ["--models-dir", args.models_dir] if args.models_dir else []
        common.run([args.fer_train, "-c", file.name, "--exist-ok", *models], args.threads)
    return checkpoint


def segments_of(number):
    """Eight in an order of each video's own, somebody away in one of them."""
    order = CLASSES[number % 7:] + CLASSES[:number % 7]
    return [*order[::2], AWAY, *order[1::2]]


def draw(args, fer_data, folder):
    """Videos of people the model has not seen, women and men in the order of their numbers."""
    for number in range(args.videos):
        common.prepare(fer_data, "synth", "--video", folder / f"video-{number}.mp4", "--video-noise", args.noise,
                       "--video-segments", ",".join(segments_of(number)), "--segment-seconds", 2 + number % 2,
                       "--video-subject", PEOPLE + 1 + number, "--seed", 42)


# ---- Scoring --------------------------------------------------------------------------------------------------------


class Score:
    """Counts over videos, of one column of labels."""

    def __init__(self):
        self.frames = self.right = self.flips = self.clips = self.clips_right = 0
        self.seconds = 0.0

    def add_segment(self, label, rows, column, suffix):
        """The rows of a segment with a face, its label settled."""
        labels = [row[column] for row in rows]
        self.frames += len(labels)
        self.right += sum(each == label for each in labels)
        self.flips += sum(a != b for a, b in pairwise(labels))
        self.seconds += float(rows[-1]["timestamp"]) - float(rows[0]["timestamp"])
        means = {name: statistics.fmean(float(row[name + suffix]) for row in rows) for name in CLASSES}
        self.clips += 1
        self.clips_right += max(means, key=means.get) == label

    def figures(self):
        return {"frame_accuracy": self.right / self.frames, "flips_per_minute": 60 * self.flips / self.seconds,
                "flips": self.flips, "clip_accuracy": self.clips_right / self.clips, "frames": self.frames,
                "clips": self.clips}


def runs_of(labels):
    """(label, first second, second it ends before) of each stretch of one label."""
    stretches = []
    for second, label in enumerate(labels):
        if stretches and stretches[-1][0] == label:
            stretches[-1][2] = second + 1
        else:
            stretches.append([label, second, second + 1])
    return stretches


def score(rows, labels, scores):
    for label, begin, end in runs_of(labels):
        inside = [row for row in rows
                  if row["success"] == "1" and begin + SETTLED <= float(row["timestamp"]) < end]
        if label and inside:
            scores["raw"].add_segment(label, inside, "emotion", "")
            scores["smoothed"].add_segment(label, inside, "emotion_smoothed", "_smoothed")


def infer(args, videos, checkpoint, rate, method, folder):
    models = ["--models-dir", args.models_dir] if args.models_dir else []
    common.run([args.fer_infer, *videos, "-m", checkpoint, "-o", folder, "--sample-fps", rate, "--smoothing", method,
                "--detector", args.detector, *models], args.threads)


def measure(args, checkpoint, folder):
    videos = sorted(folder.glob("*.mp4"))
    results = {}
    for rate in RATES:
        for method in args.methods:
            say(f"--sample-fps {rate} --smoothing {method}")
            output = folder / f"{rate}-{method}"
            infer(args, videos, checkpoint, rate, method, output)
            scores = {"raw": Score(), "smoothed": Score()}
            for video in videos:
                labels = [row["label"] for row in common.read_rows(video.with_suffix(".labels.csv"))]
                score(common.read_rows(output / video.stem / "frames.csv"), labels, scores)
            if scores["raw"].frames == 0:
                raise Failure(f"{args.detector} found no face in the videos: --noise {args.noise} is too much")
            results[f"{rate} {method}"] = {side: each.figures() for side, each in scores.items()}
    return results


# ---- The outcome ----------------------------------------------------------------------------------------------------


def table(report):
    settings = report["settings"]
    lines = [f"{settings['videos']} drawn videos, --video-noise {settings['noise']}, {settings['detector']}; "
             "raw -> smoothed",
             f"wanted: {WANTED}",
             "",
             f"{'sample-fps, smoothing':24} {'frame accuracy %':>18} {'flips a minute':>18} {'flips removed %':>16} "
             f"{'clip accuracy %':>18} {'frames':>7} {'clips':>6}"]
    for name, sides in report["results"].items():
        raw, smooth = sides["raw"], sides["smoothed"]
        removed = f"{100 * (1 - smooth['flips'] / raw['flips']):.1f}" if raw["flips"] else "-"

        def change(key, factor=1):
            return f"{factor * raw[key]:.1f} -> {factor * smooth[key]:.1f}"

        lines.append(f"{name:24} {change('frame_accuracy', 100):>18} {change('flips_per_minute'):>18} {removed:>16} "
                     f"{change('clip_accuracy', 100):>18} {raw['frames']:7} {raw['clips']:6}")
    return "\n".join(lines)


def parse():
    parser = common.option_parser(__doc__.splitlines()[0])
    parser.add_argument("--checkpoint", type=Path, metavar="FILE", help="instead of training a small model")
    parser.add_argument("--videos", type=int, help="(default: 6; --quick: 1)")
    parser.add_argument("--noise", type=float, default=0.6, help="of fer-data synth --video-noise (default: 0.6)")
    parser.add_argument("--methods", default=",".join(METHODS), help=f"(default: {','.join(METHODS)})")
    parser.add_argument("--detector", default="yunet", help="(default: yunet)")
    parser.add_argument("--models-dir", type=Path, default=os.environ.get("FER_MODELS") or None, metavar="DIR",
                        help="detectors' files, ImageNet weights (default: $FER_MODELS, else random weights)")
    args = parser.parse_args()
    args.videos = args.videos or (1 if args.quick else 6)
    args.methods = args.methods.split(",")
    if min(args.videos, args.threads) < 1 or not 0 <= args.noise <= 1:
        parser.error("--videos and --threads are at least 1, --noise is between 0 and 1")
    return args


def benchmark(args):
    fer_data = common.set_up(args)
    args.fer_infer = args.fer_train.with_name("fer-infer")
    if not os.access(args.fer_infer, os.X_OK):
        raise Failure(f"{args.fer_infer} is missing: cmake --build build --target fer-infer")
    checkpoint = args.checkpoint or train(args, fer_data)
    with tempfile.TemporaryDirectory(prefix="fer-bench-") as scratch:
        say(f"drawing {args.videos} videos")
        draw(args, fer_data, Path(scratch))
        results = measure(args, checkpoint, Path(scratch))
    return {"settings": {"videos": args.videos, "noise": args.noise, "detector": args.detector,
                         "checkpoint": str(checkpoint)},
            "results": results}


if __name__ == "__main__":
    common.main(parse(), benchmark, table)
