#!/usr/bin/env python3
"""Long and large work with things going wrong: is memory flat, are the counts right, and the exit codes?

    bench/soak.py [video] [batch] [images] [--quick] [--json FILE]

bench/README.md says how to read it.
"""

import csv
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import common
from common import Failure, say

PARTS = ("video", "batch", "images")
CLASSES = ("afraid", "angry", "disgusted", "happy", "neutral", "sad", "surprised")
GROWTH = 1.10  # what memory may grow by from the second third of a run to the last


def private_mb(pid):
    """Memory of the process that is its own, without what is mapped from files."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("RssAnon")), None)


def watch(command):
    """Runs a program to its end; its exit code, seconds and memory over time."""
    with tempfile.TemporaryFile("w+") as errors:
        begin = time.perf_counter()
        child = subprocess.Popen([str(word) for word in command], stdout=subprocess.DEVNULL, stderr=errors)
        memory = []
        while child.poll() is None:
            time.sleep(0.5)
            if (used := private_mb(child.pid)) is not None:
                memory.append(used)
        seconds = time.perf_counter() - begin
        errors.seek(0)
        log = errors.read().splitlines()
    third = max(1, len(memory) // 3)
    middle, last = (statistics.median(memory[third:2 * third] or memory), statistics.median(memory[-third:]))
    return {"code": child.returncode, "seconds": seconds, "peak_mb": max(memory), "middle_mb": middle, "last_mb": last,
            "growth": last / middle, "log": log}


def data_rows(path):
    if not path.exists():
        return 0
    with open(path, newline="") as file:
        return sum(1 for _ in csv.reader(file)) - 1


def check(findings, what, found, wanted):
    if found != wanted:
        findings.append(f"{what}: {found} instead of {wanted}")


def finish(run, findings):
    """The run without its log; that is shown where something is wrong."""
    log = run.pop("log")
    if findings:
        say("\n".join(log[-5:]))
    return {**run, "findings": findings}


def require_flat(run, findings):
    if run["growth"] > GROWTH:
        findings.append(f"memory grew from {run['middle_mb']:.0f} to {run['last_mb']:.0f} MB")


def draw_clip(args, folder, seconds):
    clip = folder / "clip.mp4"
    common.prepare(args.fer_train.with_name("fer-data"), "synth", "--subjects", 2, "--sessions", 1, "--angles", "S",
                   "-o", folder / "faces", "--video", clip, "--segment-seconds", seconds, "--video-segments",
                   "neutral,happy,none,sad", "--video-size", "320x240", "-q")
    return clip


def ffmpeg(*words):
    subprocess.run(["ffmpeg", "-v", "error", "-y", *(str(word) for word in words)], check=True)


def soak_video(args, folder):
    """One recording of hours."""
    seconds = 3 * 60 if args.quick else 3 * 3600
    clip = draw_clip(args, folder, 15)
    ffmpeg("-stream_loop", seconds // 60 - 1, "-i", clip, "-c", "copy", folder / "long.mp4")
    run = watch([args.fer_train.with_name("fer-infer"), folder / "long.mp4", "-o", folder / "results",
                 "--models-dir", args.models, "-q"])
    findings = []
    check(findings, "exit code", run["code"], 0)
    check(findings, "rows of frames.csv", data_rows(folder / "results/long/frames.csv"), 3 * seconds)
    require_flat(run, findings)
    return finish(run, findings)


def damage(path, kind):
    """A file as it comes from a full card, a broken copy or a wrong name."""
    content = path.read_bytes()
    path.write_bytes({"empty": b"", "cut": content[:len(content) // 3], "zeros": bytes(len(content)),
                      "text": b"not a video\n" * 100}[kind])


def soak_batch(args, folder):
    """Many recordings in one call, every tenth damaged."""
    count = 20 if args.quick else 200
    clip = draw_clip(args, folder, 2)
    (folder / "videos").mkdir()
    damaged = 0
    for i in range(count):
        video = folder / f"videos/{i:03}.mp4"
        shutil.copy(clip, video)
        if i % 10 == 9:
            damage(video, ("empty", "cut", "zeros", "text")[damaged % 4])
            damaged += 1
    run = watch([args.fer_train.with_name("fer-infer"), folder / "videos", "-o", folder / "results",
                 "--models-dir", args.models, "--no-report", "-q"])
    findings = []
    check(findings, "exit code", run["code"], 4)
    check(findings, "rows of summary.csv", data_rows(folder / "results/summary.csv"), count - damaged)
    check(findings, "folders of results", sum(path.is_dir() for path in (folder / "results").iterdir()), count - damaged)
    named = {line.split(": ")[1] for line in run["log"] if "cannot be read" in line or "is empty" in line}
    check(findings, "damaged videos that are named", len(named), damaged)
    require_flat(run, findings)
    return finish(run, findings)


def soak_images(args, folder):
    """A data set of very many small files, from the check of the data to a training."""
    count = 7 * (300 if args.quick else 14286)
    ffmpeg("-f", "lavfi", "-i", "nullsrc=s=48x48:r=25,format=gray,geq=lum='random(1)*255'", "-frames:v", count,
           folder / "%06d.jpg")
    root = folder / "images"
    for name in CLASSES:
        (root / name).mkdir(parents=True)
    for i, path in enumerate(sorted(folder.glob("*.jpg"))):
        path.rename(root / CLASSES[i % 7] / path.name)
    looked = watch([args.fer_train.with_name("fer-data"), "check", root, "--detectors", "none", "-o", folder / "check"])
    run = watch([args.fer_train, "-q", "--set", f"data.sources=[{{kind: folder, root: {root}}}]", "--set",
                 "data.split={method: random, val: 0.1}", "--set", "face.detector=none", "--set", "input.size=32", "--set",
                 "train.epochs=2", "--set", f"data.cache.folder={folder / 'crops'}", "--set",
                 f"experiment.output={folder / 'runs'}", "--set", "experiment.name=many", "--set",
                 "model.weights=none"])
    findings = []
    check(findings, "exit code of fer-data check", looked["code"], 0)
    check(findings, "exit code of fer-train", run["code"], 0)
    check(findings, "rows of split.csv", data_rows(folder / "runs/many/split.csv"), count)
    check(findings, "epochs", data_rows(folder / "runs/many/results.csv"), 2)
    require_flat(run, findings)
    looked.pop("log")
    return {"check": looked, **finish(run, findings)}


def benchmark(args):
    common.set_up(args)
    args.models = (args.models or Path(os.environ.get("FER_MODELS", args.cache / "models"))).resolve()
    report = {"processor": common.processor(), "threads": args.threads, "parts": {}}
    for part in args.part or PARTS:
        say(f"soak: {part}")
        with tempfile.TemporaryDirectory(prefix="fer-soak-", dir=args.cache) as folder:
            report["parts"][part] = globals()[f"soak_{part}"](args, Path(folder))
    return report


def table(report):
    lines = [f"{report['threads']} threads on {report['processor']}"]
    for name, run in report["parts"].items():
        lines.append(f"{name}: {run['seconds']:.0f} s, exit code {run['code']}, peak {run['peak_mb']:.0f} MB, from the "
                     f"second third to the last {100 * (run['growth'] - 1):+.1f} %: "
                     f"{'; '.join(run['findings']) or 'as it should be'}")
        if "check" in run:
            lines.append(f"  fer-data check before it: {run['check']['seconds']:.0f} s, peak "
                         f"{run['check']['peak_mb']:.0f} MB")
    return "\n".join(lines)


def parse():
    parser = common.option_parser(__doc__.splitlines()[0])
    parser.add_argument("part", nargs="*", choices=(*PARTS, []), metavar="PART", help=f"of {', '.join(PARTS)} (all)")
    parser.add_argument("--models", type=Path, metavar="DIR", help="where the detectors' files lie")
    return parser.parse_args()


if __name__ == "__main__":
    common.main(parse(), benchmark, table)
