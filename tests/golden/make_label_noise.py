#!/usr/bin/env python3
"""Writes label_noise.json beside itself: what cleanlab's confident learning makes of seeded labels and probabilities.

    pip install cleanlab && python3 tests/golden/make_label_noise.py

Sorts are made stable, so that of equals the first comes first; cleanlab leaves their order to NumPy.
"""

import functools
import json
import pathlib

import numpy as np

np.argsort = functools.partial(np.argsort, kind="stable")

from cleanlab.count import compute_confident_joint, get_confident_thresholds  # noqa: E402
from cleanlab.filter import find_label_issues  # noqa: E402
from cleanlab.rank import get_label_quality_scores  # noqa: E402

RNG = np.random.default_rng(20261126)


def noisy(samples, classes, noise, signal, steps=None):
    """Labels of which the share `noise` is wrong, and what a classifier of this much signal says of the true ones."""
    true = RNG.integers(0, classes, samples)
    wrong = RNG.random(samples) < noise
    labels = np.where(wrong, (true + RNG.integers(1, classes, samples)) % classes, true)
    logits = RNG.normal(size=(samples, classes)) + signal * (np.arange(classes) == true[:, None])
    rows = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    if steps:
        rows = np.floor(rows * steps) / steps
        rows[:, 0] += 1 - rows.sum(axis=1)
    return labels, rows


def case(name, labels, rows):
    rows = np.asarray(rows, dtype=np.float32).astype(np.float64)
    labels = np.asarray(labels)
    joint, confident = compute_confident_joint(labels, rows, return_indices_of_off_diagonals=True)
    thresholds = get_confident_thresholds(labels, rows)

    def ranked(by):
        return find_label_issues(labels, rows, return_indices_ranked_by=by, n_jobs=1).tolist()

    return {
        "name": name,
        "classes": rows.shape[1],
        "labels": labels.tolist(),
        "rows": [float(f"{p:.9g}") for p in rows.ravel()],
        "thresholds": [None if t > 1 else t for t in thresholds],
        "confident": compute_confident_joint(labels, rows, calibrate=False).tolist(),
        "estimated": joint.tolist(),
        "confident_samples": confident.tolist(),
        "by_self_confidence": ranked("self_confidence"),
        "by_normalized_margin": ranked("normalized_margin"),
        "self_confidence": get_label_quality_scores(labels, rows, method="self_confidence").tolist(),
        "normalized_margin": get_label_quality_scores(labels, rows, method="normalized_margin").tolist(),
    }


def rare():
    """Classes of one sample and of two, whose diagonal of the joint is small."""
    labels, rows = noisy(60, 5, 0.4, 1.2)
    labels = np.where(labels == 4, 0, labels)
    labels = np.where(labels == 3, 1, labels)
    labels[:1] = 3
    labels[1:3] = 4
    return labels, rows


def missing():
    labels, rows = noisy(120, 6, 0.2, 2.0)
    return np.where(np.isin(labels, [2, 5]), 0, labels), rows


def main():
    cases = [
        case("a seventh of the labels wrong", *noisy(210, 7, 0.15, 3.0)),
        case("a weak classifier", *noisy(150, 4, 0.3, 0.7)),
        case("two classes", *noisy(80, 2, 0.2, 2.0)),
        case("classes without samples", *missing()),
        case("classes of one and two samples", *rare()),
        case("many ties", *noisy(160, 3, 0.25, 1.5, steps=4)),
        case("all rows alike", np.arange(40) % 4, np.full((40, 4), 0.25)),
        case("no label wrong", np.arange(30) % 3, 0.05 + 0.85 * np.eye(3)[np.arange(30) % 3]),
    ]
    text = json.dumps({"cases": cases}).replace('{"name"', '\n{"name"')
    pathlib.Path(__file__).with_name("label_noise.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
