"""Writes tests/fuzz/corpus: for each fuzz target a few small files to begin with, of every kind it knows.

Needs Python alone: python3 tests/fuzz/make_corpus.py
"""

import io
import json
import pickle
import struct
import sys
import types
import zipfile
from collections import OrderedDict
from pathlib import Path

FOLDER = Path(__file__).parent / "corpus"
CLASSES = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"]


def write(target, name, content):
    path = FOLDER / target / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


def tables():
    write("csv", "quoted.csv", 'path,label\n"a, ""b""\n.png",happy\r\nc.png,\n')
    write("csv", "bom.csv", "\ufeffa,b\n1,2\n\n3,4")
    lists = {
        "samples.csv": "path,label,subject,split,age\na/1.png,happy,p1,train,30\nb/2.png,contempt,p2,PublicTest,\n",
        "fer2013.csv": "emotion,pixels,Usage\n0," + " ".join("7" for _ in range(48 * 48)) + ",Training\n3,1 2,PrivateTest\n",
        "split.csv": "path,split,fold\na/1.png,train,1\na/2.png,val,0\nb/1.png,unused,\n",
        "suspects.csv": "path,label,rank\na/1.png,angry,2\nx/a/2.png,happy,1\n1.png,angry,3\n",
        "by_path.csv": "path,subject,sex\na/1.png,AF01,F\nb/1.png,BF03,F\n",
        "by_subject.csv": "subject,age,ethnicity\nAF01,20,x\nBF02,,y\nAM35,40,z\n",
    }
    for name, text in lists.items():
        write("data_lists", name, text)
    write("layout", "votes.csv", "file,who,part,happy,sad,contempt,unsure\nlist,p1,train,5,1,0,2\nlist,p1,,0,3,0,0\nlist,p2,test,1,1,9,1\n")
    write("layout", "lines.txt", "list p1\nlist\n\nmissing.png p2\n")
    write("markers", "markers.csv", "video,start,end,condition\ntalk,0,12.5,baseline\n,12.5,1e3,task\n")
    write("coding_csv", "events.csv", "video,face_id,emotion,onset,offset\ntalk.mp4,0,happy,1.0,2.5\n,,unsure,3,4\n")
    write("coding_csv", "frames.csv", "id,frame,timestamp,face_id,emotion\n1,30,1.0,0,happy\n2,60,,,no face\n")
    names = ",".join(CLASSES)
    write("predictions", "test.csv", f"path,label,predicted,{names}\na.png,happy,happy,0,0,0,1,0,0,0\nb.png,,sad,.1,.1,.1,.1,.3,.2,.1\n")
    write("predictions", "sources.csv", "path,label,predicted,happy,sad,source\na.png,sad,happy,0.75,0.25,kdef\n")
    frames = "frame,timestamp,face_id,face_x,face_y,face_w,face_h,emotion,emotion_smoothed\n0,0,,,,,,,\n15,0.5,0,1,2,30,40,happy,sad\n15,0.5,1,1.5,2,30,40,uncertain,sad\n"
    write("video_results", "frames_and_events.txt", frames + "--\nface_id,emotion,onset,offset\n0,happy,0.5,1\n")


