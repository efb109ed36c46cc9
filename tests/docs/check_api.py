#!/usr/bin/env python3
"""Makes the pages of the public headers with docs/Doxyfile, and fails on any warning; then on any class, struct,
enumeration or free function without a comment, and on two types of one name. Members may do without a comment: one that
repeats a name is none.

    tests/docs/check_api.py OUTPUT_FOLDER      ends with 77 where Doxygen is not installed
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STRICT = """
EXTRACT_ALL = NO
WARN_IF_UNDOCUMENTED = YES
WARN_AS_ERROR = NO
GENERATE_HTML = NO
"""


def doxygen(settings, output):
    """What Doxygen says about `settings` (its exit code and its warnings, a line each)."""
    run = subprocess.run(["doxygen", "-"], input=settings, cwd=ROOT, capture_output=True, text=True,
                         env=os.environ | {"FER_VERSION": "0", "FER_DOCS_OUTPUT": str(output)})
    return run.returncode, [line for line in run.stderr.splitlines() if line.strip()]


def must_have_comment(line):
    """Whether a warning about something undocumented is about more than a member."""
    return "Compound" in line or bool(re.search(r"\((?:function|enumeration|typedef)\) of (?:namespace|file)", line))


def doubles():
    """Names that two headers define in one namespace: two types, of which linkers keep the members of one."""
    places = {}
    for header in sorted((ROOT / "include").rglob("*.hpp")):
        for name in re.findall(r"^(?:struct|class|enum(?: class)?) (\w+)[^;{]*\{", header.read_text(), flags=re.M):
            places.setdefault(name, []).append(header.relative_to(ROOT / "include"))
    return [f"fer::{name} is defined in {' and '.join(map(str, where))}" for name, where in places.items() if len(where) > 1]


def main():
    if shutil.which("doxygen") is None:
        print("skipped: doxygen is not installed (tools/setup.sh)")
        return 77
    output = Path(sys.argv[1])
    shutil.rmtree(output, ignore_errors=True)
    output.mkdir(parents=True)
    settings = (ROOT / "docs/Doxyfile").read_text()
    code, warnings = doxygen(settings, output)
    pages = len(list((output / "html").glob("*.html")))
    _, undocumented = doxygen(settings + STRICT, output)
    findings = warnings + [line for line in undocumented if must_have_comment(line)] + doubles()
    print("\n".join(dict.fromkeys(findings)) or f"{pages} pages, no warning")
    return 1 if findings or code != 0 or pages < 100 else 0


if __name__ == "__main__":
    sys.exit(main())
