#!/usr/bin/env python3
"""Writes metrics.json beside itself: what scikit-learn, SciPy and NumPy make of a few small cases.

    pip install scikit-learn && python3 tests/golden/make_metrics.py
"""

import json
import math
import pathlib
import warnings

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax
from scipy.stats import binomtest
from sklearn import metrics

RNG = np.random.default_rng(20240607)
warnings.filterwarnings("ignore")


def noisy(labels, classes, signal, possible=None):
    """Random probabilities that favour the label; `possible`: the classes that are ever predicted."""
    logits = RNG.normal(size=(len(labels), classes))
    logits[np.arange(len(labels)), labels] += signal
    if possible is not None:
        logits[:, [k for k in range(classes) if k not in possible]] -= 20
    return np.exp(log_softmax(logits, axis=1))


def certain(predicted, classes):
    return np.eye(classes)[predicted]


def ece(labels, probabilities, bins=15):
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    edges, total = np.linspace(0, 1, bins + 1), 0.0
    for low, high in zip(edges[:-1], edges[1:]):
        inside = (confidence > low) & (confidence <= high)
        if inside.any():
            total += inside.mean() * abs(right[inside].mean() - confidence[inside].mean())
    return total


def case(name, labels, probabilities):
    labels = np.asarray(labels)
    written = np.round(probabilities, 5)
    probabilities = written.astype(np.float32).astype(np.float64)  # what the program reads
    classes = probabilities.shape[1]
    names = list(range(classes))
    predicted = probabilities.argmax(axis=1)
    right = int((predicted == labels).sum())
    wilson = binomtest(right, len(labels)).proportion_ci(method="wilson")
    macro = metrics.precision_recall_fscore_support(labels, predicted, average="macro", zero_division=0)
    weighted = metrics.precision_recall_fscore_support(labels, predicted, average="weighted", zero_division=0)
    each = metrics.precision_recall_fscore_support(labels, predicted, labels=names, zero_division=0)
    kappa = metrics.cohen_kappa_score(labels, predicted)
    own = probabilities[np.arange(len(labels)), labels]
    return {
        "name": name,
        "classes": classes,
        "labels": labels.tolist(),
        "probabilities": written.tolist(),
        "expected": {
            "accuracy": metrics.accuracy_score(labels, predicted),
            "accuracy_ci95": [wilson.low, wilson.high],
            "balanced_accuracy": metrics.balanced_accuracy_score(labels, predicted),
            "macro_precision": macro[0],
            "macro_recall": macro[1],
            "macro_f1": macro[2],
            "weighted_precision": weighted[0],
            "weighted_recall": weighted[1],
            "weighted_f1": weighted[2],
            "kappa": None if math.isnan(kappa) else kappa,
            "precision": each[0].tolist(),
            "recall": each[1].tolist(),
            "f1": each[2].tolist(),
            "support": each[3].tolist(),
            "confusion": metrics.confusion_matrix(labels, predicted, labels=names).tolist(),
            "nll": float(-np.log(np.maximum(own, 1e-12)).mean()),
            "brier": float(((probabilities - np.eye(classes)[labels]) ** 2).sum(axis=1).mean()),
            "ece": ece(labels, probabilities),
        },
    }


def random_case(classes, samples):
    """Uneven classes, a third of them never a label and another few never a prediction."""
    shares = RNG.dirichlet(np.ones(classes)) * (RNG.random(classes) < 0.67)
    shares[RNG.integers(classes)] += 0.05
    labels = RNG.choice(classes, samples, p=shares / shares.sum())
    possible = [k for k in range(classes) if k == 0 or RNG.random() < 0.8]
    probabilities = noisy(labels, classes, RNG.uniform(0, 3), possible)
    return case(f"{samples} random samples of {classes} classes", labels, probabilities)


def temperature_case(name, scale, classes=7, samples=120):
    logits = np.round(scale * RNG.normal(size=(samples, classes)), 4).astype(np.float32)
    truth = np.exp(log_softmax(logits.astype(np.float64) / scale * 1.5, axis=1))
    labels = np.array([RNG.choice(classes, p=row) for row in truth])

    def loss(log_temperature):
        scores = log_softmax(logits.astype(np.float64) / np.exp(log_temperature), axis=1)
        return -scores[np.arange(samples), labels].mean()

    best = minimize_scalar(loss, bounds=(math.log(0.05), math.log(20)), method="bounded", options={"xatol": 1e-9})
    return {
        "name": name,
        "labels": labels.tolist(),
        "logits": [[round(float(v), 4) for v in row] for row in logits],
        "temperature": math.exp(best.x),
    }


def main():
    seven = RNG.integers(0, 7, 60)
    uneven = RNG.choice(7, 60, p=[0.5, 0.2, 0.1, 0.1, 0.05, 0.03, 0.02])
    few = RNG.choice([0, 2, 3], 40)
    cases = [
        case("seven classes", seven, noisy(seven, 7, 1.5)),
        case("uneven classes, weak model", uneven, noisy(uneven, 7, 0.5)),
        case("classes never labelled but predicted", few, noisy(few, 5, 1.0)),
        case("classes neither labelled nor predicted", few, noisy(few, 6, 1.0, possible=[0, 2, 3])),
        case("a class labelled but never predicted", seven, noisy(seven, 7, 1.0, possible=[0, 1, 2, 3, 4, 5])),
        case("one label, several predictions", np.full(30, 2), noisy(np.full(30, 2), 4, 1.0)),
        case("one label, always right", np.full(12, 1), noisy(np.full(12, 1), 3, 9.0)),
        case("perfect", seven, certain(seven, 7)),
        case("all wrong and sure of it", seven, certain((seven + 1) % 7, 7)),
        case("two classes", seven % 2, noisy(seven % 2, 2, 0.7)),
        case("no idea: every probability the same", few, np.full((40, 4), 0.25)),
        case("one sample", [2], noisy(np.array([2]), 3, 0.5)),
    ]
    temperatures = [
        temperature_case("too sure", 6.0),
        temperature_case("about right", 1.5),
        temperature_case("too shy", 0.3),
    ]
    cases += [random_case(classes, samples) for classes, samples in
              [(2, 35), (3, 50), (4, 20), (5, 80), (6, 33), (8, 90), (11, 70), (20, 60)]]
    text = json.dumps({"cases": cases, "temperatures": temperatures})
    text = text.replace('{"name"', '\n{"name"').replace('"expected"', '\n "expected"') + "\n"
    pathlib.Path(__file__).with_name("metrics.json").write_text(text)


if __name__ == "__main__":
    main()
