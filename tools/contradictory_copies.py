#!/usr/bin/env python3
"""Lists images that cannot be learned from, out of what `fer-data check` found: blank ones, and all copies of an image
that stands in the data under different labels.

    build/bin/fer-data check $FER2013_ROOT/train -o check
    tools/contradictory_copies.py check/problems.csv > configs/models/fer2013-excluded.csv
"""

import csv
import sys
from collections import defaultdict


def label_of(path):
    return path.split("/")[-2]


def groups_of_copies(problems):
    """Sets of paths that are one image: copies of copies belong together."""
    parent = {}

    def find(path):
        while parent.setdefault(path, path) != path:
            path = parent[path]
        return path

    for row in problems:
        if row["problem"] in ("duplicate", "near_duplicate"):
            parent[find(row["path"])] = find(row["other"])
    groups = defaultdict(set)
    for path in list(parent):
        groups[find(path)].add(path)
    return groups.values()


def main():
    with open(sys.argv[1], newline="") as file:
        problems = list(csv.DictReader(file))
    listed = [(row["path"], "blank") for row in problems if row["problem"] == "blank"]
    for group in groups_of_copies(problems):
        if len({label_of(path) for path in group}) > 1:
            listed += [(path, "contradicts a copy") for path in group]
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(["path", "label", "why"])
    out.writerows(sorted(("/".join(path.split("/")[-3:]), label_of(path), why) for path, why in listed))


if __name__ == "__main__":
    main()
