#!/usr/bin/env python3
"""What a run may meet besides a disk that fails (docs/faults.md): folders that are read-only or vanish, clocks that
jump, a second run at the same place, readers that go away, little memory, no network.

    situations.py --bin build/bin --tracer build/tests/fer_fault_tracer --clock build/tests/libfer_clock_shim.so
                  [--only NAME...]

Prints a line for each: ok, skipped (why) or FAILED (what). Exit code 1 if any failed.
"""

import argparse
import csv
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from fault_matrix import Runs  # noqa: E402
from file_checks import fault_in  # noqa: E402
from scenarios import make, train  # noqa: E402

INFER = ["fer-infer", "person.mp4", "-m", "tiny", "--detector", "haar", "-o", "out/results", "-q"]


class Skipped(Exception):
    pass


def require(condition, text):
    if not condition:
        raise AssertionError(text)


def fresh(runs):
    shutil.rmtree(runs.out, ignore_errors=True)
    shutil.rmtree(f"{runs.out}.gone", ignore_errors=True)
    runs.out.mkdir()


def require_whole(folder):
    for path in folder.rglob("*"):
        if path.is_file():
            require(not path.name.startswith("."), f"{path} was left behind")
            require(not fault_in(path), f"{path}: {fault_in(path)}")


def require_error(done, *words):
    """One line, exit code 1."""
    lines = [line for line in done.stderr.splitlines() if line.startswith("error:")]
    require(done.returncode == 1 and len(lines) == 1, f"exit {done.returncode}: {done.stderr.strip()[-400:]}")
    for word in words:
        require(word in lines[0], f"'{word}' is not in: {lines[0]}")


def start(runs, command, **more):
    program, *arguments = command
    return subprocess.Popen([runs.options.bin / program, *arguments], cwd=runs.folder, text=True,
                            stdout=more.pop("stdout", subprocess.PIPE), stderr=subprocess.PIPE,
                            env={**runs.env, **more.pop("variables", {})}, **more)


def finish(process):
    out, err = process.communicate(timeout=900)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def read_only_folder(runs):
    """Root may write everywhere, unless it gives that right up."""
    fresh(runs)
    runs.out.chmod(0o555)
    bound = []
    if os.geteuid() == 0:
        bound = ["setpriv", "--bounding-set=-dac_override", "--inh-caps=-dac_override"]
        if shutil.which("setpriv") is None:
            raise Skipped("setpriv is missing")
        if subprocess.run([*bound, "touch", runs.out / "x"], capture_output=True).returncode == 0:
            raise Skipped("root cannot give up its rights here")
    for command in (train(), INFER, ["fer-export", "checkpoint/best.safetensors", "-o", "out/m.onnx"],
                    ["fer-data", "split", "-c", "base.yaml", "--set", "data.cache.folder=/tmp", "-o", "out/s.csv"],
                    ["fer-data", "synth", "-o", "out/faces"]):
        program, *arguments = command
        done = subprocess.run([*bound, runs.options.bin / program, *arguments], cwd=runs.folder, env=runs.env,
                              capture_output=True, text=True)
        require_error(done, "out", "Permission denied")
    require(not any(runs.out.iterdir()), "something was written")


def vanishing_folder(runs):
    """The output folder is moved away in the middle of the writes."""
    for command in (train("-o", "out/runs", "--set", "data.cache.folder=crops"), [*INFER, "--annotate"]):
        fresh(runs)
        _, calls = runs.traced(command)
        for share in (0.3, 0.6, 0.9):
            fresh(runs)
            opens = [site.number for site in calls if site.call == "open"]
            done, _ = runs.traced(command, (opens[int(share * len(opens))], "vanish"))
            require_error(done, "out", "No such file or directory")
            gone = Path(f"{runs.out}.gone")
            for path in gone.rglob("*"):
                if path.is_file() and not path.name.startswith(".") and ".part" not in str(path):
                    require(not fault_in(path), f"{path}: {fault_in(path)}")


