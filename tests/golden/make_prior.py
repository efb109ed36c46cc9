#!/usr/bin/env python3
"""Writes prior.json beside itself: what QuaPy's EMQ makes of unlabelled samples whose class shares differ from
those of the training.

    pip install quapy==0.2.3 numpy==2.4.6
    python3 tests/golden/make_prior.py
"""

import json
import pathlib

import numpy as np
from quapy.method.aggregative import EMQ

RNG = np.random.default_rng(2002)


def case(name, trained, shares, samples, signal=1.5):
    """Classes are Gaussians, so that the probabilities are exact for the trained shares."""
    trained, shares = np.asarray(trained), np.asarray(shares)
    classes = len(trained)
    labels = RNG.choice(classes, size=samples, p=shares)
    seen = RNG.normal(size=(samples, classes)) + signal * np.eye(classes)[labels]
    rows = trained * np.exp(signal * seen)
    rows = np.round(rows / rows.sum(axis=1, keepdims=True), 5)
    prior, corrected = EMQ.EM(trained, rows, epsilon=1e-9)
    return {
        "name": name,
        "trained": trained.tolist(),
        "shares": shares.tolist(),
        "rows": rows.flatten().tolist(),
        "prior": prior.tolist(),
        "corrected": np.round(corrected[:5], 6).tolist(),  # of the first rows
    }


def main():
    cases = [
        case("three classes", [0.5, 0.3, 0.2], [0.2, 0.2, 0.6], 200),
        case("no shift", [0.25] * 4, [0.25] * 4, 150),
        case("seven classes, mostly one", [1 / 7] * 7, [0.02, 0.02, 0.02, 0.2, 0.02, 0.02, 0.7], 150, 2.0),
        case("two classes, few samples", [0.9, 0.1], [0.5, 0.5], 30),
    ]
    text = json.dumps({"cases": cases}).replace('{"name"', '\n{"name"') + "\n"
    pathlib.Path(__file__).with_name("prior.json").write_text(text)


if __name__ == "__main__":
    main()
