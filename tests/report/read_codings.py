"""Prints what pympi reads in an .eaf file and praatio in a TextGrid, as JSON:
{"eaf": {tier: [[begin ms, end ms, value], ...]}, "media": [[URL, relative]], "textgrid": {tier: [[begin s, end s,
text], ...]}, "end": s}.

    python3 tests/report/read_codings.py FILE.eaf FILE.TextGrid

Needs the packages pympi-ling and praatio; exit code 77 where one is missing. tests/report/coding_files_test.cpp
runs it.
"""

import json
import sys

try:
    from praatio import textgrid
    from pympi import Elan
except ImportError:
    sys.exit(77)


def main():
    eaf = Elan.Eaf(sys.argv[1])
    grid = textgrid.openTextgrid(sys.argv[2], includeEmptyIntervals=True)
    print(json.dumps({
        "eaf": {name: sorted(a[:3] for a in eaf.get_annotation_data_for_tier(name))
                for name in eaf.get_tier_names()},
        "media": [[m["MEDIA_URL"], m["RELATIVE_MEDIA_URL"]] for m in eaf.get_linked_files()],
        "textgrid": {tier.name: [[e.start, e.end, e.label] for e in tier.entries] for tier in grid.tiers},
        "end": grid.maxTimestamp,
    }))


main()