def jumping_clock(runs):
    """Durations go by the monotonic clock: they are the same whatever the wall clock does."""
    fresh(runs)
    more = ["--set", "train.max_time=10m", "--set", "train.tensorboard=true"]
    began = time.monotonic()
    done = finish(start(runs, train(*more), variables={"LD_PRELOAD": runs.options.clock}))
    took = time.monotonic() - began
    require(done.returncode == 0, done.stderr)
    with open(runs.out / "runs/run/results.csv") as file:
        rows = list(csv.DictReader(file))
    require(len(rows) == 2, f"{len(rows)} epochs of 2: max_time went by the wall clock")
    for row in rows:
        require(0 <= float(row["seconds"]) <= took, f"an epoch of {row['seconds']} s in a run of {took} s")
        require(float(row["images_per_second"]) > 0, row["images_per_second"])
    require_whole(runs.out)
    done = finish(start(runs, INFER, variables={"LD_PRELOAD": runs.options.clock}))
    require(done.returncode == 0, done.stderr)
    require_whole(runs.out)


def two_trainings_at_once(runs):
    """They share the crops that one of them has made, and nothing else."""
    fresh(runs)
    both = [finish(one) for one in [start(runs, train("--seed", seed)) for seed in "12"]]
    require(all(one.returncode == 0 for one in both), "".join(one.stderr for one in both))
    seeds = {(runs.out / "runs" / name / "manifest.json").read_text().split('"seed": ')[1][:1]
             for name in ("run", "run-2")}
    require(seeds == {"1", "2"}, f"seeds {seeds} in two folders")
    require_whole(runs.out)
    require(len(list((runs.out / "crops").iterdir())) == 1, "more than one file of crops")


def two_resumed_at_once(runs):
    """The second is refused."""
    fresh(runs)
    first = start(runs, train("--epochs", "100000"))
    while first.poll() is None and not (runs.out / "runs/run/state.safetensors").exists():
        time.sleep(0.05)
    for command in (["fer-train", "--resume", "out/runs/run", "-q"], train("--exist-ok")):
        require_error(runs.call(command), "out/runs/run", "another process")
    first.terminate()
    require(finish(first).returncode == 143, "the first did not save and stop")
    require_whole(runs.out)


def two_analyses_at_once(runs):
    """Of one video into one folder: one writes, the other is refused (or came after it, and is told so)."""
    fresh(runs)
    both = [finish(one) for one in [start(runs, [*INFER, "--annotate"]) for _ in range(2)]]
    codes = sorted(one.returncode for one in both)
    require(codes in ([0, 1], [0, 2]), f"exit codes {codes}")
    loser = next(one for one in both if one.returncode != 0)
    require("out/results/person" in loser.stderr, loser.stderr)
    require_whole(runs.out)


def reader_goes_away(runs):
    """`fer-infer … | true`: the results are written all the same."""
    for command in (INFER, ["fer-data", "check", "faces", "--detectors", "none", "-o", "out/check"],
                    ["fer-data", "split", "-c", "base.yaml", "-o", "out/s.csv"], train()):
        fresh(runs)
        reading, writing = os.pipe()
        os.close(reading)
        process = start(runs, command, stdout=writing)
        os.close(writing)
        done = finish(process)
        require(done.returncode == 0 and "error" not in done.stderr, f"{command}: {done.returncode} {done.stderr}")
        require_whole(runs.out)
        require(any(runs.out.rglob("*.csv")), f"{command}: no results")


def full_standard_output(runs):
    """What cannot be printed is an error, and the files are there."""
    fresh(runs)
    with open("/dev/full", "w") as full:
        done = finish(start(runs, ["fer-data", "split", "-c", "base.yaml", "-o", "out/s.csv"], stdout=full))
    require_error(done, "standard output")
    require_whole(runs.out)


def memory_group(limit):
    """A cgroup with that limit, or None where none can be made."""
    for root, name in ((Path("/sys/fs/cgroup/memory"), "memory.limit_in_bytes"), (Path("/sys/fs/cgroup"), "memory.max")):
        group = root / f"fer-faults-{os.getpid()}"
        try:
            group.mkdir()
            (group / name).write_text(str(limit))
            return group
        except OSError:
            if group.exists():
                group.rmdir()
    return None


