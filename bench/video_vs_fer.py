#!/usr/bin/env python3
"""Frames a second, coverage and false faces of fer-infer beside the Python package fer, in turns on one machine.

    VENV/bin/python bench/video_vs_fer.py [--quick] [--fer-only | --ours-only] [--json FILE]

bench/README.md says how to make VENV and how to read the table.
"""

import importlib.metadata
import importlib.util
import json
import os
import re
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import common
from common import REPOSITORY, Failure, say

EVER = 10**9
PACKAGES = ("fer", "tensorflow-cpu", "torch", "facenet-pytorch", "opencv-contrib-python")
MODULES = ("fer", "tensorflow", "torch", "facenet_pytorch", "cv2")
SUBJECTS = 2  # of the checkpoint, whose answers do not matter
# Every sampled frame, every face.
EVERY_FACE = (("--sample-fps", "all"), ("--target", "all"))
EVERY_FRAME = (("--detect-every", "1"),)


@dataclass
class Clip:
    name: str
    height: int  # pixels, the shorter side
    empty: range = range(0)  # frames known to show nobody
    people: int = 1  # at most, in all others


CLIPS = [
    Clip("single-face-neutral-to-smile.mp4", 360),
    Clip("single-face-night-looking-down.mp4", 336),
    Clip("face-then-noface.mov", 540, empty=range(72, 169)),
    Clip("noface-then-face.mov", 540, empty=range(96)),
    Clip("no-face.mp4", 540, empty=range(EVER)),
    Clip("many-faces-pan.mp4", 540, people=5),
    Clip("person-changes-hard-cuts.mp4", 360),
]


@dataclass
class Case:
    """One line of the table."""

    name: str
    mtcnn: bool  # fer's
    detector: str  # ours
    min_pixels: int  # fer's smallest face, which ours takes, too; 0: ours its own, a tenth of the height
    options: tuple = ()
    wanted: float = 3
    size: int = common.SIZE  # of our network's input, pixels


CASES = [
    Case("haar against haar", False, "haar", 50, EVERY_FRAME),
    Case("mtcnn against mtcnn", True, "mtcnn", 20, EVERY_FRAME),
    Case("haar, tracking", False, "haar", 50),
    Case("mtcnn, tracking", True, "mtcnn", 20),
    Case("defaults: yunet", False, "yunet", 0, wanted=8),
    Case("defaults: blazeface", False, "blazeface", 0, wanted=8),
    Case("blazeface, 96 pixels", False, "blazeface", 0, wanted=8, size=96),
]


# ---- fer, run in a process of its own -------------------------------------------------------------------------------


def fer_loop(case, threads, videos):
    """Prints as JSON, for each video, the seconds its frames took and the number of faces in each."""
    import cv2
    import torch

    sys.path.insert(0, str(REPOSITORY / "tests/golden"))
    from make_face_detections import stand_in_for_torchvision

    stand_in_for_torchvision()
    import tensorflow
    from fer.fer import FER

    torch.set_num_threads(threads)
    cv2.setNumThreads(threads)
    tensorflow.config.threading.set_intra_op_parallelism_threads(threads)
    detector = FER(mtcnn=case.mtcnn)
    _, first = cv2.VideoCapture(videos[0]).read()
    detector.detect_emotions(first)  # warms up
    results = []
    for video in videos:
        begin = time.perf_counter()
        capture, faces = cv2.VideoCapture(video), []
        while (read := capture.read())[0]:
            faces.append(len(detector.detect_emotions(read[1])))
        results.append({"seconds": time.perf_counter() - begin, "faces": faces})
    print(json.dumps(results))


def measure_fer(args, case, clips):
    videos = [args.shared / "videos" / clip.name for clip in clips]
    command = [sys.executable, __file__, "--fer-loop", CASES.index(case), args.threads, *videos]
    return json.loads(last_json(common.run(command, args.threads).out))


def last_json(out):
    """fer's libraries may print before it."""
    return next(line for line in reversed(out.splitlines()) if line.startswith("["))


# ---- fer-infer ------------------------------------------------------------------------------------------------------


