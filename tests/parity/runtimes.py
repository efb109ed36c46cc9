#!/usr/bin/env python3
"""Whether a model that fer-export wrote says in other runtimes what it says in Python PyTorch: a table of the largest
differences for each backbone.

    tests/parity/runtimes.py [IMAGES] [--backbones NAME,…] [--size 96] [--bin build/bin] [--quantised FILE]

IMAGES is a folder of face crops, or of folders of them, of which 16 are taken and resized; otherwise faces are drawn. Each network gets random weights, and
its BatchNorms the statistics of these crops and biases of 2, which keep values where activations are straight: without
training, only then do small errors stay small. It goes out as a checkpoint and comes back from fer-export
    as .pth      which torch.load(weights_only=True) and torchvision's or timm's own class have to load strictly,
    as ONNX      which ONNX Runtime and, where they are installed, OpenCV of Python and OpenVINO run,
    as ONNX with --probabilities --images, run by ONNX Runtime on the crops' bytes,
and fer-eval reads the same crops. fer-export itself says how far the distribution's OpenCV is off. Logits have to agree
to 1e-4 of the largest (at least of 1), probabilities to 1e-4.

--quantised FILE: a checkpoint of --to int8 instead of all that; the labels that ONNX Runtime and fer-eval give.

Needs torch, numpy, onnxruntime and, installed with --no-deps, torchvision and timm (only their Python is used), with
timm's own needs pyyaml, huggingface_hub and safetensors; opencv-python-headless. Without them it says so and ends with
77, which CTest counts as skipped.
"""

import argparse
import csv
import importlib.machinery
import json
import re
import subprocess
import sys
import tempfile
import types
from pathlib import Path

try:
    import cv2
    import numpy as np
    import onnxruntime
    import torch

    sys.modules["torchvision._meta_registrations"] = types.ModuleType("torchvision._meta_registrations")
    sys.modules["torchvision._meta_registrations"].__spec__ = importlib.machinery.ModuleSpec("meta", None)
    import timm
    import torchvision
except ImportError as error:
    print(f"parity: skipped: {error}")
    sys.exit(77)
try:
    import openvino
except ImportError:
    openvino = None

REPOSITORY = Path(__file__).resolve().parents[2]
CLASSES = ["angry", "disgust", "fear", "happy", "neutral", "sad", "surprise"]
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
TEMPERATURE = 1.5
TOLERANCE = 1e-4
BACKBONES = ["mobilenet_v2", "mobilenet_v3_small", "mobilenet_v3_large", "efficientnet_b0", "efficientnet_b1",
             "efficientnet_b2", "efficientnet_b3", "efficientnet_b4", "efficientnet_lite0", "vit_tiny_patch16",
             "vit_small_patch16", "vit_base_patch16", "resnet18", "resnet50"]


def definition(name, size):
    """Of those who published the network."""
    if name.startswith("vit"):
        return timm.create_model(name + "_224", num_classes=len(CLASSES), img_size=size)
    if name == "efficientnet_lite0":
        return timm.create_model(name, num_classes=len(CLASSES))
    return getattr(torchvision.models, name)(num_classes=len(CLASSES))


def settled(name, images):
    torch.manual_seed(1)
    model = definition(name, images.shape[2])
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = 1.0
            torch.nn.init.constant_(module.bias, 2)
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    head = [module for module in model.modules() if isinstance(module, torch.nn.Linear)][-1]
    torch.nn.init.normal_(head.weight, std=3 / head.in_features**0.5)
    with torch.no_grad():
        model.train()(images)
    return model.eval()


def write_checkpoint(path, name, model, size):
    tensors = {key: value.contiguous() for key, value in model.state_dict().items()}
    preprocessing = {"detector": "none", "min_face": 0.1, "min_score": 0, "target": "largest", "align": False,
                     "square": True, "margin": 0, "size": size, "grey": False, "mean": MEAN, "std": STD}
    header = {"__metadata__": {"format": "fer-checkpoint", "version": "5", "backbone": name, "width": "1",
                               "classes": json.dumps(CLASSES), "preprocessing": json.dumps(preprocessing),
                               "calibration": json.dumps({"method": "temperature", "temperature": TEMPERATURE}),
                               "class_prior": "[]", "trained_on": "nothing", "epoch": "0"}}
    data, types_of = b"", {torch.float32: "F32", torch.int64: "I64"}
    for key, value in tensors.items():
        content = value.numpy().tobytes()
        header[key] = {"dtype": types_of[value.dtype], "shape": list(value.shape),
                       "data_offsets": [len(data), len(data) + len(content)]}
        data += content
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)