def two_gigabytes(runs):
    """A small training and a video fit, as they do with a quarter of it."""
    for limit in (2 << 30, 512 << 20):
        group = memory_group(limit)
        if group is None:
            raise Skipped("no cgroup can be made here")
        try:
            for command in (train(), INFER):
                fresh(runs)
                enter = lambda: (group / "cgroup.procs").write_text(str(os.getpid()))  # noqa: E731
                done = finish(start(runs, command, preexec_fn=enter))
                require(done.returncode == 0, f"{limit >> 20} MB: exit {done.returncode} {done.stderr}")
                require_whole(runs.out)
        finally:
            group.rmdir()


# What libraries say that end the process by themselves: GLib, OpenMP, and LibTorch while it is loaded.
ENDS_ITSELF = ("GLib-ERROR", "libgomp:", "terminate called after throwing an instance of 'std::bad_alloc'")


def too_little_memory(runs):
    """Memory that the system refuses ends a program with one line, and what was there stays."""
    fresh(runs)
    runs.must(INFER)
    before = {path: path.read_bytes() for path in runs.out.rglob("*") if path.is_file()}
    for command in (train("--set", "train.batch_size=4096", "--set", "input.size=512"), [*INFER, "--exist-ok"]):
        refused = 0
        for megabytes in (125, 150, 220):  # with less LibTorch does not come as far as main()
            limit = lambda: resource.setrlimit(resource.RLIMIT_DATA, (megabytes << 20, megabytes << 20))  # noqa: E731
            done = finish(start(runs, [*command, "-j", "1"], preexec_fn=limit))
            if done.returncode != 0:
                refused += 1
                if any(word in done.stderr for word in ENDS_ITSELF):
                    continue
                require(done.returncode > 0, f"{megabytes} MB: ended by signal {-done.returncode}: {done.stderr[-300:]}")
                require_error(done)
        require(refused, f"{command[0]} was never short of memory")
    for path, content in before.items():
        require(path.exists() and (path.read_bytes() == content or not fault_in(path)), f"{path} is not what it was")


def no_network(runs):
    """No program connects to another machine, and `fer-data fetch` only by HTTPS."""
    fresh(runs)
    for command in (train(), INFER, ["fer-data", "check", "faces", "--detectors", "none"],
                    ["fer-export", "checkpoint/best.safetensors", "-o", "out/m.onnx", "-q"],
                    ["fer-eval", "checkpoint/best.safetensors", "faces", "--part", "all", "-o", "out", "-q",
                     "--set", "data.allow_leakage=true"]):
        done, calls = runs.traced(command)
        require(done.returncode == 0, done.stderr)
        reached = [call.path for call in calls if call.call == "connect"]
        require(not reached, f"{command[0]} connects to {reached}")
    done, calls = runs.traced(["fer-data", "fetch", "mobilenet_v2", "--models-dir", "out/models", "--from",
                               "http://192.0.2.1/a.pth"])
    require_error(done, "http://192.0.2.1/a.pth")
    require(not any(call.call == "connect" for call in calls), "it connects without encryption")
    done, calls = runs.traced(["fer-data", "fetch", "mobilenet_v2", "--models-dir", "out/models", "--from",
                               "https://192.0.2.1/a.pth"])
    require_error(done, "https://192.0.2.1/a.pth")
    require([call.path for call in calls if call.call == "connect"] == ["192.0.2.1"], "the tracer sees no connection")


SITUATIONS = [read_only_folder, vanishing_folder, jumping_clock, two_trainings_at_once, two_resumed_at_once,
              two_analyses_at_once, reader_goes_away, full_standard_output, two_gigabytes, too_little_memory,
              no_network]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("--bin", "--tracer", "--clock"):
        parser.add_argument(name, type=lambda text: Path(text).resolve(), required=True)
    parser.add_argument("--only", nargs="*", help="these situations")
    options = parser.parse_args()
    failed = 0
    with tempfile.TemporaryDirectory(prefix="fer-situations-") as folder:
        runs = Runs(options, Path(folder))
        for what in ("faces", "video", "run"):
            make(runs, what)
        for situation in SITUATIONS:
            if options.only and situation.__name__ not in options.only:
                continue
            said = "ok"
            try:
                situation(runs)
            except Skipped as reason:
                said = f"skipped: {reason}"
            except AssertionError as error:
                failed += 1
                said = f"FAILED: {error}"
            print(f"{situation.__name__}: {said}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
