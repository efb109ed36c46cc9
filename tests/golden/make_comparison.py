#!/usr/bin/env python3
"""Writes comparison.json beside itself: McNemar's test, Holm's correction, and bootstraps by subject.

    pip install scikit-learn statsmodels && python3 tests/golden/make_comparison.py

The bootstraps draw other subjects than the program does; `tolerance` is four standard deviations of what
as many resamples as the program takes leave to chance.
"""

import json
import pathlib

import numpy as np
from scipy.special import log_softmax
from sklearn import metrics
from statsmodels.stats.contingency_tables import mcnemar

RNG = np.random.default_rng(20261126)
RESAMPLES = 2000  # the program's
REPEATS = 20  # bootstraps, whose scatter tells how much is chance
CLASSES = 5

def mcnemar_case(first, second):
    """Of tables too even for a continuity correction statsmodels makes chi-squared grow again; 0 is meant."""
    exact = first + second < 25
    result = mcnemar([[0, first], [second, 0]], exact=exact, correction=True)
    even = not exact and abs(first - second) < 1
    return {
        "only_first": first,
        "only_second": second,
        "exact": exact,
        "chi_squared": 0.0 if exact or even else float(result.statistic),
        "p": 1.0 if even else float(result.pvalue),
    }


def made_data(subjects=24):
    """People of whom some are easier for both models than others."""
    rows = []
    for subject in range(subjects):
        ease = RNG.normal(scale=1.2)
        for label in RNG.choice(CLASSES, RNG.integers(3, 9), p=[0.35, 0.25, 0.2, 0.15, 0.05]):
            shared = RNG.normal(size=CLASSES)
            models = []
            for signal in (1.9, 1.1):
                logits = shared + 0.8 * RNG.normal(size=CLASSES)
                logits[label] += max(0.0, signal + ease)
                models.append(np.round(np.exp(log_softmax(logits)), 5).tolist())
            rows.append((f"P{subject:02}", int(label), *models))
    return [list(column) for column in zip(*rows)]


def share(part, whole):
    return part / np.where(whole == 0, 1, whole)


def figures_of(labels, probabilities, bins=15):
    """In numpy, as scikit-learn takes too long for thousands of resamples; check_figures() compares."""
    samples, predicted = len(labels), probabilities.argmax(axis=1)
    confusion = np.bincount(labels * CLASSES + predicted, minlength=CLASSES**2).reshape(CLASSES, CLASSES)
    right, support, times = np.diag(confusion), confusion.sum(axis=1), confusion.sum(axis=0)
    precision, recall, f1 = share(right, times), share(right, support), share(2 * right, support + times)
    occurs, chance = support + times > 0, (support * times).sum() / samples**2
    own, confidence = probabilities[np.arange(samples), labels], probabilities.max(axis=1)
    bin_of = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    surplus = np.bincount(bin_of, confidence - (predicted == labels), bins)
    accuracy = right.sum() / samples
    return {
        "accuracy": accuracy,
        "balanced_accuracy": recall[support > 0].mean(),
        "macro_precision": precision[occurs].mean(),
        "macro_recall": recall[occurs].mean(),
        "macro_f1": f1[occurs].mean(),
        "weighted_precision": (precision * support).sum() / samples,
        "weighted_recall": (recall * support).sum() / samples,
        "weighted_f1": (f1 * support).sum() / samples,
        "kappa": (accuracy - chance) / (1 - chance),
        "nll": -np.log(np.maximum(own, 1e-12)).mean(),
        "brier": ((probabilities - np.eye(CLASSES)[labels]) ** 2).sum(axis=1).mean(),
        "ece": np.abs(surplus).sum() / samples,
        "first_class_precision": right[0] / times[0] if times[0] else np.nan,
        "last_class_recall": right[-1] / support[-1] if support[-1] else np.nan,
    }


def check_figures(labels, probabilities):
    predicted, figures = probabilities.argmax(axis=1), figures_of(labels, probabilities)
    np.testing.assert_allclose(figures["accuracy"], metrics.accuracy_score(labels, predicted))
    np.testing.assert_allclose(figures["balanced_accuracy"], metrics.balanced_accuracy_score(labels, predicted))
    np.testing.assert_allclose(figures["kappa"], metrics.cohen_kappa_score(labels, predicted))
    for average in ("macro", "weighted"):
        expected = metrics.precision_recall_fscore_support(labels, predicted, average=average, zero_division=0)
        for name, value in zip(("precision", "recall", "f1"), expected):
            np.testing.assert_allclose(figures[f"{average}_{name}"], value)


def bootstrap(subjects, labels, models):
    """A list of figures for each model, from the same draws."""
    names = sorted(set(subjects))
    of_subject = [np.flatnonzero(subjects == name) for name in names]
    drawn = [[], []]
    for _ in range(RESAMPLES):
        samples = np.concatenate([of_subject[k] for k in RNG.integers(0, len(names), len(names))])
        for figures, probabilities in zip(drawn, models):
            figures.append(figures_of(labels[samples], probabilities[samples]))
    return drawn


def with_tolerance(values):
    return {"value": float(np.mean(values)), "tolerance": float(4 * np.std(values, ddof=1))}


def quantiles(repeats, mirrored_at=None):
    """Of each of several bootstraps the 95 % interval, percentiles or mirrored ones (never below 0)."""
    ends = np.array([np.nanquantile(values, [0.025, 0.975]) for values in repeats])
    if mirrored_at is not None:
        ends = np.maximum(0, 2 * mirrored_at - ends[:, ::-1])
    return {"low": with_tolerance(ends[:, 0]), "high": with_tolerance(ends[:, 1])}


def two_sided(differences):
    rarer = min((differences <= 0).sum(), (differences >= 0).sum()) + 1
    return min(1.0, 2 * rarer / (len(differences) + 1))


def main():
    subjects, labels, first, second = made_data()
    models = [np.array(m).astype(np.float32).astype(np.float64) for m in (first, second)]
    truth = np.array(labels)
    for probabilities in models:
        check_figures(truth, probabilities)
    estimates = [figures_of(truth, probabilities) for probabilities in models]
    runs = [bootstrap(np.array(subjects), truth, models) for _ in range(REPEATS)]

    def drawn(model, figure):
        return [np.array([values[figure] for values in run[model]]) for run in runs]

    differences = {}
    for figure in ("accuracy", "macro_f1"):
        repeats = [a - b for a, b in zip(drawn(0, figure), drawn(1, figure))]
        differences[figure] = {
            "value": float(estimates[0][figure] - estimates[1][figure]),
            "interval": quantiles(repeats),
            "p": with_tolerance([two_sided(values) for values in repeats]),
        }
    intervals = {name: quantiles(drawn(0, name), estimates[0]["ece"] if name == "ece" else None)
                 for name in estimates[0]}
    pairs = [(0, 0), (1, 0), (0, 5), (6, 0), (3, 3), (10, 2), (14, 10), (12, 12), (12, 13), (13, 13), (25, 0),
             (15, 12), (40, 20), (0, 61), (150, 100), (500, 500), (9000, 8000)]
    result = {
        "mcnemar": [mcnemar_case(*pair) for pair in pairs],
        "data": {"classes": CLASSES, "subjects": subjects, "labels": labels, "first": first, "second": second},
        "intervals": intervals,
        "differences": differences,
    }
    text = json.dumps(result).replace('"data"', '\n"data"').replace('"intervals"', '\n"intervals"')
    pathlib.Path(__file__).with_name("comparison.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
