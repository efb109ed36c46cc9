"""What the benchmarks share: the options all of them have, drawn faces, running and reading fer-train."""

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "fer"
SIZE, BATCH, CLASSES = 224, 32, 7
IMAGES_PER_SUBJECT = 2 * 5 * CLASSES  # sessions, angles, expressions
# What a shell may have set to tune a program that is measured; all of them start without.
TUNING = ("OMP_", "GOMP_", "KMP_", "MKL_", "ONEDNN_", "DNNL_", "MALLOC_", "GLIBC_TUNABLES", "LD_PRELOAD", "THP_",
          "TORCH_", "PYTORCH_", "ATEN_")


class Failure(Exception):
    """What a person can act on, in one line."""


def say(text):
    print(text, file=sys.stderr, flush=True)


def last_line(text):
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "it said nothing"


# ---- Options and set-up ---------------------------------------------------------------------------------------------


def option_parser(description):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--fer-train", type=Path, default=REPOSITORY / "build/bin/fer-train", metavar="PROGRAM",
                        help="fer-train, fer-data beside it (default: build/bin/fer-train)")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)), help="(default: all cores)")
    parser.add_argument("--cache", type=Path, default=CACHE, metavar="DIR",
                        help=f"where what is made once is kept (default: {CACHE})")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures, too")
    parser.add_argument("--quick", action="store_true", help="one short round: does it run? The figures mean little")
    return parser


def set_up(args):
    """Completes the paths among the common options; fer-data's."""
    fer_data = args.fer_train.with_name("fer-data")
    for program in (args.fer_train, fer_data):
        if not os.access(program, os.X_OK):
            raise Failure(f"{program} is missing: cmake -S . -B build -G Ninja && cmake --build build --target "
                          "fer-train fer-data, or name fer-train with --fer-train")
    args.fer_train, args.cache = args.fer_train.resolve(), args.cache.resolve()
    args.cache.mkdir(parents=True, exist_ok=True)
    return fer_data.resolve()


def prepare(*command):
    """Runs something that is not measured."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if done.returncode != 0:
        raise Failure(f"{Path(command[0]).name} {command[1]}: exit code {done.returncode}: "
                      f"{last_line(done.stderr or done.stdout)}")


def make_faces(fer_data, cache, subjects):
    folder = cache / f"bench-faces-{subjects}"
    if not folder.exists():
        say(f"drawing a data set of {subjects * IMAGES_PER_SUBJECT} faces in {folder}")
        with tempfile.TemporaryDirectory(prefix="bench-faces-", dir=cache) as part:
            prepare(fer_data, "synth", "--subjects", subjects, "-o", Path(part) / "faces")
            (Path(part) / "faces").rename(folder)
    return folder


def experiment(args, output, val, **rest):
    """An experiment `bench` on args.faces as JSON, which is YAML: whole images, a share `val` to validate on."""
    return json.dumps({
        "experiment": {"name": "bench", "output": str(output)},
        "data": {"sources": [{"kind": "kdef", "root": str(args.faces)}],
                 "split": {"method": "random", "val": val},
                 "allow_leakage": True,  # speed alone is measured
                 "cache": {"folder": str(args.cache / "bench-crops")},
                 "workers": args.threads},
        "face": {"detector": "none", "margin": 0},
        "input": {"size": SIZE},
        **rest,
    }, indent=1)


# ---- Running and reading --------------------------------------------------------------------------------------------


@dataclass
class Run:
    out: str
    log: str  # what it said on stderr
    seconds: float
    peak_mb: float


def run(command, threads):
    """A program from its start to its end."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(TUNING)}
    environment["OMP_NUM_THREADS"] = str(threads)
    with tempfile.TemporaryFile("w+") as errors:
        begin = time.perf_counter()
        child = subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE, stderr=errors, text=True,
                                 env=environment)
        try:
            out = child.stdout.read()
            _, status, usage = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
        finally:
            if child.returncode is None:
                child.kill()
                child.wait()
        seconds = time.perf_counter() - begin
        errors.seek(0)
        log = errors.read()
    if child.returncode != 0:
        raise Failure(f"{Path(command[0]).name}: exit code {child.returncode}: {last_line(log)}")
    return Run(out, log, seconds, usage.ru_maxrss / 1024)


def read_rows(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def samples_of(run_folder, part):
    return sum(row["split"] == part for row in read_rows(run_folder / "split.csv"))


def libtorch_of(run_folder):
    return json.loads((run_folder / "manifest.json").read_text())["libtorch"]


def processor():
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return "unknown"


# ---- The program ----------------------------------------------------------------------------------------------------


def main(args, benchmark, table):
    """Prints table(report) of the report that benchmark(args) gives, or one line of what went wrong."""
    try:
        report = benchmark(args)
        print(table(report))
        if args.json:
            args.json.write_text(json.dumps(report, indent=2) + "\n")
    except (Failure, OSError) as error:
        sys.exit(f"{Path(sys.argv[0]).stem}: error: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
