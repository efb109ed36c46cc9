"""What the fault matrix runs: each program as small as it gets, over an older result in out/."""

from dataclasses import dataclass, field

EXPERIMENT = """\
experiment: {name: run, output: out/runs}
data:
  sources: [{kind: kdef, root: faces}]
  split: {method: subject, val: 0.34}
  cache: {folder: out/crops}
face: {detector: none}
input: {size: 32}
model: {backbone: mobilenet_v2, width: 0.35, weights: none}
train: {epochs: 2, batch_size: 16, save_every: 0}
"""

SWEEP = "seeds: 1\nvary: {model.dropout: [0, 0.5]}\n"


@dataclass
class Scenario:
    name: str
    before: list  # commands that make the older result
    command: list
    killed_after: str = ""  # what makes it is killed when it has written this file
    again: list = None  # what succeeds after a fault; otherwise the same command
    may_be_missing: str = r"^$"  # of the old files, while the result is replaced
    may_appear: str = r"^$"  # what a run without faults does not have
    ignored: str = r"^$"  # what may stay behind, hidden
    exit_code: int = 1  # of an error
    quick: int = 0  # runs in the quick matrix
    needs: tuple = field(default=())  # "faces", "video", "run"

    def __post_init__(self):
        self.again = self.again or [self.command]


def train(*more):
    return ["fer-train", "-c", "base.yaml", "-q", *more]


def all_scenarios():
    infer = ["fer-infer", "person.mp4", "-m", "tiny", "--detector", "haar", "-o", "out/results", "-q"]
    over = [*infer, "--annotate", "--exist-ok", "--sample-fps", "5"]
    shard = [*infer, "second.mp4", "--shard"]
    best = "checkpoint/best.safetensors"
    written = ["--exist-ok", "-q"]
    judged = ["faces", "--part", "all", "--set", "data.allow_leakage=true", "-o", "out", "--name", "e", "-q"]
    state = r"state\.safetensors$|epoch-\d+\.safetensors$|\.fer$"
    tensorboard = ["--set", "train.tensorboard=true", "--set", "train.keep_best=2"]

    def export(name, *more):
        command = ["fer-export", best, "-o", f"out/{name}", *more, *written]
        other = ["fer-export", "other/best.safetensors", "-o", f"out/{name}", *more, "-q"]
        return Scenario(f"fer-export {name}", [other], command, needs=("run",), quick=6 if name == "m.onnx" else 0)

    return [
        Scenario("fer-infer", [infer], over, may_be_missing=r"summary\.json$", needs=("video",), quick=8),
        Scenario("fer-infer --merge", [[*shard, "1/2"], [*shard, "2/2"]],
                 ["fer-infer", "--merge", "out/results", "-q"], needs=("video",)),
        Scenario("fer-train", [train(*tensorboard, "--seed", "1")], train(*tensorboard, "--exist-ok"),
                 again=[train(*tensorboard, "--exist-ok"), train(*tensorboard, "--resume")],
                 may_be_missing=state, needs=("faces",)),
        Scenario("fer-train --resume", [train(*tensorboard)], ["fer-train", "--resume", "out/runs/run", "-q"],
                 killed_after="runs/run/state.safetensors", may_be_missing=r"epoch-\d+\.safetensors$|\.fer$", needs=("faces",)),
        Scenario("fer-train --folds", [train("--folds", "2", "--epochs", "1", "--seed", "1")],
                 train("--folds", "2", "--epochs", "1", "--exist-ok"), may_be_missing=state, needs=("faces",)),
        Scenario("fer-train --grid", [],
                 ["fer-train", "--grid", "sweep.yaml", "-c", "base.yaml", "--epochs", "1", "--resume", "-q"],
                 may_appear=r"failed\.csv$", exit_code=4, needs=("faces",)),
        Scenario("fer-eval", [["fer-eval", best, *judged]],
                 ["fer-eval", "other/best.safetensors", *judged, "--exist-ok"],
                 needs=("run",)),
        export("m.onnx"),
        export("m.pth", "--half"),
        export("m.safetensors", "--half"),
        export("m8.safetensors", "--to", "int8", "--calibrate", "faces"),
        Scenario("fer-data synth", [],
                 ["fer-data", "synth", "--subjects", "2", "--sessions", "1", "--angles", "S", "-j", "1", "-o",
                  "out/drawn", "-q"],
                 again=[["fer-data", "check", "faces", "-q", "--detectors", "none"]], ignored=r"^drawn/",
                 needs=("faces",)),
        Scenario("fer-data synth --video", [["fer-data", "synth", "--video", "out/v.mp4", "--video-segments", "sad",
                                             "--video-size", "64x64", "--segment-seconds", "1", "-q"]],
                 ["fer-data", "synth", "--video", "out/v.mp4", "--video-segments", "happy,sad", "--video-size",
                  "64x64", "--segment-seconds", "1", "-q"]),
        Scenario("fer-data split", [["fer-data", "split", "-c", "base.yaml", "-o", "out/s.csv", "-q"]],
                 ["fer-data", "split", "-c", "base.yaml", "--set", "data.split.seed=7", "-o", "out/s.csv", *written],
                 needs=("faces",), quick=6),
        Scenario("fer-data check", [["fer-data", "check", "faces", "--detectors", "none", "-o", "out/check", "-q"]],
                 ["fer-data", "check", "faces", "--detectors", "none", "--examples", "2", "-o", "out/check", *written],
                 needs=("faces",)),
        Scenario("fer-bench", [["fer-bench", "model", "mobilenet_v2", "--size", "32", "--json", "out/b.json", "-q"]],
                 ["fer-bench", "model", "mobilenet_v2", "--size", "32", "--json", "out/b.json", "-q"]),
    ]


def make(runs, what):
    """Makes what scenarios start from, once."""
    folder = runs.folder
    synth = ["fer-data", "synth", "-q"]
    if what == "faces" and not (folder / "faces").exists():
        runs.must([*synth, "--subjects", "6", "--sessions", "1", "--angles", "S", "-o", "faces"])
        (folder / "base.yaml").write_text(EXPERIMENT)
        (folder / "sweep.yaml").write_text(SWEEP)
    if what == "video" and not (folder / "second.mp4").exists():
        for name, seconds in (("person.mp4", "happy,none,sad"), ("second.mp4", "neutral")):
            runs.must([*synth, "--video", name, "--video-segments", seconds, "--segment-seconds", "1",
                       "--video-fps", "10", "--video-size", "160x120"])
    if what == "run" and not (folder / "other").exists():
        make(runs, "faces")
        runs.out.mkdir(exist_ok=True)
        for name, seed in (("checkpoint", "1"), ("other", "2")):
            runs.must(train("--epochs", "1", "--seed", seed, "-o", ".", "--name", name))


def scenarios(runs, only):
    chosen = [one for one in all_scenarios() if not only or one.name in only]
    for scenario in chosen:
        for what in scenario.needs:
            make(runs, what)
    return chosen
