"""Writes tests/golden/weights: small files as Python's torch.save and safetensors write them.

Needs torch, numpy and safetensors; run it by hand: python tests/golden/make_weight_files.py
Their tensors are golden_tensors() of tests/model/weight_files.hpp.
"""

import warnings
import zipfile
from collections import OrderedDict
from pathlib import Path

import torch
from safetensors.torch import save_file

FOLDER = Path(__file__).parent / "weights"
DTYPES = {
    "f64": torch.float64, "f32": torch.float32, "f16": torch.float16, "bf16": torch.bfloat16,
    "i64": torch.int64, "i32": torch.int32, "i16": torch.int16, "i8": torch.int8, "u8": torch.uint8,
}  # fmt: skip


def golden_tensors():
    tensors = OrderedDict()
    for name, dtype in DTYPES.items():
        tensors[name] = (torch.arange(6).reshape(2, 3) * 3).to(dtype)
    tensors["bool"] = torch.tensor([True, False, True])
    tensors["empty"] = torch.zeros(0, 3)
    tensors["scalar"] = torch.tensor(7)
    matrix = torch.arange(24.0).reshape(2, 3, 4)
    tensors["matrix"] = matrix
    tensors["permuted"] = matrix.permute(2, 0, 1)  # of the same storage, other strides
    tensors["slice"] = matrix[1, :, 1:3]  # with an offset
    tensors["expanded"] = torch.tensor([2.5]).expand(4)  # stride 0
    tensors["channels_last"] = torch.arange(16.0).reshape(1, 4, 2, 2).to(memory_format=torch.channels_last)
    tensors["parameter"] = torch.nn.Parameter(torch.tensor([1.5, -0.25]))
    tensors._metadata = OrderedDict({"": {"version": 1}})  # as nn.Module.state_dict() has it
    return tensors


def deflate(source, target):
    with zipfile.ZipFile(source) as stored, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as deflated:
        for info in stored.infolist():
            deflated.writestr(zipfile.ZipInfo(info.filename), stored.read(info), zipfile.ZIP_DEFLATED)


def main():
    FOLDER.mkdir(exist_ok=True)
    tensors = golden_tensors()
    torch.save(tensors, FOLDER / "zip.pth")
    torch.save(tensors, FOLDER / "legacy.pth", _use_new_zipfile_serialization=False)
    torch.save({"epoch": 3, "model": tensors}, FOLDER / "protocol5.pth", pickle_protocol=5)
    nested = FOLDER / "nested.tmp"
    torch.save({"state_dict": {"weight": torch.arange(300) // 100}, "lr": 0.1, "names": ["a", None]}, nested)
    deflate(nested, FOLDER / "deflated.pth")
    nested.unlink()
    torch.serialization.set_crc32_options(False)
    torch.save({"weight": torch.arange(3.0)}, FOLDER / "no-crc.pth")
    plain = {name: tensor.detach().clone().contiguous() for name, tensor in tensors.items()}
    save_file(plain, FOLDER / "golden.safetensors", metadata={"format": "pt", "note": "a \u00e9 \"quote\""})


warnings.simplefilter("ignore")
main()
