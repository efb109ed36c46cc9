#!/usr/bin/env python3
"""Runs the programs with every kind of fault at their writes and looks at what is left (docs/faults.md).

    fault_matrix.py --bin build/bin --tracer build/tests/fer_fault_tracer [--quick] [--only NAME...] [--most N]
                    [--page docs/faults.md]

Each scenario writes over an older result. A first run under the tracer lists its writes; then, for each distinct
(file, call), the faults that can happen there are made to happen, one a run. After each run
  - every visible file is byte for byte the old one, or a new one that is whole,
  - an error is one line that names a file and the system's reason, and the exit code is 1 (a sweep's is 4),
  - what a program can ride out (short writes, interrupted calls) does not show,
  - the same command then succeeds, nothing half-written is left and nothing is missing.
Exit code: 0 if all of it holds, 1 if not, 77 if this system does not let processes be traced.
"""

import argparse
import collections
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from file_checks import fault_in  # noqa: E402
from scenarios import all_scenarios, scenarios  # noqa: E402

MARK = "<!-- The rest comes from tools/fault_matrix.sh. -->\n"

REASONS = ("No space left on device", "Input/output error", "is the disk full?")

# What can happen at a call. `enospc` and `eio` last, `eio-once` passes.
FAULTS = {
    "write": ["short", "eintr", "enospc", "eio-once", "kill-after"],
    "open": ["enospc", "eio", "kill-after"],
    "fsync": ["eintr", "enospc", "eio-once", "kill-after"],
    "rename": ["eio-once", "kill-before", "kill-after"],
    "fallocate": ["eintr", "enospc"],
    "mkdir": ["enospc", "kill-after"],
    "unlink": ["eio-once", "kill-before", "kill-after"],
    "ftruncate": ["eio-once"],
    "close": ["eio-once"],
}
FAULTS["pwrite"] = FAULTS["writev"] = FAULTS["write"]
HARMLESS = ("short", "eintr")


@dataclass
class Site:
    number: int
    call: str
    path: str  # what changes from run to run is *


@dataclass
class Outcome:
    said: str = ""  # in a word or two
    wrong: list = field(default_factory=list)


def pattern_of(path):
    """The file a call is about, whatever process it is and in which second."""
    path = re.sub(r"(^|/)\.([^/]+?)\.tmp(-\d+)?$", r"\1\2", path)
    path = re.sub(r"(^|/)\.([^/]+?)\.part(?=/|$)", r"\1\2", path)
    path = re.sub(r"\.scratch-[0-9a-f]+", "", path)
    path = re.sub(r"[0-9a-f]{64}", "*", path)
    path = re.sub(r"tfevents\.[^/]*\.fer", "tfevents.*", path)
    path = re.sub(r"epoch-\d+", "epoch-*", path)
    return re.sub(r"A[FM]\d\d/A[FM]\d\d[^/]*\.JPG", "*.JPG", re.sub(r"/A[FM]\d\d$", "/*", path))


class Runs:
    def __init__(self, options, folder):
        self.options = options
        self.folder = folder  # faces, videos and configurations; the results go to out/
        self.out = folder / "out"
        self.env = dict(os.environ, OMP_NUM_THREADS="1", XDG_CACHE_HOME=str(folder / "cache"), NO_COLOR="1")

    def call(self, command, tracer=()):
        program, *arguments = command
        run = [*map(str, tracer), str(self.options.bin / program), *arguments]
        return subprocess.run(run, cwd=self.folder, env=self.env, capture_output=True, text=True, timeout=900)

    def must(self, command):
        done = self.call(command)
        if done.returncode != 0:
            sys.exit(f"{' '.join(command)}: exit code {done.returncode}\n{done.stderr}")

    def traced(self, command, fault=()):
        """The finished process, and all calls."""
        log = self.folder / "calls.tsv"
        done = self.call(command, [self.options.tracer, self.out, log, *fault, "--"])
        rows = [line.split("\t") for line in log.read_text().splitlines()]
        return done, [Site(int(number), call, path) for number, call, path in rows]

    def restore(self, old):
        shutil.rmtree(self.out, ignore_errors=True)
        shutil.copytree(old, self.out)

    def files(self):
        return {p.relative_to(self.out).as_posix(): p for p in sorted(self.out.rglob("*")) if p.is_file()}


def is_hidden(name):
    return any(part.startswith(".") for part in Path(name).parts) or ".scratch-" in name