def checkpoint_for(args, fer_data, size):
    """MobileNetV2 with random weights, which takes the time of any; kept."""
    name = f"video-{size}"
    folder = args.cache / "bench-video"
    checkpoint = folder / name / "best.safetensors"
    if not checkpoint.exists():
        args.faces = common.make_faces(fer_data, args.cache, SUBJECTS)
        say(f"training a checkpoint in {folder / name}")
        experiment = json.loads(common.experiment(
            args, folder, 0.2, model={"weights": "none"},
            train={"epochs": 1, "batch_size": common.BATCH, "stages": [{"trainable": "head", "lr": 1e-3}]}))
        experiment["experiment"]["name"] = name
        experiment["input"]["size"] = size
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            file.write(json.dumps(experiment, indent=1))
            file.flush()
            common.run([args.fer_train, "-c", file.name, "--exist-ok"], args.threads)
    return checkpoint


def measure_ours(args, case, clips):
    """Clips of one height at a time, as the smallest face is a share of it."""
    results = {}
    for height in sorted({clip.height for clip in clips}):
        names = [clip.name for clip in clips if clip.height == height]
        smallest = (("--min-size", str(case.min_pixels / height)),) if case.min_pixels else ()
        with tempfile.TemporaryDirectory(prefix="fer-bench-") as folder:
            run = common.run([args.fer_infer, *(args.shared / "videos" / name for name in names), "-m",
                              args.checkpoints[case.size], "-o", folder, "--detector", case.detector, "--models-dir",
                              args.shared / "models", "-j", args.threads,
                              *(word for option in (*EVERY_FACE, *case.options, *smallest) for word in option)],
                             args.threads)
            for name in names:
                found = re.search(rf"{re.escape(name)}: .*?frames in ([\d.]+) s", run.log)
                if not found:
                    raise Failure(f"fer-infer did not say how long {name} took")
                results[name] = {"faces": faces_of(Path(folder) / Path(name).stem / "frames.csv"),
                                 "seconds": float(found[1])}
    return [results[clip.name] for clip in clips]


def faces_of(path):
    """The number of faces of each frame."""
    faces = {}
    for row in common.read_rows(path):
        faces[int(row["frame"])] = faces.get(int(row["frame"]), 0) + (row["success"] == "1")
    return [faces[frame] for frame in sorted(faces)]


# ---- Measuring ------------------------------------------------------------------------------------------------------


def judged(clips, results):
    """Frames a second, coverage of the frames that show somebody, and faces where there is none."""
    frames = covered = shown = false = 0
    for clip, result in zip(clips, results):
        frames += len(result["faces"])
        for index, count in enumerate(result["faces"]):
            empty = index in clip.empty
            shown += not empty
            covered += not empty and count > 0
            false += max(0, count - (0 if empty else clip.people))
    return {"fps": frames / sum(result["seconds"] for result in results), "frames": frames,
            "coverage": covered / shown if shown else None, "false_faces": false,
            "clips": {clip.name: {"seconds": result["seconds"], "frames": len(result["faces"]),
                                  "with_face": sum(map(bool, result["faces"]))}
                      for clip, result in zip(clips, results)}}


def measure(args, clips):
    sides = {"fer": measure_fer, "ours": measure_ours}
    sides = {side: program for side, program in sides.items() if not args.only or side == args.only}
    runs = {case.name: {side: [] for side in sides} for case in args.cases}
    for number in range(args.rounds):
        for case in args.cases:
            for side, program in sides.items():
                load = os.getloadavg()[0]
                found = judged(clips, program(args, case, clips)) | {"load": load}
                coverage = "-" if found["coverage"] is None else f"{100 * found['coverage']:.1f} %"
                say(f"round {number + 1}/{args.rounds} {case.name} {side}: {found['fps']:.1f} frames/s, coverage "
                    f"{coverage}, {found['false_faces']} false faces (load before: {load:.1f})")
                runs[case.name][side].append(found)
    return runs


# ---- The outcome ----------------------------------------------------------------------------------------------------


def spread(values):
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}


def summary(case, sides):
    figures = {"wanted": case.wanted}
    for side, rounds in sides.items():
        figures[side] = {key: spread([each[key] for each in rounds]) for key in ("fps", "load")}
        figures[side] |= {"coverage": rounds[0]["coverage"], "false_faces": rounds[0]["false_faces"], "rounds": rounds}
    if len(sides) == 2:
        figures["ratio"] = spread([ours["fps"] / fer["fps"] for fer, ours in zip(sides["fer"], sides["ours"])])
    return figures


