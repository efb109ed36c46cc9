#!/usr/bin/env python3
"""Training speed and memory of fer-train beside the usual Python PyTorch loop, in turns on the same machine.

    bench/train_vs_pytorch.py [--quick] [--json FILE]

Both train MobileNetV2 with 7 classes from random weights on the same number of 224x224 images in memory: batch 32,
channels-last, AdamW, cross-entropy, the same number of threads, the same release of LibTorch. The first epoch warms
up and is not counted. bench/README.md says how to read the table.
"""

import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

import common
from common import BATCH, CLASSES, IMAGES_PER_SUBJECT, REPOSITORY, SIZE, Failure, prepare, say

WANTED = {"fp32": 2.0, "bf16": 1.5}


# ---- The Python loop, run by the interpreter of the environment this script makes -----------------------------------


def mobilenet_v2(nn):
    """Sandler et al. 2018 as torchvision builds it, dropout 0.2."""

    def block(inputs, outputs, kernel, stride=1, groups=1):
        return nn.Sequential(nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False),
                             nn.BatchNorm2d(outputs), nn.ReLU6(inplace=True))

    class InvertedResidual(nn.Module):
        def __init__(self, inputs, outputs, stride, expansion):
            super().__init__()
            hidden = inputs * expansion
            self.shortcut = stride == 1 and inputs == outputs
            self.conv = nn.Sequential(*([block(inputs, hidden, 1)] if expansion > 1 else []),
                                      block(hidden, hidden, 3, stride, hidden),
                                      nn.Conv2d(hidden, outputs, 1, bias=False), nn.BatchNorm2d(outputs))

        def forward(self, x):
            return x + self.conv(x) if self.shortcut else self.conv(x)

    layers, channels = [block(3, 32, 3, 2)], 32
    for expansion, outputs, count, stride in ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1),
                                              (6, 160, 3, 2), (6, 320, 1, 1)):
        for i in range(count):
            layers.append(InvertedResidual(channels, outputs, stride if i == 0 else 1, expansion))
            channels = outputs
    model = nn.Sequential(*layers, block(channels, 1280, 1), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.2),
                          nn.Linear(1280, CLASSES))
    assert sum(p.numel() for p in model.parameters()) == 2_223_872 + 1281 * CLASSES
    return model


def python_loop(precision, images, epochs, threads):
    """Prints what it measured as JSON."""
    import torch
    from torch import nn

    torch.set_num_threads(threads)
    torch.manual_seed(42)
    pixels = torch.randint(0, 256, (images, 3, SIZE, SIZE), dtype=torch.uint8)
    labels = torch.randint(0, CLASSES, (images,))
    mean = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)
    std = torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)
    model = mobilenet_v2(nn).to(memory_format=torch.channels_last).train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, weight_decay=1e-4)
    criterion = nn.CrossEntropyLoss()
    speeds = []
    for _ in range(epochs):
        begin = time.perf_counter()
        loss_sum, correct = 0.0, 0
        for chosen in torch.randperm(images).split(BATCH):
            x = pixels[chosen].to(memory_format=torch.channels_last).float().div(255)
            x, y = (x - mean) / std, labels[chosen]
            optimizer.zero_grad()
            with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bf16"):
                logits = model(x)
                loss = criterion(logits, y)
            loss.backward()
            optimizer.step()
            loss_sum += loss.item() * len(y)
            correct += (logits.argmax(1) == y).sum().item()
        speeds.append(images / (time.perf_counter() - begin))
    print(json.dumps({"version": torch.__version__, "images_per_second": speeds}))


# ---- The environment, the experiment --------------------------------------------------------------------------------


def make_python(cache):
    """An interpreter with the PyTorch whose libraries tools/setup.sh unpacked for fer-train; with another one of that
    release where the unpacked wheel is missing or made for another Python."""
    setup = (REPOSITORY / "tools/setup.sh").read_text()
    version, index = (re.search(rf"^torch_{name}=(\S+)$", setup, re.MULTILINE)[1] for name in ("version", "index"))
    folder = cache / "bench-venv"
    python = folder / "bin/python"
    works = f"import numpy, torch; assert torch.__version__.split('+')[0] == '{version}'"
    if python.exists() and subprocess.run([python, "-c", works], capture_output=True).returncode == 0:
        return python
    say(f"making a Python environment with PyTorch {version} in {folder}")
    shutil.rmtree(folder, ignore_errors=True)
    prepare(sys.executable, "-m", "venv", folder)
    unpacked = cache / f"libtorch-{version}"
    if (unpacked / f"torch/_C{sysconfig.get_config_var('EXT_SUFFIX')}").exists():
        packages = next((folder / "lib").glob("python*/site-packages"))
        (packages / "unpacked-torch.pth").write_text(f"{unpacked}\n")
    # With the unpacked wheel in sight pip installs only what torch itself needs.
    prepare(python, "-m", "pip", "install", "--quiet", "numpy", f"torch=={version}+cpu", "--extra-index-url", index)
    prepare(python, "-c", works)
    return python


def experiment(args, precision, output):
    """Nothing random but the order of the images."""
    off = {"p": 0}
    return common.experiment(
        args, output, args.val_images / (args.images + args.val_images),
        augment={"flip": 0, "grey": 0,
                 **{name: off for name in ("shift", "scale", "rotate", "crop_jitter", "perspective", "brightness",
                                           "contrast", "colour", "light", "blur", "noise", "low_resolution", "jpeg",
                                           "erase")}},
        model={"weights": "none", "dropout": 0.2},
        train={"epochs": args.epochs, "batch_size": BATCH, "stages": [{"trainable": "all", "lr": 1e-4}],
               "optimizer": {"name": "adamw", "weight_decay": 1e-4}, "schedule": {"name": "constant"},
               "precision": precision, "device": "cpu"})