def choose_sites(calls):
    """The first and the last of each distinct (file, call), in order."""
    first, last = {}, {}
    for site in calls:
        key = (pattern_of(site.path), site.call)
        first.setdefault(key, site)
        last[key] = site
    chosen = {site.number: site for site in [*first.values(), *last.values()]}
    return [chosen[number] for number in sorted(chosen)]


def evenly(tries, most):
    """So many of them, or all for 0."""
    if not most or most >= len(tries):
        return tries
    return [tries[i * len(tries) // most] for i in range(most)]


def look_over(runs, scenario, old, new, outcome):
    files = runs.files()
    for name, path in files.items():
        if is_hidden(name):
            continue
        before = old / name
        if before.is_file() and before.read_bytes() == path.read_bytes():
            continue
        if pattern_of(name) not in new and not re.search(scenario.may_appear, name):
            outcome.wrong.append(f"{name}: a file that no complete run has")
        elif fault := fault_in(path):
            outcome.wrong.append(f"{name}: neither old nor whole ({fault})")
    for path in old.rglob("*"):
        name = path.relative_to(old).as_posix()
        gone = path.is_file() and name not in files
        if gone and not re.search(scenario.may_be_missing, name):
            outcome.wrong.append(f"{name}: gone")
    return [name for name in files if is_hidden(name)]


def require_all(runs, new, outcome):
    missing = new - {pattern_of(name) for name in runs.files()}
    outcome.wrong += [f"{name}: missing after a run that succeeded" for name in sorted(missing)]


def judge_end(scenario, done, fault, outcome):
    """Of several runs each that fails has its error in a line of its own."""
    errors = [line for line in done.stderr.splitlines() if "error: " in line]
    if fault.startswith("kill"):
        outcome.said = "killed" if done.returncode == 137 else f"exit {done.returncode}"
    elif done.returncode == 0:
        outcome.said = "went on"
    elif fault in HARMLESS:
        outcome.said = f"exit {done.returncode}"
        outcome.wrong.append(f"exit {done.returncode} for {fault}: {done.stderr.strip()[-300:]}")
    else:
        outcome.said = f"error, exit {done.returncode}"
        if done.returncode not in (1, scenario.exit_code) or not errors or len(errors) > 1 and scenario.exit_code == 1:
            outcome.wrong.append(f"exit {done.returncode}, {len(errors)} error lines: {done.stderr[-300:]}")
        for error in errors:
            if not any(reason in error for reason in REASONS) or "/" not in error:
                outcome.wrong.append(f"says neither where nor why: {error}")
    if "terminate called" in done.stderr or done.returncode in (134, 139):
        outcome.wrong.append(f"crashed: {done.stderr[-300:]}")


def inject(runs, scenario, old, new, site, fault):
    runs.restore(old)
    done, _ = runs.traced(scenario.command, (site.number, fault))
    outcome = Outcome()
    judge_end(scenario, done, fault, outcome)
    left = look_over(runs, scenario, old, new, outcome)
    if left and not fault.startswith("kill") and fault not in ("eio", "enospc") and site.call != "unlink":
        outcome.wrong.append(f"left behind: {', '.join(left)}")
    if done.returncode == 0:
        require_all(runs, new, outcome)
    if done.returncode == 0 or fault in ("eio-once", "eio") and runs.options.quick:
        return outcome
    for command in scenario.again:
        again = runs.call(command)
        if again.returncode != 0:
            outcome.wrong.append(f"{' '.join(command)}: {again.returncode} {again.stderr.strip()[-300:]}")
    if scenario.command in scenario.again:
        require_all(runs, new, outcome)
    left = [name for name in look_over(runs, scenario, old, new, outcome) if not re.search(scenario.ignored, name)]
    if left:
        outcome.wrong.append(f"still there after the next run: {', '.join(left)}")
    return outcome


def make_old(runs, scenario):
    if not scenario.killed_after:
        for command in scenario.before:
            runs.must(command)
        return
    (command,) = scenario.before
    _, calls = runs.traced(command)
    renames = [site.number for site in calls if (site.call, site.path) == ("rename", scenario.killed_after)]
    shutil.rmtree(runs.out)
    runs.out.mkdir()
    runs.traced(command, (renames[0], "kill-after"))


def run_scenario(runs, scenario):
    """[(site, fault, outcome)]"""
    shutil.rmtree(runs.out, ignore_errors=True)
    runs.out.mkdir()
    make_old(runs, scenario)
    old = runs.folder / "old"
    shutil.rmtree(old, ignore_errors=True)
    shutil.copytree(runs.out, old)
    done, calls = runs.traced(scenario.command)
    if done.returncode != 0:
        sys.exit(f"{scenario.name}: exit code {done.returncode} without a fault\n{done.stderr}")
    new = {pattern_of(name) for name in runs.files()}
    sites = [site for site in choose_sites(calls) if site.call != "connect"]
    tries = [(site, fault) for site in sites for fault in FAULTS[site.call]]
    most = scenario.quick if runs.options.quick else runs.options.most
    chosen = evenly(tries, most)
    print(f"{scenario.name}: {len(calls)} calls, {len(chosen)} of {len(tries)} faults", file=sys.stderr, flush=True)
    found = []
    for site, fault in chosen:
        outcome = inject(runs, scenario, old, new, site, fault)
        found.append((site, fault, outcome))
        for wrong in outcome.wrong:
            print(f"{scenario.name} {fault} at {site.number} {site.call} {site.path}: {wrong}", flush=True)
    return f"{len(calls)} calls, {len(found)} of {len(tries)} faults", found


def table_of(scenario, counts, found):
    """Files down, faults across; a cell lists the outcomes there."""
    faults = ("short", "eintr", "enospc", "eio-once", "eio", "kill-before", "kill-after")
    cells = collections.defaultdict(collections.Counter)
    for site, fault, outcome in found:
        said = "**wrong**" if outcome.wrong else outcome.said
        cells[pattern_of(site.path), fault][said] += 1
    rows = [f"### {scenario.name}\n", f"`{' '.join(scenario.command)}`: {counts}\n"]
    rows += ["| file | " + " | ".join(faults) + " |", "|" + "---|" * (len(faults) + 1)]
    for path in dict.fromkeys(pattern_of(site.path) for site, _, _ in found):
        texts = []
        for fault in faults:
            counts = cells[path, fault]
            texts.append(", ".join(f"{n} × {said}" if n > 1 else said for said, n in counts.items()))
        rows.append(f"| `{path}` | " + " | ".join(texts) + " |")
    return "\n".join(rows) + "\n"


def put_into(page, tables):
    """Each scenario's section of the page anew; the others stay."""
    text, _, matrix = page.read_text().partition(MARK)
    sections = {section.split("\n")[0]: section for section in re.split(r"^### ", matrix, flags=re.M)[1:]}
    for table in tables:
        section = table.removeprefix("### ")
        sections[section.split("\n")[0]] = section
    names = [scenario.name for scenario in all_scenarios() if scenario.name in sections]
    page.write_text(text + MARK + "\n" + "\n".join("### " + sections[name].rstrip("\n") + "\n" for name in names))


def can_trace(options):
    with tempfile.TemporaryDirectory() as folder:
        return subprocess.run([options.tracer, folder, f"{folder}/log", "--", "true"], capture_output=True).returncode == 0


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=lambda text: Path(text).resolve(), required=True)
    parser.add_argument("--tracer", type=lambda text: Path(text).resolve(), required=True)
    parser.add_argument("--quick", action="store_true", help="a few runs of some scenarios")
    parser.add_argument("--only", nargs="*", help="these scenarios")
    parser.add_argument("--most", type=int, default=0, help="so many faults of a scenario, evenly spread")
    parser.add_argument("--page", type=Path, help="put the tables into this page")
    parser.add_argument("--into", type=Path, help="work in this folder, which stays")
    return parser.parse_args()


def main():
    options = parse()
    if not can_trace(options):
        print("this system does not let processes be traced (ptrace)")
        return 77
    with tempfile.TemporaryDirectory(prefix="fer-faults-") as temporary:
        folder = (options.into or Path(temporary)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        runs = Runs(options, folder)
        tables, tried, wrong = [], 0, 0
        made = scenarios(runs, options.only)
        for scenario in made:
            if options.quick and not scenario.quick:
                continue
            counts, found = run_scenario(runs, scenario)
            tables.append(table_of(scenario, counts, found))
            tried += len(found)
            wrong += sum(bool(outcome.wrong) for _, _, outcome in found)
            if options.page:
                put_into(options.page, tables)
        print(f"{tried} faults in {len(tables)} scenarios, {wrong} of them with something wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
