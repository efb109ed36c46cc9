#!/usr/bin/env python3
"""What each part of the recipe of data/models brings: trainings with one part left out or added, over several seeds.

    FER2013_ROOT=/data/fer2013 bench/ablation.py -o runs/ablation --seeds 3

Every row is a shortened training of configs/models/fer-mobilenet_v2.yaml (64 px, no teachers unless the row says so).
Runs that are finished are not repeated. Prints a Markdown table of the best epoch's validation figures: mean and
standard deviation over the seeds, and the difference from the first row with its standard error.
"""
import argparse
import concurrent.futures
import json
import math
import pathlib
import statistics
import subprocess
import time

RECIPE = "configs/models/fer-mobilenet_v2.yaml"
TEACHERS = "[" + ", ".join(f"runs/{name}/best.safetensors" for name in
                           ("teacher-resnet18", "teacher-resnet18-2", "teacher-mobilenet_v2")) + "]"
WHOLE = "[{trainable: all, lr: 2e-3}]"
WEAK = "{flip: 0.5, shift: {p: 0}, scale: {p: 0}, rotate: {p: 0}, perspective: {p: 0}, brightness: {p: 0}, " \
       "contrast: {p: 0}, colour: {p: 0}, light: {p: 0}, blur: {p: 0}, noise: {p: 0}, low_resolution: {p: 0}, " \
       "jpeg: {p: 0}, erase: {p: 0}}"
STATED = ["train.distill.teachers=[]", "input.size=64", "train.loss.label_smoothing=0.1"]

# What a row changes; rows are run in this order.
ROWS = {
    "all but teachers": [],
    "random start": ["model.weights=none"],
    "flip alone": [f"augment={WEAK}"],
    "no mixup": ["train.mix.p=0"],
    "no label smoothing": ["train.loss.label_smoothing=0"],
    "no weight averaging": ["train.ema=0"],
    "no frozen start": [f"train.stages={WHOLE}"],
    "rates by layer (0.9)": ["train.stages=[{trainable: head, epochs: 1, lr: 2e-3}, "
                             "{trainable: all, lr: 2e-3, layer_decay: 0.9}]"],
    "classes alike often": ["train.balance=[label]"],
    "48 px first": ["train.stages=[{trainable: head, epochs: 1, lr: 2e-3, size: 48}, "
                    "{trainable: all, epochs: {half}, lr: 2e-3, size: 48}, {trainable: all, lr: 1e-3}]"],
    "no wear of videos": ["augment.low_resolution.p=0", "augment.jpeg.p=0", "augment.blur.p=0"],
    "copies and blanks kept": ["data.drop_suspects=none"],
    "teachers": [f"train.distill.teachers={TEACHERS}", "train.loss.label_smoothing=0"],
    "teachers alone, no labels": [f"train.distill.teachers={TEACHERS}", "train.distill.weight=1",
                                  "train.loss.label_smoothing=0"],
    "96 px": ["input.size=96"],
}


def run(options, name, changes, seed):
    folder = options.output / f"{name.replace(' ', '-').replace(',', '')}-seed{seed}"
    metrics = folder / "metrics.json"
    if metrics.exists():
        return json.loads(metrics.read_text())
    if options.limit and time.monotonic() > options.stop:
        return None
    changes = [c.replace("{half}", str(options.epochs // 2)) for c in STATED + changes]
    changes += [f"train.epochs={options.epochs}", f"data.workers={options.workers}"]
    command = [options.train, "-c", RECIPE, "-o", options.output, "--name", folder.name, "--seed", str(seed), "-q"]
    for change in changes:
        command += ["--set", change]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        print(f"{folder.name}: {(done.stderr or done.stdout).strip().splitlines()[-1]}", flush=True)
        return None
    return json.loads(metrics.read_text())


def percent(values):
    text = f"{100 * statistics.mean(values):.1f}"
    return text if len(values) < 2 else f"{text} ± {100 * statistics.stdev(values):.1f}"


def difference(values, base):
    """In points, with its standard error where both have several runs."""
    text = f"{100 * (statistics.mean(values) - statistics.mean(base)):+.1f}"
    if len(values) < 2 or len(base) < 2:
        return text
    error = math.sqrt(statistics.variance(values) / len(values) + statistics.variance(base) / len(base))
    return f"{text} ± {100 * error:.1f}"


def table(results):
    results = {name: runs for name, runs in results.items() if runs}
    lines = ["| recipe | seeds | accuracy % | macro-F1 % | ECE | difference, points |", "|---|---|---|---|---|---|"]
    base = None
    for name, runs in results.items():
        accuracy = [run["accuracy"] for run in runs]
        ece = statistics.mean(run["calibration"]["after"]["ece"] for run in runs)
        lines.append(f"| {name} | {len(runs)} | {percent(accuracy)} | {percent([run['macro_f1'] for run in runs])} | "
                     f"{ece:.3f} | {difference(accuracy, base) if base else ''} |")
        base = base or accuracy
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-o", "--output", type=pathlib.Path, default=pathlib.Path("runs/ablation"))
    parser.add_argument("--train", default="build/bin/fer-train", help="the program")
    parser.add_argument("--rows", nargs="*", default=list(ROWS), help="some of the rows, by name")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=16)
    parser.add_argument("--jobs", type=int, default=1, help="trainings at a time")
    parser.add_argument("--workers", type=int, default=1, help="threads that prepare batches, of each training")
    parser.add_argument("--limit", type=float, default=0, help="seconds after which no training is begun; 0: none")
    options = parser.parse_args()
    options.stop = time.monotonic() + options.limit
    options.output.mkdir(parents=True, exist_ok=True)
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        runs = {(name, seed): pool.submit(run, options, name, ROWS[name], seed)
                for seed in range(1, options.seeds + 1) for name in options.rows}
    results = {name: [r for seed in range(1, options.seeds + 1) if (r := runs[name, seed].result())]
               for name in options.rows}
    text = table(results)
    (options.output / "ablation.md").write_text(text + "\n")
    print(text)


if __name__ == "__main__":
    main()