# ---- Measuring ------------------------------------------------------------------------------------------------------


def throughput(speeds):
    """Images per second over all epochs but the first; every epoch has as many images."""
    return statistics.harmonic_mean(speeds[1:])


def measure_python(args, precision):
    run = common.run([args.python, __file__, "--python-loop", precision, args.images, args.epochs, args.threads],
                     args.threads)
    told = json.loads(run.out)
    return {"images_per_second": throughput(told["images_per_second"]), "peak_mb": run.peak_mb,
            "version": told["version"]}


def measure_fer(args, precision):
    with tempfile.TemporaryDirectory(prefix="fer-bench-") as scratch:
        config = Path(scratch) / "bench.yaml"
        config.write_text(experiment(args, precision, scratch))
        run = common.run([args.fer_train, "-c", config], args.threads)
        folder = Path(scratch) / "bench"
        trained_on = common.samples_of(folder, "train")
        if trained_on != args.images:
            raise Failure(f"fer-train trained on {trained_on} images, the Python loop on {args.images}")
        speeds = [float(row["images_per_second"]) for row in common.read_rows(folder / "results.csv")]
        return {"images_per_second": throughput(speeds), "peak_mb": run.peak_mb,
                "version": common.libtorch_of(folder)}


def measure(args):
    """{precision: {"pytorch": [...], "fer-train": [...]}}, a figure per round, in turns."""
    programs = {"pytorch": measure_python, "fer-train": measure_fer}
    runs = {precision: {name: [] for name in programs} for precision in args.precision}
    for number in range(args.rounds):
        for precision in args.precision:
            for name, program in programs.items():
                load = os.getloadavg()[0]
                result = program(args, precision) | {"load": load}
                say(f"round {number + 1}/{args.rounds} {precision} {name}: {result['images_per_second']:.1f} images/s, "
                    f"{result['peak_mb']:.0f} MB (load before: {load:.1f})")
                runs[precision][name].append(result)
    return runs


# ---- The outcome ----------------------------------------------------------------------------------------------------


def spread(values):
    return {"median": statistics.median(values), "min": min(values), "max": max(values), "rounds": values}


def summary(runs):
    results = {}
    for precision, programs in runs.items():
        results[precision] = {name: {key: spread([each[key] for each in rounds])
                                     for key in ("images_per_second", "peak_mb", "load")}
                              for name, rounds in programs.items()}
        pairs = zip(programs["fer-train"], programs["pytorch"])
        ratio = spread([ours["images_per_second"] / python["images_per_second"] for ours, python in pairs])
        results[precision]["ratio"] = ratio | {"wanted": WANTED[precision]}
    return results


def table(report):
    settings = report["settings"]
    lines = [f"MobileNetV2, {SIZE}x{SIZE}, batch {BATCH}, {settings['threads']} threads on {report['processor']}; "
             f"PyTorch {report['versions']['pytorch']}, fer-train's LibTorch {report['versions']['fer-train']}",
             f"rounds: {settings['rounds']}, of {settings['batches_measured']} batches each; median (smallest-largest)",
             "",
             f"{'':5} {'':10} {'images/s':>22} {'peak memory':>12} {'load':>6}"]
    for precision, programs in report["results"].items():
        for name in ("pytorch", "fer-train"):
            speed, memory, load = (programs[name][key] for key in ("images_per_second", "peak_mb", "load"))
            figures = f"{speed['median']:.1f} ({speed['min']:.1f}-{speed['max']:.1f})"
            lines.append(f"{precision:5} {name:10} {figures:>22} {memory['median']:9.0f} MB {load['median']:6.1f}")
        ratio = programs["ratio"]
        figures = f"{ratio['median']:.2f} ({ratio['min']:.2f}-{ratio['max']:.2f})"
        lines.append(f"{precision:5} {'ratio':10} {figures:>22} {'wanted:':>12} {ratio['wanted']:6.1f}")
    return "\n".join(lines)


def parse():
    parser = common.option_parser(__doc__.splitlines()[0])
    parser.add_argument("--precision", nargs="+", choices=list(WANTED), default=list(WANTED))
    parser.add_argument("--rounds", type=int, help="how often each is measured (default: 3)")
    args = parser.parse_args()
    args.rounds = args.rounds or (1 if args.quick else 3)
    if args.rounds < 1 or args.threads < 1:
        parser.error("--rounds and --threads are at least 1")
    return args


def benchmark(args):
    fer_data = common.set_up(args)
    # Full: 14 whole batches an epoch. A random split takes equally many of each class.
    subjects, val_per_class, args.epochs = (2, 2, 2) if args.quick else (7, 6, 3)
    args.val_images = val_per_class * CLASSES
    args.images = subjects * IMAGES_PER_SUBJECT - args.val_images
    args.python = make_python(args.cache)
    args.faces = common.make_faces(fer_data, args.cache, subjects)
    runs = measure(args)
    return {"processor": common.processor(),
            "versions": {name: rounds[0]["version"] for name, rounds in runs[args.precision[0]].items()},
            "settings": {"threads": args.threads, "rounds": args.rounds, "batch": BATCH, "size": SIZE,
                         "images": args.images, "batches_measured": (args.epochs - 1) * -(-args.images // BATCH)},
            "results": summary(runs)}


if sys.argv[1:2] == ["--python-loop"]:
    python_loop(sys.argv[2], *map(int, sys.argv[3:6]))
else:
    common.main(parse(), benchmark, table)
