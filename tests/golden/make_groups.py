#!/usr/bin/env python3
"""Writes groups.json beside itself: what SciPy, statsmodels and NumPy make of the tests behind the error analysis.

    pip install scipy statsmodels && python3 tests/golden/make_groups.py
"""

import json
import pathlib

import numpy as np
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep

RNG = np.random.default_rng(20240811)


def two_shares(a, m, b, n):
    low, high = confint_proportions_2indep(a, m, b, n, compare="diff", method="newcomb")
    return {
        "a": [a, m],
        "b": [b, n],
        "p": stats.fisher_exact([[a, m - a], [b, n - b]])[1],
        "interval": [low, high],
    }


def students_t(t, degrees):
    return {"t": t, "degrees": degrees, "p": 2 * stats.t.sf(t, degrees), "t95": stats.t.ppf(0.975, degrees)}


def holm(p):
    return {"p": p, "adjusted": multipletests(p, method="holm")[1].tolist()}


def quartiles(values):
    return {"values": values, "edges": np.quantile(values, [0.25, 0.5, 0.75]).tolist()}


def clustered(name, subjects, samples, within):
    """A regression of "right" on "in the group" with standard errors clustered by subject."""
    subject = RNG.integers(0, subjects, samples)
    group = RNG.integers(0, 3, samples) == 0 if within else subject % 3 == 0
    chance = 1 / (1 + np.exp(-(0.8 + RNG.normal(size=subjects)[subject] - 0.6 * group)))
    right = RNG.random(samples) < chance
    fit = sm.OLS(right.astype(float), sm.add_constant(group.astype(float))).fit(
        cov_type="cluster", cov_kwds={"groups": subject}
    )
    error = fit.bse[1] / np.sqrt((samples - 1) / (samples - 2))  # without the samples' own correction

    def effective(chosen):
        sizes = np.bincount(subject[chosen])
        return sizes.sum() ** 2 / (sizes**2).sum()

    degrees = min(effective(group), effective(~group)) - 1
    difference = fit.params[1]
    counts = [int(right[group].sum()), int(group.sum()), int(right[~group].sum()), int((~group).sum())]
    newcombe = two_shares(*counts)
    half = stats.t.ppf(0.975, degrees) * error
    return {
        "name": name,
        "subjects": subject.tolist(),
        "group": group.astype(int).tolist(),
        "right": right.astype(int).tolist(),
        "difference": difference,
        "p": max(newcombe["p"], 2 * stats.t.sf(abs(difference) / error, degrees)),
        "interval": [
            min(newcombe["interval"][0], difference - half),
            max(newcombe["interval"][1], difference + half),
        ],
    }


def main():
    text = json.dumps(
        {
            "two_shares": [
                two_shares(12, 20, 950, 1000),
                two_shares(20, 20, 950, 1000),
                two_shares(0, 25, 3, 30),
                two_shares(30, 60, 30, 60),
                two_shares(9000, 12000, 17500, 24000),
                two_shares(10, 20, 35000, 36000),
                two_shares(0, 20, 0, 40),
            ],
            "students_t": [
                students_t(t, degrees)
                for t in (0.0, 0.3, 1.0, 2.5, 8.0, 40.0)
                for degrees in (1.0, 3.7, 12.0, 69.0, 5000.0)
            ],
            "holm": [holm([0.01, 0.04, 0.03, 0.005]), holm([0.5, 0.9, 0.4]), holm([0.02]), holm([0.01, 0.01, 0.2])],
            "quartiles": [
                quartiles(np.round(RNG.normal(100, 30, 37), 2).tolist()),
                quartiles(RNG.integers(0, 6, 50).astype(float).tolist()),
                quartiles([48.0] * 40 + [60.0] * 3),
            ],
            "clustered": [
                clustered("subjects on both sides", 14, 300, True),
                clustered("subjects on one side only", 24, 400, False),
                clustered("few subjects", 16, 120, False),
            ],
        }
    )
    for key in ("two_shares", "students_t", "holm", "quartiles", "clustered"):
        text = text.replace(f'"{key}"', f'\n"{key}"')
    pathlib.Path(__file__).with_name("groups.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
