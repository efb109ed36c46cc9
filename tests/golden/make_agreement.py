#!/usr/bin/env python3
"""Writes agreement.json: agreement by frames as scikit-learn 1.9.1 gives it, with and without weights, and matchings of
events as SciPy's linear_sum_assignment finds them. Needs numpy, scipy and scikit-learn."""

import json
import pathlib

import numpy as np
from scipy.optimize import linear_sum_assignment
from sklearn.metrics import accuracy_score, cohen_kappa_score, confusion_matrix, precision_recall_fscore_support

RNG = np.random.default_rng(11)


def frames(name, human, model, categories, weights=None):
    labels = list(range(categories))
    weights = np.ones(len(human)) if weights is None else np.round(weights, 4)
    given = {"labels": labels, "sample_weight": weights}
    kappa = float(cohen_kappa_score(human, model, **given))
    precision, recall, f1, _ = precision_recall_fscore_support(human, model, zero_division=0, **given)
    return {
        "name": name,
        "categories": categories,
        "human": np.asarray(human).tolist(),
        "model": np.asarray(model).tolist(),
        "weights": weights.tolist(),
        "share": accuracy_score(human, model, sample_weight=weights),
        "kappa": None if np.isnan(kappa) else kappa,
        "confusion": confusion_matrix(human, model, **given).tolist(),
        "precision": precision.tolist(),
        "recall": recall.tolist(),
        "f1": f1.tolist(),
        "support": np.bincount(human, minlength=categories).tolist(),
    }


def random_frames(name, count, categories, right, weighted=False):
    human = RNG.choice(categories, size=count, p=RNG.dirichlet(np.ones(categories)))
    model = np.where(RNG.random(count) < right, human, RNG.integers(categories, size=count))
    return frames(name, human, model, categories, RNG.uniform(0.2, 30, count) if weighted else None)


def iou(a, b):
    common = min(a[3], b[3]) - max(a[2], b[2])
    return max(0, common) / (max(a[3], b[3]) - min(a[2], b[2]))


def matching(human, model, tolerance, least_iou):
    """The number of pairs and the smallest sum of distances."""
    alone = 1e6
    cost = np.full((len(human), len(model)), alone)
    for i, a in enumerate(human):
        for j, b in enumerate(model):
            if a[:2] != b[:2]:
                continue
            if least_iou is not None:
                if iou(a, b) >= least_iou:
                    cost[i, j] = 1 - iou(a, b)
            elif max(abs(a[2] - b[2]), abs(a[3] - b[3])) <= tolerance:
                cost[i, j] = abs(a[2] - b[2]) + abs(a[3] - b[3])
    rows, columns = linear_sum_assignment(cost)
    chosen = cost[rows, columns]
    return int((chosen < alone).sum()), float(chosen[chosen < alone].sum())


def events(name, count, span, tolerance, least_iou=None):
    def drawn(size):
        onset = np.round(RNG.uniform(0, span, size), 3)
        return [
            [int(RNG.integers(2)), int(RNG.integers(3)), float(on), round(float(on + RNG.uniform(0.2, 2.5)), 3)]
            for on in onset
        ]

    human = drawn(count)
    model = drawn(count // 3)
    for track, label, onset, offset in human:  # the model's share of them, a little off
        if RNG.random() < 0.7:
            on, off = onset + RNG.normal(0, 0.3), offset + RNG.normal(0, 0.3)
            model.append([track, label, round(on, 3), round(max(on + 0.05, off), 3)])
    pairs, distance = matching(human, model, tolerance, least_iou)
    return {
        "name": name,
        "human": human,
        "model": model,
        "tolerance": tolerance,
        "iou": least_iou,
        "pairs": pairs,
        "distance": distance,
    }


def main():
    golden = {
        "frames": [
            random_frames("three categories", 40, 3, 0.6),
            random_frames("seven categories", 300, 7, 0.5),
            random_frames("seven categories, weighted", 300, 7, 0.5, weighted=True),
            random_frames("worse than chance", 60, 2, 0.0, weighted=True),
            frames("a category that nobody says", [0, 1, 1, 0, 2], [0, 1, 0, 0, 2], 5),
            frames("one that only the model says", [0, 1, 1, 0], [0, 3, 1, 3], 4, np.array([1, 2.5, 3, 0.5])),
            frames("all the same", [1, 1, 1], [1, 1, 1], 3),
        ],
        "events": [
            events("far apart", 25, 200, 0.5),
            events("crowded", 60, 30, 0.5),
            events("crowded, wide tolerance", 60, 20, 1.5),
            events("exact", 30, 60, 0.0),
            events("by overlap", 60, 40, 0.5, 0.5),
            events("by little overlap", 60, 25, 0.5, 0.2),
        ],
    }
    text = json.dumps(golden).replace('{"name"', '\n{"name"') + "\n"
    pathlib.Path(__file__).with_name("agreement.json").write_text(text)


if __name__ == "__main__":
    main()
