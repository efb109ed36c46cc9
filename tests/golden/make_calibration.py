#!/usr/bin/env python3
"""Writes calibration.json beside itself: reliability bins, calibration errors, temperature and vector scaling of
random logits, as NumPy and a general minimiser of SciPy see them.

    pip install scipy && python3 tests/golden/make_calibration.py
"""

import json
import math
import pathlib

import numpy as np
from scipy.optimize import minimize, minimize_scalar
from scipy.special import log_softmax

RNG = np.random.default_rng(20241126)
BINS = 15
PULL = 30  # kPull in src/eval/vector_scaling.cpp
CLASSES = 7


def nll(logits, labels):
    return -log_softmax(logits, axis=1)[np.arange(len(labels)), labels].mean()


def reported_nll(logits, labels):
    """Of probabilities that are at least kSmallestProbability of src/eval/metric_sums.cpp."""
    own = log_softmax(logits, axis=1)[np.arange(len(labels)), labels]
    return -np.maximum(own, math.log(1e-12)).mean()


def temperature_of(logits, labels):
    bounds = (math.log(0.05), math.log(20))
    found = minimize_scalar(
        lambda x: nll(logits / math.exp(x), labels), bounds=bounds, method="bounded", options={"xatol": 1e-10}
    )
    return math.exp(found.x)


def vector_of(logits, labels, temperature):
    inputs = logits / temperature

    def loss(x):
        scale, bias = x[:CLASSES], x[CLASSES:]
        value = len(labels) * nll(inputs * scale + bias, labels)
        value += PULL / 2 * (((scale - 1) ** 2).sum() + (bias**2).sum())
        errors = np.exp(log_softmax(inputs * scale + bias, axis=1)) - np.eye(CLASSES)[labels]
        gradient = [(errors * inputs).sum(axis=0) + PULL * (scale - 1), errors.sum(axis=0) + PULL * bias]
        return value, np.concatenate(gradient)

    start = np.concatenate([np.ones(CLASSES), np.zeros(CLASSES)])
    found = minimize(loss, start, jac=True, method="BFGS", options={"gtol": 1e-9, "maxiter": 10000})
    assert np.abs(loss(found.x)[1]).max() < 1e-5, found.message
    return found.x[:CLASSES] / temperature, found.x[CLASSES:]


def bins_of(confidence, right):
    """Samples, mean confidence and accuracy of (k/15, (k+1)/15]; 0 belongs to the first."""
    edges = np.linspace(0, 1, BINS + 1)
    which = np.digitize(confidence, edges[1:-1], right=True)
    rows = []
    for k in range(BINS):
        inside = which == k
        rows.append(
            [int(inside.sum()), float(confidence[inside].mean()), float(right[inside].mean())]
            if inside.any()
            else [0, 0.0, 0.0]
        )
    return rows


def error_of(rows):
    total = sum(row[0] for row in rows)
    return sum(row[0] / total * abs(row[1] - row[2]) for row in rows)


def case(name, samples, temperature, scale_spread=0.0, bias_spread=0.0, absent=None):
    centre = RNG.integers(0, CLASSES, samples)
    logits = temperature * (3 * np.eye(CLASSES)[centre] + 1.3 * RNG.normal(size=(samples, CLASSES)))
    logits = np.round(logits, 3).astype(np.float32).astype(np.float64)  # what the program reads
    scale = np.exp(RNG.normal(0, 1, CLASSES) * scale_spread) / temperature
    truth = logits * scale + RNG.normal(0, 1, CLASSES) * bias_spread
    if absent is not None:
        truth[:, absent] = -50
    truth = np.exp(log_softmax(truth, axis=1))
    labels = np.array([RNG.choice(CLASSES, p=row) for row in truth])

    probabilities = np.exp(log_softmax(logits, axis=1)).astype(np.float32).astype(np.float64)
    rows = bins_of(probabilities.max(axis=1), probabilities.argmax(axis=1) == labels)
    classwise = np.mean([error_of(bins_of(probabilities[:, k], labels == k)) for k in range(CLASSES)])
    fitted = temperature_of(logits, labels)
    vector = vector_of(logits, labels, fitted)
    return {
        "name": name,
        "labels": labels.tolist(),
        "logits": [[round(float(v), 3) for v in row] for row in logits],
        "bins": rows,
        "ece": error_of(rows),
        "classwise_ece": float(classwise),
        "temperature": fitted,
        "scale": vector[0].tolist(),
        "bias": vector[1].tolist(),
        "nll": [reported_nll(scores, labels) for scores in (logits, logits / fitted, logits * vector[0] + vector[1])],
    }


def main():
    cases = [
        case("too sure", 300, 3.0),
        case("too sure, classes differ", 300, 3.0, 0.3, 0.8),
        case("far too sure", 150, 12.0, 0.2, 0.5),
        case("too shy", 150, 0.3, 0.2, 0.3),
        case("about right", 200, 1.0),
        case("two samples a class", 14, 2.0, 0.2, 0.5),
        case("a class is absent", 200, 2.0, 0.1, 0.3, absent=1),
    ]
    text = json.dumps({"cases": cases}).replace('{"name"', '\n{"name"').replace('"bins"', '\n "bins"') + "\n"
    pathlib.Path(__file__).with_name("calibration.json").write_text(text)


if __name__ == "__main__":
    main()
