#!/usr/bin/env python3
"""What the activation cache saves: a new head on a frozen MobileNetV2, with the cache and recomputed every epoch.

    bench/head_stage.py [--quick] [--json FILE]

4,900 drawn faces (4,200 to train on, 700 to validate), 224x224, batch 32, two fixed augmented views per image. With the
cache the whole process is timed, 245 epochs and everything else included; without it a few epochs are, and the rest
is extrapolated. bench/README.md says how to read the table.
"""

import os
import statistics
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

import common
from common import BATCH, SIZE, Failure, say

VIEWS = 2
VAL = 0.143  # 700 of 4900
WANTED = 50


def train(args, epochs, cache_gb, scratch):
    """The run, the folder it left, and the system's load before."""
    config = Path(scratch) / "bench.yaml"
    config.write_text(common.experiment(
        args, scratch, VAL,
        model={"weights": "imagenet" if args.models_dir else "none"},
        train={"epochs": epochs, "batch_size": BATCH, "activation_cache_gb": cache_gb, "precision": "fp32",
               "device": "cpu", "stages": [{"trainable": "head", "views": VIEWS, "lr": 1e-3}]}))
    models = ["--models-dir", args.models_dir] if args.models_dir else []
    load = os.getloadavg()[0]
    run = common.run([args.fer_train, "-c", config, *models], args.threads)
    return run, Path(scratch) / "bench", load


def log_times(path):
    """Of train.log: (text, time) of each line."""
    return [(line[20:].partition(" ")[2], datetime.strptime(line[:19], "%Y-%m-%d %H:%M:%S"))
            for line in path.read_text().splitlines()]


def measure_recomputed(args):
    """Seconds per epoch; the first warms up and is left out where there are more."""
    say(f"recomputing: {args.recomputed_epochs} epochs")
    with tempfile.TemporaryDirectory(prefix="fer-bench-") as scratch:
        run, folder, load = train(args, args.recomputed_epochs, 0, scratch)
        seconds = [float(row["seconds"]) for row in common.read_rows(folder / "results.csv")]
    measured = seconds[1:] or seconds
    per_epoch = statistics.mean(measured)
    return {"epochs": seconds, "epochs_measured": len(measured), "seconds_per_epoch": per_epoch,
            "extrapolated_seconds": per_epoch * args.epochs, "peak_mb": run.peak_mb, "load": load}


def measure_cached(args):
    """Seconds of the whole process and, to the second, of its parts."""
    say(f"with the cache: {args.epochs} epochs")
    with tempfile.TemporaryDirectory(prefix="fer-bench-") as scratch:
        run, folder, load = train(args, args.epochs, 1, scratch)
        log = log_times(folder / "train.log")
        parts = {part: common.samples_of(folder, part) for part in ("train", "val")}
        version = common.libtorch_of(folder)
        done = len(common.read_rows(folder / "results.csv"))
    if "crops: from the cache" not in run.log:
        raise Failure(f"the crops that the run before kept in {args.cache / 'bench-crops'} were not taken")
    stage, filled = next((line for line in log if line[0].startswith("stage 1: ")), ("", None))
    if "computed once" not in stage or done != args.epochs:
        raise Failure(f"fer-train cached no activations, or ended after {done} epochs; its log says: {stage}")
    begun = next(time for text, time in log if text.startswith("precision: "))
    ended = max(time for text, time in log if text.startswith("epoch "))
    return {"seconds": run.seconds, "filling_seconds": (filled - begun).total_seconds(),
            "epochs_seconds": (ended - filled).total_seconds(), "peak_mb": run.peak_mb, "load": load,
            "images": parts, "libtorch": version}


def benchmark(args):
    fer_data = common.set_up(args)
    args.faces = common.make_faces(fer_data, args.cache, 2 if args.quick else 70)
    recomputed = measure_recomputed(args)  # first: it makes the crops, which is not measured
    cached = measure_cached(args)
    return {"processor": common.processor(),
            "libtorch": cached.pop("libtorch"),
            "settings": {"threads": args.threads, "epochs": args.epochs, "views": VIEWS, "batch": BATCH, "size": SIZE,
                         "images": cached.pop("images"), "weights": "imagenet" if args.models_dir else "random"},
            "cached": cached,
            "recomputed": recomputed,
            "ratio": {"extrapolated": recomputed["extrapolated_seconds"] / cached["seconds"], "wanted": WANTED}}


def table(report):
    settings, cached, recomputed, ratio = (report[key] for key in ("settings", "cached", "recomputed", "ratio"))
    epochs, images = settings["epochs"], settings["images"]
    rest = max(0.0, cached["seconds"] - cached["filling_seconds"] - cached["epochs_seconds"])
    length = timedelta(seconds=round(recomputed["extrapolated_seconds"]))
    return "\n".join([
        f"Head of MobileNetV2, {settings['weights']} weights, {SIZE}x{SIZE}, batch {BATCH}, {VIEWS} views, "
        f"{images['train']} images and {images['val']} to validate",
        f"{settings['threads']} threads on {report['processor']}; LibTorch {report['libtorch']}",
        "",
        f"with the cache   {cached['seconds']:10.1f} s for {epochs} epochs, the whole process "
        f"({cached['peak_mb']:.0f} MB, load {cached['load']:.1f})",
        f"                 {cached['filling_seconds']:8.0f}   s filling the cache",
        f"                 {cached['epochs_seconds']:8.0f}   s epochs",
        f"                 {rest:8.0f}   s the rest",
        f"recomputed       {recomputed['seconds_per_epoch']:10.1f} s an epoch, mean of "
        f"{recomputed['epochs_measured']} ({recomputed['peak_mb']:.0f} MB, load {recomputed['load']:.1f})",
        f"                 {recomputed['extrapolated_seconds']:10.1f} s for {epochs} epochs ({length}): "
        "extrapolated, not measured",
        f"ratio            {ratio['extrapolated']:10.1f}   wanted: {ratio['wanted']}",
    ])


def parse():
    parser = common.option_parser(__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, help="with the cache (default: 245; --quick: 10)")
    parser.add_argument("--recomputed-epochs", type=int, default=2, metavar="N",
                        help="without it; the first of several is not counted (default: 2)")
    parser.add_argument("--models-dir", type=Path, default=os.environ.get("FER_MODELS") or None, metavar="DIR",
                        help="begin with the ImageNet weights in there (default: $FER_MODELS, else random weights)")
    args = parser.parse_args()
    if args.epochs is None:
        args.epochs = 10 if args.quick else 245
    if min(args.epochs, args.recomputed_epochs, args.threads) < 1:
        parser.error("--epochs, --recomputed-epochs and --threads are at least 1")
    return args


common.main(parse(), benchmark, table)
