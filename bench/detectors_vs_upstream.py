#!/usr/bin/env python3
"""The time of our face detectors for a 720p frame beside the Python code they come from, in turns on one machine.

    VENV/bin/python bench/detectors_vs_upstream.py [--quick] [--upstream-only] [--json FILE]

VENV is the environment that tests/golden/make_face_detections.py tells how to make; upstream is called as it is called
there. Ours is `fer-bench detectors`. bench/README.md says how to read the table.
"""

import argparse
import importlib.metadata
import importlib.util
import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import common
from common import REPOSITORY, Failure, say

WIDTH, HEIGHT = 1280, 720
SHRUNK = 640  # pixels of width: what our YuNet makes of such a frame unless small faces are wanted
WARM_UP = 3  # frames, which come first and are not counted
# How many of each recording, spread evenly over it.
FRAMES = {"videos/many-faces-pan.mp4": 12, "videos/single-face-neutral-to-smile.mp4": 4,
          "videos/single-face-night-looking-down.mp4": 4, "videos/no-face.mp4": 4, "images/no-face-mountains.jpg": 1}
MODULES = {"torch": "torch", "facenet_pytorch": "facenet-pytorch", "face_alignment": "face-alignment",
           "cv2": "opencv-python-headless"}


@dataclass
class Case:
    """One line of the table."""

    detector: str  # its name in fer-bench
    setting: str
    min_size: float  # as a share of the frame's height, for ours
    make: Callable  # upstream's, of the module make_face_detections and the models' folder
    width: int = WIDTH  # to which a frame is shrunk first, in upstream's time

    @property
    def name(self):
        return f"{self.detector}, {self.setting}"


CASES = [
    Case("mtcnn", "faces from 72 px", 0.1, lambda upstream, models: upstream.mtcnn(models, 72)),
    Case("mtcnn", "faces from 20 px", 0.0277, lambda upstream, models: upstream.mtcnn(models, 20)),
    Case("yunet", f"{SHRUNK} wide", 0.1, lambda upstream, models: upstream.yunet(models), SHRUNK),
    Case("yunet", f"{WIDTH} wide", 0.0222, lambda upstream, models: upstream.yunet(models)),
    Case("blazeface", "128x128", 0.1, lambda upstream, models: upstream.blazeface(models)),
    Case("blazeface_back", "256x256", 0.1, lambda upstream, models: upstream.blazeface(models, back=True)),
]


# ---- Upstream, run in a process of its own --------------------------------------------------------------------------


