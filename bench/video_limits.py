#!/usr/bin/env python3
"""Whether fer-infer keeps up with 720p, and whether long videos cost more memory or time a frame than short ones.

    bench/video_limits.py [--quick] [--checkpoint FILE] [--json FILE]

bench/README.md says how to read it.
"""

import os
import re
import subprocess
import tempfile
from pathlib import Path

import common
from common import REPOSITORY, Failure, say

CLIP = "single-face-night-looking-down.mp4"  # 115 frames of one face, repeated as often as it takes
RATE = 25


def film(args, name, frames, size):
    """The clip, repeated up to so many frames and enlarged; kept."""
    path = args.cache / "bench-video" / f"{name}-{frames}.mp4"
    if not path.exists():
        say(f"making {path}")
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part.mp4")
        subprocess.run(["ffmpeg", "-v", "error", "-y", "-stream_loop", "-1", "-i", args.shared / "videos" / CLIP, "-vf",
                        f"scale={size},fps={RATE}", "-frames:v", str(frames), "-c:v", "libx264", "-preset", "veryfast",
                        "-crf", "20", "-pix_fmt", "yuv420p", part], check=True)
        part.rename(path)
    return path


def infer(args, video, *more):
    """The run, with the seconds it says the analysis took."""
    with tempfile.TemporaryDirectory(prefix="fer-bench-") as folder:
        run = common.run([args.fer_infer, video, "-m", args.checkpoint, "-o", folder, "--detector", "yunet",
                          "--models-dir", args.shared / "models", "--sample-fps", "all", "-j", args.threads, *more],
                         args.threads)
    found = re.search(r"(\d+) frames in ([\d.]+) s", run.log)
    if not found:
        raise Failure("fer-infer did not say how long it took")
    return {"frames": int(found[1]), "analysis_seconds": float(found[2]), "seconds": run.seconds,
            "peak_mb": run.peak_mb, "load": os.getloadavg()[0]}


def benchmark(args):
    common.set_up(args)
    args.fer_infer = args.fer_train.with_name("fer-infer")
    short, long = (100, 400) if args.quick else (1000, 10000)
    hd = film(args, "720p", 150 if args.quick else 750, "1280:720")
    first = infer(args, hd, "--end", "0.01")
    report = {"processor": common.processor(), "threads": args.threads, "start_seconds": first["seconds"],
              "720p": {"every frame, tracked between": infer(args, hd, "--annotate"),
                       "every frame, detected in each": infer(args, hd, "--annotate", "--detect-every", "1")}}
    video = film(args, "360p", long, "640:360")
    half = str(long / 2 / RATE)
    report["long"] = {"short": infer(args, video, "--end", str(short / RATE)),
                      "first half": infer(args, video, "--end", half), "all": infer(args, video)}
    return report


def table(report):
    lines = [f"{report['threads']} threads on {report['processor']}, start-up {report['start_seconds']:.1f} s"]
    for name, run in report["720p"].items():
        seconds = run["seconds"] - report["start_seconds"]
        lines.append(f"720p with annotated video, {name}: {run['frames'] / seconds:.1f} frames/s, analysis alone "
                     f"{run['frames'] / run['analysis_seconds']:.1f} (load {run['load']:.1f})")
    short, half, whole = (report["long"][name] for name in ("short", "first half", "all"))
    lines.append(f"peak memory: {short['peak_mb']:.0f} MB at {short['frames']} frames, {whole['peak_mb']:.0f} MB at "
                 f"{whole['frames']}: {100 * (whole['peak_mb'] / short['peak_mb'] - 1):+.1f} %")
    first = half["frames"] / half["analysis_seconds"]
    second = (whole["frames"] - half["frames"]) / (whole["analysis_seconds"] - half["analysis_seconds"])
    lines.append(f"frames/s of the first half {first:.1f}, of the second {second:.1f}: {100 * second / first:.0f} %")
    return "\n".join(lines)


def parse():
    parser = common.option_parser(__doc__.splitlines()[0])
    parser.add_argument("--shared", type=Path, default=REPOSITORY.parent / "shared", metavar="DIR",
                        help="where videos and models lie (default: beside the repository)")
    parser.add_argument("--checkpoint", type=Path, required=True, help="the model to use")
    args = parser.parse_args()
    args.shared = args.shared.resolve()
    return args


common.main(parse(), benchmark, table)