def range_text(values, digits):
    return f"{values['median']:.{digits}f} ({values['min']:.{digits}f}-{values['max']:.{digits}f})"


def table(report):
    settings = report["settings"]
    lines = [f"{settings['frames']} frames of {settings['clips']} clips, every frame, {settings['threads']} threads on "
             f"{report['processor']}",
             ", ".join(f"{name} {version}" for name, version in report["versions"].items()),
             f"rounds: {settings['rounds']}; median (smallest-largest)"]
    lines += ["", f"{'':21} {'fer frames/s':>20} {'ours frames/s':>20} {'ours/fer':>18} {'wanted':>7} "
              f"{'coverage %':>14} {'false faces':>12} {'load':>5}"]
    for name, figures in report["results"].items():
        sides = [figures.get(side) for side in ("fer", "ours")]
        speeds = [range_text(side["fps"], 1) if side else "-" for side in sides]
        ratio = range_text(figures["ratio"], 2) if "ratio" in figures else "-"
        covered = " / ".join(f"{100 * side['coverage']:.1f}" if side and side["coverage"] is not None else "-"
                             for side in sides)
        false = " / ".join(str(side["false_faces"]) if side else "-" for side in sides)
        load = max(side["load"]["max"] for side in sides if side)
        lines.append(f"{name:21} {speeds[0]:>20} {speeds[1]:>20} {ratio:>18} {'>= ' + str(figures['wanted']):>7} "
                     f"{covered:>14} {false:>12} {load:5.1f}")
    return "\n".join(lines)


def parse():
    parser = common.option_parser(__doc__.splitlines()[0])
    parser.add_argument("--shared", type=Path, default=REPOSITORY.parent / "shared", metavar="DIR",
                        help="where videos and models lie (default: beside the repository)")
    parser.add_argument("--rounds", type=int, help="how often each is measured (default: 3)")
    parser.add_argument("--cases", help="of the table's lines, those whose names hold this word")
    only = parser.add_mutually_exclusive_group()
    only.add_argument("--fer-only", dest="only", action="store_const", const="fer", help="leave ours out")
    only.add_argument("--ours-only", dest="only", action="store_const", const="ours", help="leave fer out")
    args = parser.parse_args()
    args.rounds = args.rounds or (1 if args.quick else 3)
    args.cases = [case for case in CASES if not args.cases or args.cases in case.name]
    if args.rounds < 1 or args.threads < 1 or not args.cases:
        parser.error("--rounds and --threads are at least 1, --cases names some of the lines")
    return args


def prepare_ours(args):
    fer_data = common.set_up(args)
    args.fer_infer = args.fer_train.with_name("fer-infer")
    if not os.access(args.fer_infer, os.X_OK):
        raise Failure(f"{args.fer_infer} is missing: cmake --build build --target fer-infer")
    args.checkpoints = {size: checkpoint_for(args, fer_data, size) for size in {case.size for case in args.cases}}


def benchmark(args):
    missing = [module for module in MODULES if importlib.util.find_spec(module) is None]
    if missing and args.only != "ours":
        raise Failure(f"{sys.executable} lacks {', '.join(missing)}: bench/README.md tells how to make an environment; "
                      "run this with its Python")
    args.shared = args.shared.resolve()
    clips = CLIPS[:2] if args.quick else CLIPS
    for clip in clips:
        if not (args.shared / "videos" / clip.name).exists():
            raise Failure(f"{args.shared / 'videos' / clip.name} is missing: name the shared folder with --shared")
    if args.only != "fer":
        prepare_ours(args)
    runs = measure(args, clips)
    first = next(iter(runs[args.cases[0].name].values()))[0]
    versions = {} if args.only == "ours" else {name: importlib.metadata.version(name) for name in PACKAGES}
    return {"processor": common.processor(), "versions": versions,
            "settings": {"threads": args.threads, "rounds": args.rounds, "clips": len(clips),
                         "frames": first["frames"]},
            "results": {case.name: summary(case, runs[case.name]) for case in args.cases}}


if sys.argv[1:2] == ["--fer-loop"]:
    fer_loop(CASES[int(sys.argv[2])], int(sys.argv[3]), sys.argv[4:])
else:
    common.main(parse(), benchmark, table)