def crops_of(folder, size, count=16):
    files = sorted(path for path in Path(folder).rglob("*") if path.suffix.lower() in (".png", ".jpg", ".jpeg"))
    if not files:
        sys.exit(f"{folder}: holds no images")
    chosen = files[:: max(1, len(files) // count)][:count]
    return np.stack([cv2.resize(cv2.imread(str(path))[:, :, ::-1], (size, size), interpolation=cv2.INTER_AREA)
                     for path in chosen])


def normalised(crops):
    values = (crops.astype(np.float32) / 255 - np.float32(MEAN)) / np.float32(STD)
    return np.ascontiguousarray(values.transpose(0, 3, 1, 2))


def run(*arguments):
    result = subprocess.run([str(argument) for argument in arguments], capture_output=True, text=True)
    if result.returncode != 0:
        raise RuntimeError(f"{arguments[0]} {arguments[1]}: {result.stderr.strip()}")
    return result.stdout


def in_onnxruntime(path, images):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    properties = session.get_modelmeta().custom_metadata_map
    assert json.loads(properties["classes"]) == CLASSES, properties
    return session.run(None, {"images": images})[0]


def in_opencv(path, images):
    net = cv2.dnn.readNetFromONNX(str(path))
    rows = []
    for image in images:
        net.setInput(image[None])
        rows.append(net.forward()[0].copy())
    return np.stack(rows)


def in_openvino(path, images):
    compiled = openvino.Core().compile_model(str(path), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    return next(iter(compiled(images).values()))


def in_fer_eval(programs, model, crops, folder):
    """The probabilities of each crop, which are made images of the first class for the purpose."""
    faces = folder / "faces" / CLASSES[0]
    faces.mkdir(parents=True, exist_ok=True)
    for i, crop in enumerate(crops):
        cv2.imwrite(str(faces / f"{i:03}.png"), crop[:, :, ::-1])
    run(programs / "fer-eval", model, faces.parent, "--kind", "folder", "--part", "all", "-o", folder / "evaluations",
        "--name", model.stem, "--exist-ok", "--set", "data.cache.keep=false")
    with open(folder / "evaluations" / model.stem / "predictions.csv", newline="") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: Path(row["path"]).name)
    return np.array([[float(row[name]) for name in CLASSES] for row in rows])


def softmax(logits):
    e = np.exp(logits - logits.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def compare(name, crops, programs, folder):
    """The largest logit, and the largest difference of each runtime; None: not installed."""
    images = normalised(crops)
    checkpoint = folder / f"{name}.safetensors"
    write_checkpoint(checkpoint, name, settled(name, torch.from_numpy(images)), images.shape[2])
    export = programs / "fer-export"
    run(export, checkpoint, "-o", folder / "model.pth", "--exist-ok")
    said = run(export, checkpoint, "-o", folder / "model.onnx", "--exist-ok")
    run(export, checkpoint, "-o", folder / "whole.onnx", "--exist-ok", "--probabilities", "--images")

    model = definition(name, images.shape[2])
    model.load_state_dict(torch.load(folder / "model.pth", weights_only=True), strict=True)
    with torch.no_grad():
        expected = model.eval()(torch.from_numpy(images)).numpy()
    probabilities = softmax(expected / TEMPERATURE)
    far = lambda found, wanted: float(np.abs(found - wanted).max())
    result = {
        "logits": float(np.abs(expected).max()),
        "ONNX Runtime": far(in_onnxruntime(folder / "model.onnx", images), expected),
        "OpenCV (fer-export)": float(re.search(r"differ by ([\d.e+-]+)", said)[1]),
        f"OpenCV {cv2.__version__}": far(in_opencv(folder / "model.onnx", images), expected),
        "OpenVINO": far(in_openvino(folder / "model.onnx", images), expected) if openvino else None,
        "whole": far(in_onnxruntime(folder / "whole.onnx", crops), probabilities),
        "fer-eval": far(in_fer_eval(programs, checkpoint, crops, folder), probabilities),
    }
    checkpoint.unlink()
    return result


def compare_all(arguments, crops):
    failed = False
    with tempfile.TemporaryDirectory() as temporary:
        for number, name in enumerate(arguments.backbones.split(",")):
            result = compare(name, crops, arguments.bin, Path(temporary))
            if number == 0:
                print(f"| backbone | largest logit | {' | '.join(list(result)[1:5])} | probabilities, images: ONNX Runtime "
                      "| probabilities: fer-eval |\n|---|" + "---|" * 7)
            cells = ["-" if value is None else f"{value:.1e}" for value in list(result.values())[1:]]
            print(f"| {name} | {result['logits']:.1f} | {' | '.join(cells)} |", flush=True)
            for runtime, value in list(result.items())[1:]:
                if runtime == "OpenCV (fer-export)":  # on drawn faces; it has refused what is too much
                    continue
                limit = TOLERANCE if runtime in ("whole", "fer-eval") else TOLERANCE * max(1, result["logits"])
                if value is not None and not value <= limit:
                    print(f"parity: {name}, {runtime}: {value:.2g} is more than {limit:.2g}", file=sys.stderr)
                    failed = True
    return failed


def compare_quantised(arguments, crops):
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        run(arguments.bin / "fer-export", arguments.quantised, "-o", folder / "int8.onnx", "--probabilities", "--images")
        found = in_onnxruntime(folder / "int8.onnx", crops)
        ours = in_fer_eval(arguments.bin, arguments.quantised, crops, folder)
        same = int((found.argmax(1) == ours.argmax(1)).sum())
        print(f"int8, ONNX Runtime beside fer-eval: {same} of {len(crops)} labels are the same, probabilities differ by "
              f"{np.abs(found - ours).mean():.4f} on average and {np.abs(found - ours).max():.3f} at most")
    return same < 0.9 * len(crops)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("images", type=Path, nargs="?")
    parser.add_argument("--backbones", default=",".join(BACKBONES))
    parser.add_argument("--size", type=int, default=96)
    parser.add_argument("--count", type=int, default=16)
    parser.add_argument("--bin", type=Path, default=REPOSITORY / "build/bin")
    parser.add_argument("--quantised", type=Path)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as drawn:
        if not arguments.images:
            run(arguments.bin / "fer-data", "synth", "-o", Path(drawn) / "faces", "--subjects", "1")
        crops = crops_of(arguments.images or drawn, arguments.size, arguments.count)
    sys.exit((compare_quantised if arguments.quantised else compare_all)(arguments, crops))


if __name__ == "__main__":
    main()
