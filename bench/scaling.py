#!/usr/bin/env python3
"""What training costs over data sets 1, 10 and 100 times as large as KDEF and over 1 to 64 processes.

    bench/scaling.py tables [--write docs/scaling.md]   # the model's tables, from its parameters
    bench/scaling.py measure [--nproc 1 2 4]            # step times of fer-train --nproc N beside the model's

docs/scaling.md says what the parameters mean; bench/README.md how to read what `measure` prints.
"""

import json
import math
import os
import re
import statistics
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

import common
from common import BATCH, CLASSES, IMAGES_PER_SUBJECT, SIZE, Failure, say

KDEF_IMAGES, KDEF_TRAIN = 4900, 4200  # in all and in the training part of configs/kdef.yaml
FACTORS = (1, 10, 100)
PROCESSES = (1, 2, 4, 8, 16, 32, 64)
BACKWARD = 2 / 3  # of a step's computation, during which gradients travel


# ---- The model ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Backbone:
    """With 7 classes: numbers that learn, BatchNorm layers, and their channels together."""

    parameters: int
    norms: int
    channels: int

    @property
    def gradient_bytes(self):
        return 4 * self.parameters

    @property
    def norm_bytes(self):
        """Of the doubles a step exchanges for synchronised statistics, forward and backward."""
        return 2 * 8 * (2 * self.channels + self.norms)


BACKBONES = {
    "mobilenet_v2": Backbone(2_232_839, 52, 17_056),
    "mobilenet_v3_small": Backbone(1_525_031, 34, 6_056),
    "mobilenet_v3_large": Backbone(4_210_999, 46, 12_200),
    "efficientnet_b0": Backbone(4_016_515, 49, 21_008),
    "efficientnet_b1": Backbone(6_522_151, 69, 31_024),
    "efficientnet_b2": Backbone(7_710_857, 69, 33_784),
    "efficientnet_b3": Backbone(10_706_991, 78, 43_648),
    "efficientnet_b4": Backbone(17_561_167, 96, 62_600),
    "efficientnet_lite0": Backbone(3_379_975, 49, 21_008),
    "resnet18": Backbone(11_180_103, 20, 4_800),
    "resnet50": Backbone(23_522_375, 53, 26_560),
    "vit_tiny_patch16": Backbone(5_525_767, 0, 0),
    "vit_small_patch16": Backbone(21_668_359, 0, 0),
    "vit_base_patch16": Backbone(85_804_039, 0, 0),
}


@dataclass(frozen=True)
class Link:
    bandwidth: float  # bytes a second, each way
    latency: float  # seconds of a message

    def all_reduce(self, size, processes, messages=1):
        """Seconds of a ring, over `size` bytes in `messages` pieces."""
        if processes == 1:
            return 0.0
        steps = 2 * (processes - 1)
        return steps / processes * size / self.bandwidth + steps * messages * self.latency


@dataclass(frozen=True)
class Setting:
    """What a process is, and what it is connected to."""

    name: str
    images_per_second: float  # of forward and backward, by one process that has its cores or GPU to itself
    overhead: float  # seconds of a step that do not depend on the batch: optimiser, launches, bookkeeping
    link: Link
    disk: float  # bytes a second, for each process
    backbone: Backbone = BACKBONES["mobilenet_v2"]
    bucket: int = 4_000_000  # bytes of gradients that travel together
    synchronised: bool = True  # BatchNorm's statistics
    crop_bytes: int = 3 * SIZE * SIZE


@dataclass(frozen=True)
class Step:
    compute: float
    gradients: float  # of all-reducing them
    exposed: float  # of that, what backward does not hide
    norms: float
    load: float

    @property
    def seconds(self):
        return max(self.compute + self.exposed + self.norms, self.load)


def step(setting, batch, processes):
    """Of `batch` images over all processes."""
    images = batch / processes
    arithmetic = images / setting.images_per_second
    size, link = setting.backbone.gradient_bytes, setting.link
    gradients = link.all_reduce(size, processes, math.ceil(size / setting.bucket))
    last = link.all_reduce(min(size, setting.bucket), processes)  # begins when backward is over
    norms = (link.all_reduce(setting.backbone.norm_bytes, processes, 2 * setting.backbone.norms)
             if setting.synchronised else 0.0)
    return Step(compute=setting.overhead + arithmetic, gradients=gradients,
                exposed=max(last, gradients - BACKWARD * arithmetic), norms=norms,
                load=images * setting.crop_bytes / setting.disk)


