#!/usr/bin/env python3
"""Writes distillation.json beside itself: PyTorch's loss of a student that learns from its teachers' answers
(Hinton et al. 2015), and its gradient, in double precision.

    pip install torch==2.13.0
    python3 tests/golden/make_distillation.py
"""

import json
import pathlib

import torch

torch.manual_seed(2015)


def case(temperature, rows, classes, teachers):
    logits = (torch.randn(rows, classes, dtype=torch.float64) * 3).requires_grad_()
    answers = torch.softmax(torch.randn(teachers, rows, classes, dtype=torch.float64) / temperature * 2, 2).mean(0)
    loss = torch.nn.functional.cross_entropy(logits / temperature, answers) * temperature**2
    loss.backward()
    return {
        "temperature": temperature,
        "logits": logits.tolist(),
        "answers": answers.tolist(),
        "loss": loss.item(),
        "gradient": logits.grad.tolist(),
    }


cases = [case(1.0, 3, 7, 1), case(2.0, 4, 7, 2), case(1.5, 2, 2, 3)]
text = json.dumps(cases, indent=1)
pathlib.Path(__file__).with_suffix("").with_name("distillation.json").write_text(text + "\n")
