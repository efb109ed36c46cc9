"""Writes tests/golden/mobilenet_v2.json and, given ImageNet weights, tests/golden/mobilenet_v2_imagenet.json:
what torchvision's MobileNetV2 computes in Python PyTorch, for tests/model/mobilenet_v2_test.cpp to compare with.

Needs torch, numpy, pillow and, installed with --no-deps, any torchvision (only its Python is used). By hand:
    python tests/golden/make_mobilenet_v2.py [mobilenet_v2-imagenet.safetensors]   # this one needs safetensors

No weights are stored: both languages make them from the same formula, element i of the p-th entry of the state
dict from u = uniform(p, i), see values(); the images are squares of the same numbers, see images().

The first file is computed in double precision: rounding puts a few activations on the other side of ReLU6's kinks,
which moves single-precision gradients by about a per cent and would hide small mistakes.
"""

import importlib.util
import json
import sys
import types
from pathlib import Path

import numpy as np
import torch

FOLDER = Path(__file__).parent
CLASSES = 7
LABELS = [0, 3, 6, 3]
# Small ones, from every kind of layer and from both ends of the network.
GRADIENTS = ["features.0.0.weight", "features.0.1.weight", "features.1.conv.0.0.weight", "features.1.conv.2.bias",
             "features.3.conv.1.0.weight", "features.9.conv.3.weight", "features.18.1.bias", "classifier.1.bias"]
STATISTICS = ["features.0.1", "features.1.conv.2", "features.8.conv.1.1", "features.17.conv.3"]


def torchvision_mobilenet_v2():
    """The class itself. Importing the whole package would ask for its compiled operators, which nothing here
    uses and which load only beside the very torch they were built for."""
    folder = importlib.util.find_spec("torchvision").submodule_search_locations[0]
    for name in ("torchvision", "torchvision.models", "torchvision.ops"):
        package = types.ModuleType(name)
        package.__path__ = [folder + name.removeprefix("torchvision").replace(".", "/")]
        sys.modules[name] = package
    return importlib.import_module("torchvision.models.mobilenetv2").MobileNetV2


def uniform(stream, count):
    """`count` numbers in [0, 1): SplitMix64 of stream * 2^32 + index, as core's Rng(seed).uniform()."""
    z = np.arange(count, dtype=np.uint64) + np.uint64((stream << 32) + 0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z = z ^ (z >> np.uint64(31))
    return (z >> np.uint64(11)).astype(np.float64) * 2.0**-53


def values(position, name, shape):
    """The entry at this position of the state dict. Scaled so that activations neither die nor explode."""
    u = uniform(position, int(np.prod(shape)))
    if name.endswith("num_batches_tracked"):
        u = 0 * u
    elif name.endswith("running_var"):
        u = 0.5 + u
    elif name.endswith("running_mean") or name.endswith("bias"):
        u = 0.5 * (u - 0.5)
    elif len(shape) == 1:  # BatchNorm's weight
        u = 0.75 + 0.5 * u
    else:
        u = (u - 0.5) * np.sqrt((24.0 if len(shape) == 4 else 6.0) / np.prod(shape[1:]))
    return u.reshape(shape)


def images(count, size, square):
    """[count,3,size,size] in -2..2, in squares of so many pixels."""
    side = size // square
    levels = 4 * uniform(1000, count * 3 * side * side).reshape(count, 3, side, side) - 2
    return torch.from_numpy(levels.repeat(square, axis=2).repeat(square, axis=3).astype(np.float32))


def numbers(tensor):
    return [float(f"{value:.10g}") for value in tensor.detach().flatten().tolist()]


def write(name, content):
    lines = [f"{json.dumps(key)}: {json.dumps(value, separators=(',', ':'))}" for key, value in content.items()]
    (FOLDER / name).write_text("{" + ",\n".join(lines) + "}\n")


def formula_golden(model):
    entries = [(name, list(tensor.shape)) for name, tensor in model.state_dict().items()]
    model.double().load_state_dict({name: torch.from_numpy(np.asarray(values(position, name, shape)))
                                    for position, (name, shape) in enumerate(entries)})
    batch = images(len(LABELS), 96, 1).double()
    eval_logits = model.eval()(batch)
    train_logits = model.train()(batch)
    loss = torch.nn.functional.cross_entropy(train_logits, torch.tensor(LABELS))
    loss.backward()
    parameters = dict(model.named_parameters())
    state = model.state_dict()
    write("mobilenet_v2.json", {
        "entries": entries,
        "labels": LABELS,
        "eval_logits": numbers(eval_logits),
        "train_logits": numbers(train_logits),
        "loss": loss.item(),
        "gradient_norms": {name: numbers(parameter.grad.norm())[0] for name, parameter in parameters.items()},
        "gradients": {name: numbers(parameters[name].grad) for name in GRADIENTS},
        "statistics": {name + suffix: numbers(state[name + suffix])
                       for name in STATISTICS for suffix in (".running_mean", ".running_var")},
    })


def imagenet_golden(model, path):
    from safetensors.torch import load_file

    model.load_state_dict(load_file(path))
    write("mobilenet_v2_imagenet.json", {"eval_logits": numbers(model.eval()(images(2, 224, 16)))})


def main():
    network = torchvision_mobilenet_v2()
    formula_golden(network(num_classes=CLASSES, dropout=0.0))
    if len(sys.argv) > 1:
        with torch.no_grad():
            imagenet_golden(network(num_classes=1000), sys.argv[1])


if __name__ == "__main__":
    main()