def efficiency(setting, batch, processes):
    return step(setting, batch, 1).seconds / (processes * step(setting, batch, processes).seconds)


def epoch_seconds(setting, factor, batch, processes):
    return math.ceil(factor * KDEF_TRAIN / batch) * step(setting, batch, processes).seconds


def most_useful(setting, batch):
    """The largest number of processes, in powers of two, of which at least half do not wait; two images each."""
    useful = [p for p in PROCESSES if batch >= 2 * p and efficiency(setting, batch, p) >= 0.5]
    return max(useful, default=1)


# ---- The tables of docs/scaling.md ----------------------------------------------------------------------------------


def markdown(head, rows):
    lines = [head, [":---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def duration(seconds):
    if seconds < 0.1:
        return f"{seconds * 1e3:.2g} ms"
    if seconds < 100:
        return f"{seconds:.2g} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"


def data_table(args):
    rows = []
    for factor in FACTORS:
        images = factor * KDEF_IMAGES
        size = images * 3 * SIZE * SIZE
        train = factor * KDEF_TRAIN
        rows.append([f"{factor}x", f"{images:,}", f"{size / 1e9:.2f} GB",
                     *(duration(train * 3 * SIZE * SIZE / rate) for rate in (100e6, 500e6, 2000e6)),
                     duration(train * args.reads_per_image * args.read_latency)])
    return markdown(["KDEF", "images", "crops", "an epoch at 100 MB/s", "500 MB/s", "2 GB/s",
                     f"one by one, {args.reads_per_image} reads of {args.read_latency * 1e3:g} ms"], rows)


def network_table(setting):
    rows = []
    for name, backbone in BACKBONES.items():
        moved = [2 * (p - 1) / p * backbone.gradient_bytes / 1e6 for p in (2, 8, 64)]
        seconds = setting.link.all_reduce(backbone.gradient_bytes, 8, math.ceil(backbone.gradient_bytes
                                                                              / setting.bucket))
        rows.append([f"`{name}`", f"{backbone.parameters / 1e6:.2f}", f"{backbone.gradient_bytes / 1e6:.1f}",
                     *(f"{megabytes:.1f}" for megabytes in moved), backbone.norms, f"{backbone.norm_bytes / 1e3:.0f}",
                     duration(seconds)])
    return markdown(["backbone", "parameters (M)", "gradients (MB)", "moved by each of 2 (MB)", "of 8", "of 64",
                     "norms", "their sums (kB)", f"gradients of 8 on {setting.name}"], rows)


def step_table(setting, batch_of):
    """`batch_of(processes)`: images of all of them."""
    rows = []
    for processes in PROCESSES:
        batch = batch_of(processes)
        if batch < 2 * processes:
            continue
        one = step(setting, batch, processes)
        rows.append([processes, batch, duration(one.compute), duration(one.gradients), duration(one.exposed),
                     duration(one.norms), duration(one.load), duration(one.seconds),
                     f"{batch / one.seconds:,.0f}", f"{100 * efficiency(setting, batch, processes):.0f} %",
                     *(duration(epoch_seconds(setting, factor, batch, processes)) for factor in FACTORS)])
    return markdown(["processes", "batch", "compute", "gradients", "not hidden", "norms", "reading", "step", "images/s",
                     "efficiency", *(f"epoch, {factor}x" for factor in FACTORS)], rows)


def limit_table(settings):
    batches = (32, 64, 128, 256, 512, 1024)
    rows = []
    for setting in settings:
        for synchronised in (True, False):
            this = Setting(**{**shallow(setting), "synchronised": synchronised})
            rows.append([f"{setting.name}, {'synchronised' if synchronised else 'own'} statistics",
                         *(most_useful(this, batch) for batch in batches)])
    return markdown(["setting", *(f"batch {batch}" for batch in batches)], rows)


def shallow(setting):
    return {name: getattr(setting, name) for name in setting.__dataclass_fields__}


def settings_of(args):
    """Those of the page; what --bandwidth and the like say holds for the first."""
    return [
        Setting("CPUs, 10 Gbit/s", args.images_per_second, args.overhead, Link(args.bandwidth, args.latency), args.disk),
        Setting("CPUs, 1 Gbit/s", args.images_per_second, args.overhead, Link(0.11e9, 100e-6), args.disk),
        Setting("GPUs, 100 Gbit/s", 2500, 0.008, Link(10e9, 30e-6), 2e9),
    ]


def step_tables(settings):
    parts = []
    for setting in settings:
        link = setting.link
        parts.append(f"**{setting.name}**: {setting.images_per_second:g} images/s a process, {setting.overhead * 1e3:g} ms of "
                     f"each step beside them, {link.bandwidth / 1e9:g} GB/s, {link.latency * 1e6:g} µs, disk "
                     f"{setting.disk / 1e6:g} MB/s. {BATCH} images a process:")
        parts.append(step_table(setting, lambda processes: BATCH * processes))
        parts.append("256 images over all:")
        parts.append(step_table(setting, lambda _: 256))
    return "\n\n".join(parts)


def tables(args):
    """By the names they have in the page's comments."""
    settings = settings_of(args)
    return {"data": data_table(args), "network": network_table(settings[0]), "steps": step_tables(settings),
            "limits": limit_table(settings)}


def print_tables(args):
    """To the console, or into the page: what stands between `<!-- NAME -->` and `<!-- end -->`."""
    if not args.write:
        print("\n\n".join(tables(args).values()))
        return
    page = args.write.read_text()
    for name, text in tables(args).items():
        pattern = rf"(<!-- {name} -->\n).*?(<!-- end -->)"
        page, found = re.subn(pattern, lambda match: f"{match[1]}\n{text}\n\n{match[2]}", page, flags=re.DOTALL)
        if found != 1:
            raise Failure(f"{args.write}: {found} places for the table '{name}'")
    args.write.write_text(page)


# ---- Measuring ------------------------------------------------------------------------------------------------------


def experiment(args, output):
    # Nothing but the network's own work: augmentation would be another share of the cores.
    off = {"p": 0}
    changes = ("shift", "scale", "rotate", "crop_jitter", "perspective", "brightness", "contrast", "colour", "light",
               "blur", "noise", "low_resolution", "jpeg", "erase")
    return common.experiment(
        args, output, args.val_images / (args.images + args.val_images),
        input={"size": args.size},
        augment={"flip": 0, "grey": 0, **{name: off for name in changes}},
        model={"backbone": args.backbone, "weights": "none"},
        train={"epochs": args.epochs, "batch_size": args.batch, "precision": args.precision, "device": args.device,
               "schedule": {"name": "constant"}})


def measured_step(args, processes):
    """Seconds of a step: of all epochs but the first, which warms up."""
    with tempfile.TemporaryDirectory(prefix="fer-bench-") as scratch:
        config = Path(scratch) / "bench.yaml"
        config.write_text(experiment(args, scratch))
        command = [args.fer_train, "-c", config]
        for assignment in args.set:
            command += ["--set", assignment]
        if processes > 1:
            command += ["--nproc", processes]
        common.run(command, args.threads)
        rows = common.read_rows(Path(scratch) / "bench" / "results.csv")
        return args.batch / statistics.harmonic_mean([float(row["images_per_second"]) for row in rows[1:]])


def fitted(args, seconds, cores):
    """The setting whose step takes `seconds` with one process."""
    arithmetic = seconds - args.overhead
    if arithmetic <= 0:
        raise Failure(f"a step takes {seconds:.4f} s, no more than --overhead {args.overhead}")

    def setting(processes):
        share = min(1.0, cores / (processes * args.threads))  # of a core, for each thread
        return Setting(args.backbone, args.batch / arithmetic * share, args.overhead, Link(args.bandwidth, args.latency),
                       args.disk, BACKBONES[args.backbone], synchronised=not args.own_statistics,
                       crop_bytes=3 * args.size * args.size)

    return setting


def measure(args):
    fer_data = common.set_up(args)
    subjects, args.val_images, args.epochs = (2, 2 * CLASSES, 2) if args.quick else (7, 6 * CLASSES, 4)
    args.images = subjects * IMAGES_PER_SUBJECT - args.val_images
    args.faces = common.make_faces(fer_data, args.cache, subjects)
    runs = {processes: [] for processes in sorted({1, *args.nproc})}
    for number in range(args.rounds):
        for processes in runs:
            load = os.getloadavg()[0]
            runs[processes].append(measured_step(args, processes))
            say(f"round {number + 1}/{args.rounds}, {processes} processes: {runs[processes][-1]:.3f} s a step "
                f"(load before: {load:.1f})")
    cores = len(os.sched_getaffinity(0))
    setting = fitted(args, statistics.median(runs[1]), cores)
    results = []
    for processes, seconds in runs.items():
        expected = step(setting(processes), args.batch, processes)
        results.append({"processes": processes, "measured": statistics.median(seconds), "min": min(seconds),
                        "max": max(seconds), "rounds": seconds, "model": expected.seconds} | asdict(expected))
    return {"processor": common.processor(), "cores": cores,
            "settings": {name: getattr(args, name) for name in ("backbone", "size", "batch", "threads", "precision",
                                                                "bandwidth", "latency", "overhead", "rounds", "set")},
            "results": results}


def measured_table(report):
    settings = report["settings"]
    rows = [[each["processes"], f"{each['measured']:.3f} ({each['min']:.3f}-{each['max']:.3f})",
             f"{each['model']:.3f}", f"{each['measured'] / each['model']:.2f}", duration(each["compute"]),
             duration(each["exposed"]), duration(each["norms"])] for each in report["results"]]
    return (f"{settings['backbone']}, {settings['size']}x{settings['size']}, {settings['precision']}, batch "
            f"{settings['batch']} over all processes, threads of each: {settings['threads']}; {report['cores']} cores of "
            f"{report['processor']}; all-reduce {settings['bandwidth'] / 1e9:g} GB/s, {settings['latency'] * 1e6:g} µs\n\n"
            + markdown(["processes", "step measured (s)", "by the model", "ratio", "compute", "not hidden", "norms"],
                       rows))


def parse():
    parser = common.option_parser(__doc__.splitlines()[0])
    parser.set_defaults(threads=1)
    parser.add_argument("job", choices=("tables", "measure"))
    parser.add_argument("--write", type=Path, metavar="PAGE", help="tables: put them into this page")
    parser.add_argument("--images-per-second", type=float, default=40, help="of a process, tables (default: %(default)s)")
    parser.add_argument("--overhead", type=float, default=0.02, help="seconds of each step (default: %(default)s)")
    parser.add_argument("--bandwidth", type=float, default=1.1e9, help="bytes/s of all-reducing (default: %(default)s)")
    parser.add_argument("--latency", type=float, default=50e-6, help="seconds of a message (default: %(default)s)")
    parser.add_argument("--disk", type=float, default=500e6, help="bytes/s for each process (default: %(default)s)")
    parser.add_argument("--read-latency", type=float, default=1e-3, help="seconds of a read (default: %(default)s)")
    parser.add_argument("--reads-per-image", type=int, default=2, help="(default: %(default)s)")
    parser.add_argument("--nproc", type=int, nargs="+", default=[1, 2, 4], help="measure: (default: 1 2 4)")
    parser.add_argument("--backbone", choices=list(BACKBONES), default="mobilenet_v2", help="(default: %(default)s)")
    parser.add_argument("--size", type=int, default=SIZE, help="measure: pixels a side (default: %(default)s)")
    parser.add_argument("--batch", type=int, default=BATCH, help="of all processes (default: %(default)s)")
    parser.add_argument("--precision", choices=("fp32", "bf16"), default="fp32")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--own-statistics", action="store_true",
                        help="the model: BatchNorm's statistics are not synchronised")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="measure: for fer-train")
    parser.add_argument("--rounds", type=int, default=3)
    return parser.parse_args()


if __name__ == "__main__":
    arguments = parse()
    if arguments.job == "tables":
        try:
            print_tables(arguments)
        except (Failure, OSError) as error:
            sys.exit(f"scaling: error: {error}")
    else:
        common.main(arguments, measure, measured_table)
