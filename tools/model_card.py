#!/usr/bin/env python3
"""Writes the tables of data/models/README.md anew, from the figures beside each model: metrics.json (FER-2013's
validation part), without-copies.json and photos.json, which are fer-eval's metrics.json.

    tools/model_card.py [--check]      --check: says whether they are as they should be, and writes nothing

The text between `<!-- begin NAME -->` and `<!-- end NAME -->` is replaced; all else in the card is written by hand.
"""

import json
import re
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "data/models"
MODELS = ("fer-mobilenet_v2", "fer-tiny")


def percent(share):
    return f"{100 * share:.1f}"


def within(figures, name, digits=1):
    low, high = figures["intervals"][name]
    if digits == 1:
        return f"{percent(figures[name])} ({percent(low)}–{percent(high)})"
    return f"{figures[name]:.3f} ({low:.3f}–{high:.3f})"


def overview(models):
    lines = ["| | " + " | ".join(f"`{name}`" for name in models) + " |", "|---|" + "---|" * len(models)]
    rows = {"accuracy, %": lambda m: within(m, "accuracy"),
            "balanced accuracy, %": lambda m: within(m, "balanced_accuracy"),
            "macro-F1, %": lambda m: within(m, "macro_f1"), "Cohen's kappa": lambda m: within(m, "kappa", 3),
            "ECE": lambda m: within(m, "ece", 3),
            "ECE before calibration": lambda m: f"{m['calibration']['before']['ece']:.3f}",
            "negative log-likelihood": lambda m: within(m, "nll", 3), "images": lambda m: f"{m['samples']:,}"}
    for title, text in rows.items():
        lines.append(f"| {title} | " + " | ".join(text(m) for m in models.values()) + " |")
    return lines


def brief(models):
    lines = ["| | accuracy, % | balanced, % | macro-F1, % | ECE |", "|---|---|---|---|---|"]
    for name, metrics in models.items():
        lines.append(f"| `{name}` | {within(metrics, 'accuracy')} | {within(metrics, 'balanced_accuracy')} | "
                     f"{within(metrics, 'macro_f1')} | {within(metrics, 'ece', 3)} |")
    return lines


def classes(metrics):
    lines = ["| | precision, % | recall, % | F1, % | images |", "|---|---|---|---|---|"]
    for name, row in metrics["per_class"].items():
        lines.append(f"| {name} | {percent(row['precision'])} | {percent(row['recall'])} | {percent(row['f1'])} | "
                     f"{row['support']} |")
    return lines


def confusion(metrics):
    names = metrics["classes"]
    lines = ["| label \\ answer | " + " | ".join(names) + " |", "|---|" + "---|" * len(names)]
    for name, row in zip(names, metrics["confusion"]):
        lines.append(f"| {name} | " + " | ".join(str(count) for count in row) + " |")
    return lines


def figures(file):
    return {name: json.loads((FOLDER / name / file).read_text()) for name in MODELS}


def blocks():
    models = figures("metrics.json")
    yield "overview", overview(models)
    yield "without copies", brief(figures("without-copies.json"))
    yield "photos", brief(figures("photos.json"))
    for name, metrics in models.items():
        yield f"classes of {name}", classes(metrics)
        yield f"confusion of {name}", confusion(metrics)


def main():
    card = FOLDER / "README.md"
    before = text = card.read_text()
    for name, lines in blocks():
        pattern = re.compile(rf"(<!-- begin {re.escape(name)} -->\n).*?(<!-- end {re.escape(name)} -->)", re.DOTALL)
        text, count = pattern.subn(lambda found: found[1] + "\n".join(lines) + "\n" + found[2], text)
        if count != 1:
            sys.exit(f"error: {card}: has no block '{name}'")
    if text == before:
        return
    if "--check" in sys.argv:
        sys.exit(f"error: {card}: its tables are not those of the metrics beside it: run tools/model_card.py")
    card.write_text(text)


if __name__ == "__main__":
    main()