def file_names():
    for name in ["AF01ANS.JPG", "bm35sufr.jpg", "AM00HAS.jpg", "BF02", "Afraid", "PublicTest", "contempt", "a.tiff"]:
        write("file_name", name.lower().replace(".", "_"), name)
    write("name_pattern", "groups", "(?<label>AN|HA)(?<take>\\d+)(?<rest>.*)?\\.png\nout/{label}_{take}.txt\nfolder/HA12.png")
    write("name_pattern", "same_names", "(?:(?<n>\\d)a|(?<n>\\w+)b)\n{n}{n}\nxyzb")
    write("name_pattern", "utf8", "(?<person>\\p{L}+)-(?i:(?<x>é))\n{person}\nJürgen-É")
    write("name_pattern", "backtracking", "(?<a>(x+x+)+y)\n{a}\nxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")
    write("image_ending", "start.jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xda\x00\x08\x01\x01\x00\x00?\x00\x7f\xff\xd9")
    write("image_ending", "start.png", b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00....\x00\x00\x00\x00IEND")


def codings():
    short = 'File type = "ooTextFile"\nObject class = "TextGrid"\n\n0\n10\n<exists>\n2\n"IntervalTier"\n"face 0"\n0\n10\n2\n0\n4.5\n"happy"\n4.5\n10\n""\n"TextTier"\n"notes"\n0\n10\n1\n3\n"a ""note"""\n'
    write("coding_textgrid", "short.TextGrid", short)
    write("coding_textgrid", "utf16.TextGrid", short.encode("utf-16"))
    write("coding_textgrid", "long.TextGrid", 'File type = "ooTextFile"\nObject class = "TextGrid"\n\nxmin = 0\nxmax = 10\ntiers? <exists>\nsize = 1\nitem []:\n    item [1]:\n        class = "IntervalTier"\n        name = "emotion"\n        xmin = 0\n        xmax = 10\n        intervals: size = 1\n        intervals [1]:\n            xmin = 0\n            xmax = 10\n            text = "sad"\n')
    write("coding_eaf", "coding.eaf", """<?xml version="1.0" encoding="UTF-8"?>
<ANNOTATION_DOCUMENT><HEADER TIME_UNITS="milliseconds"><MEDIA_DESCRIPTOR RELATIVE_MEDIA_URL="./talk.mp4"/></HEADER>
<TIME_ORDER><TIME_SLOT TIME_SLOT_ID="ts1" TIME_VALUE="0"/><TIME_SLOT TIME_SLOT_ID="ts2" TIME_VALUE="1500"/></TIME_ORDER>
<TIER TIER_ID="face 0"><ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a1" TIME_SLOT_REF1="ts1" TIME_SLOT_REF2="ts2">
<ANNOTATION_VALUE>happy</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION></TIER><TIER TIER_ID="notes"/></ANNOTATION_DOCUMENT>
""")


def experiments():
    write("experiment", "small.yaml", "data: {sources: [{kind: kdef, root: faces}]}\n")
    write("experiment", "layout.yaml", "data:\n  sources:\n    - root: /data\n      map: {contempt: '-'}\n      kind: layout\n      layout: {pattern: '(?<label>[a-z]+)-(?<subject>\\d+)\\.jpg', fields: {e: x}, values: {label: {a: happy}}}\n  split: {method: kfold, folds: 5}\n  only: {angle: [S]}\n")
    write("experiment", "stages.yaml", "data:\n  sources: [{kind: csv, root: '${NOT_SET:-a.csv}'}, &b {kind: folder, root: b, weight: 2}]\n  bins: {age: [20, 40]}\ntrain:\n  epochs: 6\n  stages:\n    - {trainable: head, epochs: 2, lr: 1e-3, views: 2}\n    - {trainable: all, lr: 1e-4}\n  max_time: 2h\n  mix: {mixup: 0.2}\n")
    write("layout_file", "lines.yaml", "read: lines\nlists: [labels.txt]\npattern: '(?<_file>\\S+) (?<label>\\d)'\nimage: '{_file}'\nvalues: {label: {0: neutral, 3: happy}}\n")
    write("layout_file", "table.yaml", "read: table\nlists: [votes.csv]\ncolumns: {_file: file}\nimage: 'images/{_file}'\nvotes: {columns: [happy, sad], others: [unsure], min_votes: 2, majority: 0.5}\nsequence: {by: [_file], last: 3, first: 1}\n")
    write("sweep", "sweep.yaml", "name: backbones\nfolds: 2\nseeds: [1, 7]\nvary:\n  model.backbone: [mobilenet_v2, resnet18]\n")
    write("sweep", "stages.yaml", "seeds: 2\nvary:\n  train.stages: [[{lr: 1e-3}], [{trainable: head, epochs: 5}, {lr: 1e-4}]]\n  data.sources.0.root: [a/b, \"c d\"]\n")


def figures():
    return {"faces_counted": 2, "uncertain_frames": 0, "distribution": {"happy": 2, "sad": 0},
            "distribution_smoothed": {"happy": 1, "sad": 1}, "seconds_smoothed": {"happy": 0.5, "sad": 0.5},
            "transitions_smoothed": {"happy": {"sad": 1}}, "dominant_emotion": "happy", "dominant_share": 1.0,
            "mean_confidence": 0.9, "distribution_corrected": {"happy": 1, "sad": 1}, "dominant_emotion_corrected": None}  # fmt: skip


def run_folders():
    summary = {"video": "talk.mp4", "duration_seconds": 1.5, "frames_total": 45, "frames_sampled": 2,
               "frames_with_face": 2, "cuts": 1, "sample_fps": 2, "classes": ["happy", "sad"], "model": "m",
               "detector": "yunet", "smoothing": "s", "correction": "", "damaged": False, "run_key": "k",
               "warnings": ["w"], **figures(),
               "faces": [{"face_id": 0, "first_seen": 0.0, "last_seen": 0.5, **figures()}],
               "conditions": [{"condition": "task", "frames_sampled": 2, "frames_with_face": 2, **figures()}]}  # fmt: skip
    write("run_folder", "summary.json", json.dumps(summary))
    metrics = {"protocol": "p", "split": "test", "samples": 9, "accuracy": 0.5, "accuracy_ci95": [0.4, 0.6],
               "macro_f1": None, "ece": 0.1, "intervals": {"method": "bootstrap by subject", "accuracy": [0.3, 0.7]}}  # fmt: skip
    write("run_folder", "metrics.json", json.dumps(metrics))
    suspects = {"file": "", "sha256": "", "listed": 0, "dropped": 0, "other_parts": 0, "other_label": 0, "missing": 0}
    facts = {"method": "random", "folds": 0, "fold": 0, "subjects": 2, "shared_subjects": 0, "without_subject": 1,
             "not_in_file": 0, "excluded": 0, "leakage_allowed": True, "suspects": suspects,
             "samples": {"train": 3, "val": 1, "test": 1, "unused": 0},
             "leaks": [{"kind": "subject", "parts": ["train", "val"], "count": 1}]}  # fmt: skip
    manifest = {"version": "0.1.0", "libtorch": "2", "opencv": "4", "device": "cpu", "precision": "fp32", "seed": 1,
                "command": ["fer-train"], "started": "2024-01-01T00:00:00Z", "resumed": [], "split": "random",
                "split_facts": facts, "data_sha256": "", "weights": "random",
                "weights_sha256": "", "teachers": {}, "end": "finished", "best_epoch": 3}  # fmt: skip
    write("run_folder", "manifest.json", json.dumps(manifest))
    progress = {"stage": 0, "epoch_of_stage": 0, "batch": 0, "samples": 0, "updates": 0, "planned_epochs": 2,
                "stage_seconds": 0.0, "seconds": 0.0, "stage_deadline": 0.0, "rate_scale": 1.0, "rollbacks": 0,
                "bf16": False, "threads": 1, "finished": False, "data": "d", "best_epoch": 1, "calibration_method": 1,
                "temperature": 1.5, "scale": [], "bias": [], "end": "running",
                "epochs": [{"epoch": 1, "stage": 1, "lr": 0.1, "train_loss": 1.0, "train_accuracy": 0.5, "val_loss": 1.0,
                            "val_accuracy": 0.5, "val_macro_f1": 0.5, "images_per_second": 9.0, "seconds": 1.0}]}  # fmt: skip
    write("training_state", "progress.json", json.dumps(progress))


def metadata():
    preprocessing = {"detector": "haar", "min_face": 0.1, "min_score": 0, "target": "largest", "align": False,
                     "square": True, "margin": 0.2, "size": 224, "grey": False, "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]}  # fmt: skip
    values = {"format": "fer-checkpoint", "version": "5", "backbone": "mobilenet_v2", "width": "0.5",
              "classes": json.dumps(["happy", "sad"]), "preprocessing": json.dumps(preprocessing),
              "calibration": json.dumps({"method": "vector", "scale": [1, 1.5], "bias": [0, -1]}),
              "class_prior": "[0.25, 0.75]", "trained_on": "kdef", "epoch": "12"}  # fmt: skip
    lines = lambda values: "\n".join(f"{key}={value}" for key, value in values.items())
    write("checkpoint_metadata", "version5", lines(values))
    old = {key: preprocessing[key] for key in ("detector", "min_face", "margin", "size", "grey", "mean", "std")}
    write("checkpoint_metadata", "version1", lines({**values, "version": "1", "preprocessing": json.dumps(old), "temperature": "1.5"}))
    return values


def varint(number):
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(out + bytes([number]))


def field(number, content):
    if isinstance(content, int):
        return varint(number << 3) + varint(content)
    if isinstance(content, float):
        return varint(number << 3 | 5) + struct.pack("<f", content)
    content = content.encode() if isinstance(content, str) else content
    return varint(number << 3 | 2) + varint(len(content)) + content


def onnx_files(values):
    entries = b"".join(field(14, field(1, key) + field(2, value)) for key, value in {**values, "input": "rgb8"}.items())
    limit = lambda name, value: field(5, field(2, 1) + field(9, struct.pack("<f", value)) + field(8, name))
    clip = field(1, field(1, "x") + field(1, "low") + field(1, "high") + field(2, "y") + field(4, "Clip"))
    other = field(1, field(1, "y") + field(2, "z") + field(4, "Relu") + field(5, field(1, "alpha") + field(2, 0.5) + field(20, 1)))
    graph = clip + other + limit("low", 0.0) + limit("high", 6.0) + field(2, "graph")
    write("onnx_message", "clip.onnx", field(1, 8) + field(7, graph) + field(8, field(2, 17)) + entries)


def tensor(dtype, shape, begin, end):
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


def safetensors(header, data):
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def weights():
    header = {"__metadata__": {"format": "pt"}, "a": tensor("F32", [2, 2], 0, 16), "b.bias": tensor("I64", [1], 16, 24),
              "flags": tensor("BOOL", [2], 24, 26), "none": tensor("BF16", [0, 3], 26, 26)}  # fmt: skip
    write("safetensors", "four.safetensors", safetensors(header, bytes(24) + b"\1\0"))
    write("safetensors", "empty.safetensors", safetensors({}, b""))


class Storage:
    def __init__(self, key, kind, count):
        self.id = ("storage", kind, key, "cpu", count)


def torch_modules():
    """Python names as torch.save writes them, without torch."""
    torch, utils = types.ModuleType("torch"), types.ModuleType("torch._utils")

    def make(module, name):
        made = type(name, (), {"__module__": module.__name__}) if name.endswith("Storage") else lambda *_: None
        made.__module__, made.__qualname__, made.__name__ = module.__name__, name, name
        setattr(module, name, made)
        return made

    sys.modules.update({"torch": torch, "torch._utils": utils})
    return make(torch, "FloatStorage"), make(torch, "LongStorage"), make(utils, "_rebuild_tensor_v2")


class Tensor:
    def __init__(self, rebuild, *arguments):
        self.rebuild, self.arguments = rebuild, arguments

    def __reduce__(self):
        return self.rebuild, self.arguments


def pickled(thing, protocol=2):
    out = io.BytesIO()
    pickler = pickle.Pickler(out, protocol)
    pickler.persistent_id = lambda item: item.id if isinstance(item, Storage) else None
    pickler.dump(thing)
    return out.getvalue()


def archive(members, method):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as made:
        for name, content in members.items():
            made.writestr(zipfile.ZipInfo(name), content, method)
    return out.getvalue()


def torch_files():
    floats, longs, rebuild = torch_modules()
    first, second = Storage("0", floats, 4), Storage("1", longs, 1)
    view = lambda storage, offset, sizes, strides: Tensor(rebuild, storage, offset, sizes, strides, False, OrderedDict())
    state = OrderedDict(weight=view(first, 0, (2, 2), (1, 2)), row=view(first, 2, (2,), (1,)), counter=view(second, 0, (), ()))
    for protocol in (2, 4):
        write("pickle", f"state_protocol{protocol}.pkl", pickled(state, protocol))
    write("pickle", "values.pkl", pickled({"lr": 0.5, "n": [None, True, -7, 2**70, b"x"], "t": (1, 2, 3, 4)}, 4))
    data = {"x/data.pkl": pickled({"state_dict": state, "epoch": 3}), "x/byteorder": b"little",
            "x/data/0": struct.pack("<4f", 1, 2, 3, 4), "x/data/1": struct.pack("<q", 9)}  # fmt: skip
    stored, deflated = archive(data, zipfile.ZIP_STORED), archive(data, zipfile.ZIP_DEFLATED)
    for target in ("zip", "pth"):
        write(target, "stored.pth", stored)
        write(target, "deflated.pth", deflated)
    system = {"protocol_version": 1001, "little_endian": True, "type_sizes": {"short": 2, "int": 4, "long": 4}}
    legacy = [pickled(part) for part in (0x1950A86A20F9469CFC6C, 1001, system, state, ["0", "1"])]
    storages = struct.pack("<q4f", 4, 1, 2, 3, 4) + struct.pack("<qq", 1, 9)
    write("pth", "legacy.pth", b"".join(legacy) + storages)


def main():
    tables()
    file_names()
    codings()
    experiments()
    run_folders()
    onnx_files(metadata())
    weights()
    torch_files()


if __name__ == "__main__":
    main()
