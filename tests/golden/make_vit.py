"""Writes tests/golden/vit.json: what timm's and torchvision's Vision Transformers compute in Python PyTorch, for
tests/model/vit_test.cpp to compare with.

Needs torch, numpy and, installed with --no-deps, timm, huggingface_hub, safetensors and any torchvision (only its
Python is used). By hand:
    python tests/golden/make_vit.py

All in double precision. No weights are stored: both languages make them from the formulas of make_mobilenet_v2.py,
element i of the p-th entry of the state dict from uniform(p, i).
"""

import sys
import types

import numpy as np
import torch

# Declares how torchvision's compiled operators behave, which nothing here uses.
sys.modules["torchvision._meta_registrations"] = types.ModuleType("torchvision._meta_registrations")

import timm  # noqa: E402
from timm.layers import resample_abs_pos_embed  # noqa: E402
from torchvision.models.vision_transformer import VisionTransformer, vit_b_16  # noqa: E402

from make_mobilenet_v2 import images, numbers, uniform, values, write  # noqa: E402

CLASSES = 7
LABELS = [0, 3, 6, 3]
SIZE = 64
# Small ones, from both ends of the network and, of the tiny one, from every kind of layer.
GRADIENTS = ["cls_token", "head.bias"]
TINY_GRADIENTS = GRADIENTS + ["patch_embed.proj.bias", "blocks.0.norm1.weight", "blocks.0.attn.qkv.bias",
                              "blocks.5.attn.proj.bias", "blocks.5.mlp.fc1.bias", "blocks.11.norm2.bias",
                              "blocks.11.mlp.fc2.bias", "norm.weight"]


def entries_of(model):
    return [(name, list(tensor.shape)) for name, tensor in model.state_dict().items()]


def with_formula_weights(model):
    return model.double().load_state_dict({name: torch.from_numpy(np.asarray(values(position, name, shape)))
                                           for position, (name, shape) in enumerate(entries_of(model))})


def golden_of(name, gradients):
    published = timm.create_model(name + "_224")
    model = timm.create_model(name + "_224", num_classes=CLASSES, img_size=SIZE)
    with_formula_weights(model)
    logits = model.train()(images(len(LABELS), SIZE, 1).double())
    loss = torch.nn.functional.cross_entropy(logits, torch.tensor(LABELS))
    loss.backward()
    parameters = dict(model.named_parameters())
    return {
        "parameters_of_1000_classes": sum(parameter.numel() for parameter in published.parameters()),
        "entries": entries_of(model),
        "logits": numbers(logits),
        "loss": loss.item(),
        "gradient_norms": {name: numbers(parameter.grad.norm())[0] for name, parameter in parameters.items()},
        "gradients": {name: numbers(parameters[name].grad) for name in gradients},
    }


def torchvision_golden():
    """torchvision has no tiny one; of these dimensions its class is timm's tiny."""
    model = VisionTransformer(image_size=SIZE, patch_size=16, num_layers=12, num_heads=3, hidden_dim=192, mlp_dim=768,
                              num_classes=CLASSES)
    with_formula_weights(model)
    with torch.no_grad():
        logits = model.eval()(images(len(LABELS), SIZE, 1).double())
    return {"entries": entries_of(model), "logits": numbers(logits), "names_of_base": list(vit_b_16().state_dict())}


def positions_golden(grid, new_grid, width):
    positions = uniform(1, (1 + grid * grid) * width).reshape(1, 1 + grid * grid, width)
    return numbers(resample_abs_pos_embed(torch.from_numpy(positions), [new_grid, new_grid]))


def main():
    content = {"vit_tiny_patch16": golden_of("vit_tiny_patch16", TINY_GRADIENTS),
               "vit_small_patch16": golden_of("vit_small_patch16", GRADIENTS),
               "vit_base_patch16": golden_of("vit_base_patch16", GRADIENTS)}
    content["torchvision"] = torchvision_golden()
    content["positions"] = {f"14 to {grid}": positions_golden(14, grid, 2) for grid in (4, 7, 20)}
    write("vit.json", content)


if __name__ == "__main__":
    main()
