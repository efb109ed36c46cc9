"""Writes tests/golden/backbones.json: what torchvision's and timm's convolutional networks compute in Python PyTorch,
for tests/model/backbones_test.cpp to compare with.

Needs torch, numpy and, installed with --no-deps, torchvision and timm (only their Python is used), with timm's own
needs pyyaml, huggingface_hub and safetensors. By hand:
    python tests/golden/make_backbones.py

Weights are those of make_mobilenet_v2.py: element i of the p-th entry of the state dict comes from uniform(p, i), and
the images are made of the same numbers. All is computed in double precision, without dropout and stochastic depth.

A network's entry holds
    layers       its modules with weights, in the order of the state dict: name, name in timm ("": the same), shape of
                 the weight, 1 if there is a bias, and the weight's shape in timm if that is another one; a shape of
                 one number is a BatchNorm
    published    parameters and multiply-adds in G of 1000 classes at a size
    gradients    norm and product with uniform(p + 5000, .) of each parameter's, in the order of the parameters
    statistics   sums of running mean and variance after the step, of each BatchNorm
"""

import importlib.machinery
import json
import sys
import types
from pathlib import Path

import numpy as np
import torch

from make_mobilenet_v2 import images, numbers, uniform, values

CLASSES = 7
LABELS = [0, 4]
SIZE = 64

# Ours, torchvision's name, timm's name.
NETWORKS = [
    ("mobilenet_v2", "mobilenet_v2", "mobilenetv2_100"),
    ("mobilenet_v3_small", "mobilenet_v3_small", "mobilenetv3_small_100"),
    ("mobilenet_v3_large", "mobilenet_v3_large", "mobilenetv3_large_100"),
    ("efficientnet_b0", "efficientnet_b0", "efficientnet_b0"),
    ("efficientnet_b1", "efficientnet_b1", "efficientnet_b1"),
    ("efficientnet_b2", "efficientnet_b2", "efficientnet_b2"),
    ("efficientnet_b3", "efficientnet_b3", "efficientnet_b3"),
    ("efficientnet_b4", "efficientnet_b4", "efficientnet_b4"),
    ("efficientnet_lite0", None, "efficientnet_lite0"),
    ("resnet18", "resnet18", "resnet18"),
    ("resnet50", "resnet50", "resnet50"),
]


def libraries():
    """torchvision without its compiled operators, which nothing here uses and which load only beside the very torch
    they were built for."""
    name = "torchvision._meta_registrations"
    sys.modules[name] = types.ModuleType(name)
    sys.modules[name].__spec__ = importlib.machinery.ModuleSpec(name, None)
    import timm
    import torchvision

    return torchvision.models, timm


def layers_of(model):
    """(name, shape of the weight, whether there is a bias) of each module with weights."""
    kinds = (torch.nn.Conv2d, torch.nn.Linear, torch.nn.BatchNorm2d)
    return [(name, list(module.weight.shape), int(module.bias is not None))
            for name, module in model.named_modules() if isinstance(module, kinds)]


def fill(model):
    model.double()
    state = model.state_dict()
    model.load_state_dict({name: torch.from_numpy(np.asarray(values(position, name, tuple(tensor.shape))))
                           for position, (name, tensor) in enumerate(state.items())})


def without_chance(model):
    for module in model.modules():
        if type(module).__name__ == "StochasticDepth":
            module.p = 0.0
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0


def product(tensor, stream):
    flat = tensor.detach().flatten().numpy()
    return float(flat @ uniform(stream, flat.size))


def rounded(value):
    return float(f"{value:.9g}")


def step_of(model, batch):
    """Logits, gradients and statistics of a training step."""
    logits = model.train()(batch)
    loss = torch.nn.functional.cross_entropy(logits, torch.tensor(LABELS))
    loss.backward()
    gradients = [[rounded(parameter.grad.norm().item()), rounded(product(parameter.grad, position + 5000))]
                 for position, parameter in enumerate(model.parameters())]
    norms = [module for module in model.modules() if isinstance(module, torch.nn.BatchNorm2d)]
    statistics = [[rounded(norm.running_mean.sum().item()), rounded(norm.running_var.sum().item())] for norm in norms]
    return {"train_logits": numbers(logits), "loss": loss.item(), "gradients": gradients, "statistics": statistics}


def golden(name, width, own, other):
    """`own` spells its parameters as we do; `other` is timm's, or None where that is the same."""
    without_chance(own)
    fill(own)
    batch = images(len(LABELS), SIZE, 1).double()
    result = {"name": name, "width": width, "eval_logits": numbers(own.eval()(batch))}
    layers = layers_of(own)
    if other is None:
        result["layers"] = [[layer, "", shape, bias] for layer, shape, bias in layers]
    else:
        pairs = list(zip(layers, layers_of(other)))
        assert len(layers) == len(layers_of(other))
        state = dict(zip(other.state_dict(), own.state_dict().values()))
        other.double().load_state_dict({key: state[key].reshape(tensor.shape)
                                        for key, tensor in other.state_dict().items()})
        result["timm_eval_logits"] = numbers(other.eval()(batch))
        result["layers"] = [[layer, theirs, shape, bias] + ([their_shape] if their_shape != shape else [])
                            for (layer, shape, bias), (theirs, their_shape, _) in pairs]
    return result | step_of(own, batch)


def published(models, timm, tv_name, timm_name):
    if tv_name is None:  # timm's table of results has 0.40 G, and counts a parameter as we do
        return {"parameters": sum(p.numel() for p in timm.create_model(timm_name).parameters()),
                "gmacs": 0.40, "size": 224}
    weights = next(iter(models.get_model_weights(tv_name)))
    return {"parameters": weights.meta["num_params"], "gmacs": weights.meta["_ops"],
            "size": weights.transforms.keywords["crop_size"]}


def main():
    models, timm = libraries()
    content = []
    for name, tv_name, timm_name in NETWORKS:
        other = timm.create_model(timm_name, num_classes=CLASSES)
        own = getattr(models, tv_name)(num_classes=CLASSES) if tv_name else other
        same = list(own.state_dict()) == list(other.state_dict())
        content.append({"published": published(models, timm, tv_name, timm_name)}
                       | golden(name, 1, own, None if same else other))
        print(name, content[-1]["eval_logits"][:9], content[-1].get("timm_eval_logits", [])[:2])
    content.append(golden("mobilenet_v2", 0.5, models.mobilenet_v2(num_classes=CLASSES, width_mult=0.5),
                          timm.create_model("mobilenetv2_050", num_classes=CLASSES)))
    lines = [json.dumps(entry, separators=(",", ":")) for entry in content]
    (Path(__file__).parent / "backbones.json").write_text("[" + ",\n".join(lines) + "]\n")


if __name__ == "__main__":
    main()