def upstream_loop(case, models, folder, threads):
    """Prints what it measured as JSON."""
    import cv2
    import torch

    sys.path.insert(0, str(REPOSITORY / "tests/golden"))
    import make_face_detections as upstream

    torch.set_num_threads(threads)
    cv2.setNumThreads(threads)
    detector = case.make(upstream, models)
    frames = [cv2.imread(str(path)) for path in sorted(folder.iterdir())]
    if detector.channels == "rgb":
        frames = [cv2.cvtColor(frame, cv2.COLOR_BGR2RGB) for frame in frames]

    def detect(frame):
        if case.width < WIDTH:
            frame = cv2.resize(frame, (case.width, HEIGHT * case.width // WIDTH), interpolation=cv2.INTER_AREA)
        return detector.find(frame)

    smallest = case.min_size * HEIGHT * case.width / WIDTH
    times, counts = [], []
    for frame in frames:
        begin = time.perf_counter()
        faces = detect(frame)
        times.append(1000 * (time.perf_counter() - begin))
        counts.append(sum(bool(max(face.box[2:]) >= smallest) for face in faces))
    print(json.dumps({"times": times, "counts": counts}))


# ---- The frames -----------------------------------------------------------------------------------------------------


def pictures(path):
    """All frames of a video, or an image."""
    import cv2

    if path.suffix != ".mp4":
        return [cv2.imread(str(path))]
    video, frames = cv2.VideoCapture(str(path)), []
    while (read := video.read())[0]:
        frames.append(read[1])
    return frames


def make_frames(shared, folder, quick):
    import cv2

    for name, count in FRAMES.items():
        path = shared / name
        if not path.exists():
            raise Failure(f"{path} is missing: name the folder of the shared files with --shared")
        all_frames, count = pictures(path), 1 if quick else count
        for i in range(count):
            frame = all_frames[(2 * i + 1) * len(all_frames) // (2 * count)]
            method = cv2.INTER_AREA if frame.shape[1] > WIDTH else cv2.INTER_LINEAR
            resized = cv2.resize(frame, (WIDTH, HEIGHT), interpolation=method)
            cv2.imwrite(str(folder / f"{path.stem}-{i:02}.png"), resized)
    for i, path in zip(range(WARM_UP), sorted(folder.iterdir())):
        shutil.copy(path, folder / f"0-warm-up-{i}.png")


# ---- Measuring ------------------------------------------------------------------------------------------------------


def result(times, faces):
    """Of each frame, those first that warm up."""
    return {"ms": statistics.mean(times[WARM_UP:]), "first_ms": times[0], "times": times[WARM_UP:],
            "faces": sum(faces[WARM_UP:])}


def measure_upstream(args, case, frames):
    command = [sys.executable, __file__, "--upstream-loop", CASES.index(case), args.models, frames, args.threads]
    run = common.run(command, args.threads)
    told = json.loads(run.out)
    return result(told["times"], told["counts"])


def measure_ours(args, case, frames):
    with tempfile.TemporaryDirectory(prefix="fer-bench-") as scratch:
        figures = Path(scratch) / "figures.json"
        common.run([args.fer_bench, "detectors", frames, "--detectors", case.detector, "--min-size", case.min_size,
                    "--threads", args.threads, "--models-dir", args.models, "--json", figures], args.threads)
        told = json.loads(figures.read_text())
    frames = sorted(told["inputs"], key=lambda frame: frame["path"])
    found = [frame["detectors"][case.detector] for frame in frames]
    versions = {name: told["setting"][name] for name in ("libtorch", "opencv")}
    return result([each["ms_per_image"] for each in found], [each["faces"] for each in found]) | {"versions": versions}


def measure(args, frames):
    """{case: {"upstream": [...], "ours": [...]}}, a figure per round, in turns."""
    sides = {"upstream": measure_upstream} | ({} if args.upstream_only else {"ours": measure_ours})
    runs = {case.name: {side: [] for side in sides} for case in CASES}
    for number in range(args.rounds):
        for case in CASES:
            for side, program in sides.items():
                load = os.getloadavg()[0]
                found = program(args, case, frames) | {"load": load}
                say(f"round {number + 1}/{args.rounds} {case.name} {side}: {found['ms']:.1f} ms, "
                    f"{found['faces']} faces (load before: {load:.1f})")
                runs[case.name][side].append(found)
    return runs


# ---- The outcome ----------------------------------------------------------------------------------------------------


def spread(values):
    return {"median": statistics.median(values), "min": min(values), "max": max(values), "rounds": values}


def at_best(rounds):
    """The mean over the frames of each one's fastest round."""
    return statistics.mean(map(min, zip(*(each["times"] for each in rounds))))


def summary(sides):
    figures = {side: {key: spread([each[key] for each in rounds]) for key in ("ms", "first_ms", "load")}
                     | {"best_ms": at_best(rounds), "faces": rounds[0]["faces"]} for side, rounds in sides.items()}
    if "ours" in sides:
        figures["ratio"] = spread([upstream["ms"] / ours["ms"] for upstream, ours in zip(*sides.values())])
        figures["best_ratio"] = figures["upstream"]["best_ms"] / figures["ours"]["best_ms"]
    return figures


def range_text(values, digits):
    return " ".join([f"{values['median']:.{digits}f}", f"({values['min']:.{digits}f}-{values['max']:.{digits}f})"])


def table(report):
    settings, versions = report["settings"], report["versions"]
    lines = [f"{settings['frames']} frames of {WIDTH}x{HEIGHT}, {settings['threads']} threads on {report['processor']}",
             "; ".join(f"{side}: " + ", ".join(f"{name} {version}" for name, version in packages.items())
                       for side, packages in versions.items()),
             f"rounds: {settings['rounds']}; median (smallest-largest) of each round's mean over the frames",
             "",
             f"{'':24} {'upstream ms':>21} {'ours ms':>21} {'upstream/ours':>18} {'at best':>23} {'faces':>9} "
             f"{'load':>5}"]
    for name, figures in report["results"].items():
        sides = [figures[side] for side in ("upstream", "ours") if side in figures]
        times = [range_text(side["ms"], 1) for side in sides] + ["-"]
        ratio = range_text(figures["ratio"], 2) if "ratio" in figures else "-"
        best = " / ".join(f"{side['best_ms']:.1f}" for side in sides)
        if "best_ratio" in figures:
            best += f" = {figures['best_ratio']:.2f}"
        faces, load = " / ".join(str(side["faces"]) for side in sides), max(side["load"]["max"] for side in sides)
        lines.append(f"{name:24} {times[0]:>21} {times[1]:>21} {ratio:>18} {best:>23} {faces:>9} {load:5.1f}")
    return "\n".join(lines)


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fer-bench", type=Path, default=REPOSITORY / "build/bin/fer-bench", metavar="PROGRAM",
                        help="(default: build/bin/fer-bench)")
    parser.add_argument("--shared", type=Path, default=REPOSITORY.parent / "shared", metavar="DIR",
                        help="where images, videos and models lie (default: beside the repository)")
    parser.add_argument("--threads", type=int, default=2, help="(default: 2)")
    parser.add_argument("--rounds", type=int, help="how often each is measured (default: 5)")
    parser.add_argument("--upstream-only", action="store_true", help="leave ours out")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures, too")
    parser.add_argument("--quick", action="store_true", help="one round of few frames: does it run?")
    args = parser.parse_args()
    args.rounds = args.rounds or (1 if args.quick else 5)
    if args.rounds < 1 or args.threads < 1:
        parser.error("--rounds and --threads are at least 1")
    return args


def benchmark(args):
    missing = [package for module, package in MODULES.items() if importlib.util.find_spec(module) is None]
    if missing:
        raise Failure(f"{sys.executable} lacks {', '.join(missing)}: tests/golden/make_face_detections.py tells how "
                      "to make an environment; run this with its Python")
    if not args.upstream_only and not os.access(args.fer_bench, os.X_OK):
        raise Failure(f"{args.fer_bench} is missing: cmake -S . -B build -G Ninja && cmake --build build --target "
                      "fer-bench, or name it with --fer-bench")
    args.models = args.shared.resolve() / "models"
    with tempfile.TemporaryDirectory(prefix="fer-bench-frames-") as folder:
        make_frames(args.shared, Path(folder), args.quick)
        count = len(list(Path(folder).iterdir())) - WARM_UP
        runs = measure(args, folder)
    versions = {"upstream": {package: importlib.metadata.version(package) for package in MODULES.values()}}
    if not args.upstream_only:
        versions["ours"] = runs[CASES[0].name]["ours"][0]["versions"]
    return {"processor": common.processor(), "versions": versions,
            "settings": {"threads": args.threads, "rounds": args.rounds, "frames": count,
                         "size": [WIDTH, HEIGHT]},
            "results": {name: summary(sides) for name, sides in runs.items()}}


if sys.argv[1:2] == ["--upstream-loop"]:
    upstream_loop(CASES[int(sys.argv[2])], Path(sys.argv[3]), Path(sys.argv[4]), int(sys.argv[5]))
else:
    common.main(parse(), benchmark, table)
