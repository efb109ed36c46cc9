#!/usr/bin/env python3
"""Accuracy of our model and of Python `fer`'s on the same images.

Takes evaluation folders that fer-eval wrote (their predictions.csv names images and labels) and has the model inside
`fer` read the same whole images in the same order, prepared as fer.py does (grey, 64 x 64, -1..1) but without its face
detector. Both lists of answers go to OUTPUT/EVALUATION/{ours,fer}/predictions.csv, from which `fer-eval compare` prints
accuracy, macro-F1, balanced accuracy, ECE, intervals and McNemar's test.

--train FOLDER adds the figures without images whose grey pixels are exactly those of one in FOLDER;
OUTPUT/EVALUATION-without-copies/images.csv lists the images left. Needs a Python with `fer` (tested with 25.10.3).
"""
import argparse
import csv
import hashlib
import subprocess
from pathlib import Path

import cv2
import numpy as np

CLASSES = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"]  # fer.py, _get_labels()
SIDE = 64
BATCH = 64
IMAGES = {".jpg", ".jpeg", ".png"}


def grey(path):
    image = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if image is None:
        raise SystemExit(f"{path}: cannot be read")
    return image


def pixel_hash(path):
    image = grey(path)
    return hashlib.sha256(repr(image.shape).encode() + image.tobytes()).digest()


def rows_of(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def write_rows(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def probabilities_of_fer(paths):
    from fer.fer import FER

    recogniser = FER(mtcnn=False)
    answers = []
    for begin in range(0, len(paths), BATCH):
        faces = [cv2.resize(grey(path), (SIDE, SIDE)) for path in paths[begin:begin + BATCH]]
        batch = (np.array(faces, dtype="float32") / 255.0 - 0.5) * 2.0
        answers.append(np.asarray(recogniser._classify_emotions(batch)))
    return np.concatenate(answers)


def peer_rows(ours, root):
    answers = probabilities_of_fer([root / row["path"] for row in ours])
    return [{"path": row["path"], "label": row["label"], "predicted": CLASSES[int(answer.argmax())],
             **dict(zip(CLASSES, map(str, answer)))} for row, answer in zip(ours, answers)]


def compare(name, ours, peers, args):
    folder = args.output
    write_rows(folder / name / "images.csv",
               [{"path": str((args.root / row["path"]).resolve()), "label": row["label"]} for row in ours])
    for model, rows in (("ours", ours), ("fer", peers)):
        write_rows(folder / name / model / "predictions.csv", rows)
    print(f"\n== {name}: {len(ours)} images", flush=True)
    subprocess.run([args.fer_eval, "compare", str(folder / name / "ours"), str(folder / name / "fer")], check=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("evaluations", nargs="+", type=Path)
    parser.add_argument("--root", type=Path, default=Path(), help="where the paths in predictions.csv start")
    parser.add_argument("--train", type=Path, help="training images, whose copies are left out in a second table")
    parser.add_argument("--fer-eval", default="build/bin/fer-eval")
    parser.add_argument("-o", "--output", type=Path, default=Path("out/accuracy"))
    args = parser.parse_args()
    seen = set()
    if args.train:
        seen = {pixel_hash(path) for path in args.train.rglob("*") if path.suffix.lower() in IMAGES}
    for evaluation in args.evaluations:
        ours = [row for row in rows_of(evaluation / "predictions.csv") if row["label"]]
        peers = peer_rows(ours, args.root)
        compare(evaluation.name, ours, peers, args)
        fresh = [i for i, row in enumerate(ours) if seen and pixel_hash(args.root / row["path"]) not in seen]
        if fresh and len(fresh) < len(ours):
            compare(evaluation.name + "-without-copies", [ours[i] for i in fresh], [peers[i] for i in fresh], args)


if __name__ == "__main__":
    main()
