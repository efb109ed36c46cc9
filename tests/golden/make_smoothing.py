#!/usr/bin/env python3
"""Writes smoothing.json beside itself: random tracks, and what pandas and hmmlearn make of them.

    pip install numpy==2.4.6 scipy==1.17.1 pandas==3.1.1 hmmlearn==0.3.3
    python3 tests/golden/make_smoothing.py

Windows are pandas' own (rolling over time stamps, centred). Posteriors come from hmmlearn, also at irregular
times: those lie on a grid of 10 ms, on which hmmlearn sees rows without evidence wherever the track has none.
The most probable sequence of labels is hmmlearn's at even times. At irregular times, where the grid would
count what happens between rows, it is the best of all possible sequences, tried one by one. Transitions are
SciPy's matrix exponential of the chain's rates.
"""

import itertools
import json
import pathlib

import numpy as np
import pandas as pd
from hmmlearn.base import BaseHMM
from scipy.linalg import expm

RNG = np.random.default_rng(6)
GRID = 0.01  # seconds
INDEPENDENCE = 0.25
UNINFORMATIVE = 0.01


class Observed(BaseHMM):
    """Takes rows of log-likelihoods for observations."""

    def _compute_log_likelihood(self, rows):
        return rows


def transition(seconds, classes, dwell):
    rates = np.full((classes, classes), 1 / (dwell * (classes - 1)))
    np.fill_diagonal(rates, -1 / dwell)
    return expm(rates * seconds)


def chain(seconds, classes, dwell):
    model = Observed(n_components=classes)
    model.startprob_ = np.full(classes, 1 / classes)
    model.transmat_ = transition(seconds, classes, dwell)
    return model


def log_likelihoods(times, rows):
    gaps = np.minimum(1, np.diff(times) / INDEPENDENCE)
    weights = (np.append(1, gaps) + np.append(gaps, 1)) / 2
    classes = rows.shape[1]
    return weights[:, None] * np.log((1 - UNINFORMATIVE) * rows + UNINFORMATIVE / classes)


def best_of_all(times, evidence, dwell):
    classes = evidence.shape[1]
    steps = [np.log(transition(dt, classes, dwell)) for dt in np.diff(times)]

    def score(labels):
        changes = sum(step[a, b] for step, a, b in zip(steps, labels, labels[1:]))
        return changes + evidence[range(len(labels)), labels].sum()

    return list(max(itertools.product(range(classes), repeat=len(times)), key=score))


def hmm(times, rows, dwell, even):
    evidence = log_likelihoods(times, rows)
    classes = rows.shape[1]
    places = np.rint((times - times[0]) / GRID).astype(int)
    on_grid = np.zeros((places[-1] + 1, classes))
    on_grid[places] = evidence
    posteriors = chain(GRID, classes, dwell).predict_proba(on_grid)[places]
    if even and len(times) > 1:
        labels = chain(times[1] - times[0], classes, dwell).decode(evidence)[1].tolist()
    else:
        labels = best_of_all(times, evidence, dwell)
    return posteriors, labels


def windows(times, rows, window):
    index = pd.to_datetime(np.rint(times * 1e9).astype("int64"))

    def rolling(values):
        frame = pd.DataFrame(values, index=index)
        return frame.rolling(pd.Timedelta(window, "s"), center=True, closed="both")

    votes = np.eye(rows.shape[1])[rows.argmax(axis=1)]
    medians = rolling(rows).median().to_numpy()
    shares = rolling(votes).mean().to_numpy()
    means = rolling(rows).mean().to_numpy()
    majority = np.where(shares > shares.max(axis=1, keepdims=True) - 1e-9, means, -1).argmax(axis=1)
    return medians / medians.sum(axis=1, keepdims=True), shares, majority.tolist()


def rounded(values):
    return np.round(values, 6).tolist()


def case(name, times, classes, window, dwell, even):
    truth = RNG.integers(classes) * np.ones(len(times), dtype=int)
    for i in range(1, len(times)):
        changes = RNG.random() > np.exp(-(times[i] - times[i - 1]) / dwell)
        truth[i] = RNG.integers(classes) if changes else truth[i - 1]
    scores = 1.5 * RNG.normal(size=(len(times), classes)) + 2 * np.eye(classes)[truth]
    rows = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    rows = np.round(rows, 5)
    posteriors, labels = hmm(times, rows, dwell, even)
    medians, shares, majority = windows(times, rows, window)
    return {
        "name": name,
        "times": rounded(times),
        "rows": rows.tolist(),
        "window": window,
        "dwell": dwell,
        "median": rounded(medians),
        "majority": rounded(shares),
        "majority_labels": majority,
        "hmm": rounded(posteriors),
        "hmm_labels": labels,
    }


def irregular(rows, longest):
    return np.cumsum(RNG.integers(1, longest, rows)) * GRID


def main():
    # No two rows are half a window apart to the millisecond, so that no rounding decides what lies within.
    cases = [
        case("25 frames/s", np.arange(80) * 0.04, 7, 0.51, 0.6, even=True),
        case("3 frames/s", 2 + np.arange(40) * 0.33, 7, 1.01, 2.0, even=True),
        case("two classes", np.arange(40) * 0.1, 2, 0.31, 0.5, even=True),
        case("one row", np.array([1.5]), 3, 1.0, 2.0, even=True),
        case("two rows far apart", np.array([0.0, 9.0]), 3, 1.0, 2.0, even=True),
    ]
    for i in range(6):
        cases.append(case(f"irregular {i}", irregular(8, 40), 3, 0.515, 1.0, even=False))
    cases.append(case("irregular, long gaps", irregular(7, 400), 4, 2.005, 1.5, even=False))
    text = json.dumps({"cases": cases})
    text = text.replace('{"name"', '\n{"name"').replace('"hmm":', '\n "hmm":') + "\n"
    pathlib.Path(__file__).with_name("smoothing.json").write_text(text)


if __name__ == "__main__":
    main()
