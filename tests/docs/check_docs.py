#!/usr/bin/env python3
"""Holds the documents against what is there: every relative link and its anchor, every file, key of the experiment and
option of a program that a *.md of the repository names.

    tests/docs/check_docs.py [--bin FOLDER]      FOLDER: the built programs, whose --help tells the options

Prints a line for each thing that is not there, and ends with 1 if there is any.
"""

import argparse
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = ("fer-train", "fer-infer", "fer-eval", "fer-data", "fer-export", "fer-bench")
FOLDERS = ("bench", "cmake", "configs", "data", "docs", "include", "src", "tests", "tools")
CALL = re.compile(rf"(?<![\w-])({'|'.join(PROGRAMS)})(?![\w-])")
# A line that calls one of these and none of ours has options of theirs.
OTHERS = re.compile(r"\b(cmake|ctest|cpack|ninja|git|pip|apt-get|ffmpeg|torchrun|srun|sbatch|parallel|xargs|inkscape|rsvg-convert|"
                    r"tensorboard|chromium|docker|doxygen|fer_\w+_tests|clang-[a-z]+|debootstrap|python3?)\b|#SBATCH")
FOREIGN = {"--array", "--build-arg", "--component"}  # of others, where the text names it without its program
HIDDEN = {"--completion", "--man"}  # every program has them, and no help text


def documents():
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"], cwd=ROOT,
                            capture_output=True, text=True)
    names = listed.stdout.split() if listed.returncode == 0 else [str(p.relative_to(ROOT)) for p in ROOT.rglob("*.md")]
    return [ROOT / name for name in sorted(names) if not name.startswith(("build", "out/")) and (ROOT / name).exists()]


def without_code(text):
    """The text with fenced and indented code taken out, line numbers kept."""
    text = re.sub(r"^```.*?^```", lambda m: "\n" * m.group().count("\n"), text, flags=re.S | re.M)
    return re.sub(r"^(?: {4}|\t)(?! *[-*|]).*$", "", text, flags=re.M)


def slug(heading):
    """The anchor that GitHub gives a heading."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading.strip()).lower()
    return re.sub(r"[^\w\- ]", "", text).replace(" ", "-")


def anchors(path):
    found = {}
    names = set()
    for heading in re.findall(r"^#{1,6} +(.*?) *#*$", without_code(path.read_text()), flags=re.M):
        name = slug(heading)
        count = found.get(name, 0)
        found[name] = count + 1
        names.add(name if count == 0 else f"{name}-{count}")
    return names


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def check_links(path, text):
    plain = re.sub(r"`[^`\n]*`", lambda m: " " * len(m.group()), without_code(text))
    for match in re.finditer(r"\]\(([^)\s]+)\)", plain):
        target, _, anchor = match.group(1).partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        file = path if not target else (path.parent / target)
        line = line_of(plain, match.start())
        if not file.exists():
            yield line, f"link to {target}, which is not there"
        elif anchor and anchor not in anchors(file):
            yield line, f"link to {match.group(1)}: there is no such heading"


def is_there(name):
    if re.search(r"NAME|ROOM|NNN|…|<|\{|\$", name):
        return True
    if any(c in name for c in "*?["):
        return any(ROOT.glob(name))
    rooms = (name, f"include/fer/{name}", f"src/{name}")  # data/layout is a file of the room data
    return any((ROOT / room).exists() or any(ROOT.glob(room + ".*")) for room in rooms)


def check_files(path, text):
    for match in re.finditer(rf"(?<![\w/.~$-])(?:\.\./)*((?:{'|'.join(FOLDERS)})/[\w./*?\[\]<>$…{{}}-]*[\w*/])", text):
        name = match.group(1)
        if match.group(0).startswith("../shared") or name.startswith(("data/kdef", "data/KDEF")):
            continue
        start = text.rfind("\n", 0, match.start()) + 1
        if re.search(r"https?://\S*$", text[start:match.start()]):
            continue
        if not is_there(name) and not (path.parent / name).exists():
            yield line_of(text, match.start()), f"{name} is not there"


def known_keys():
    keys = set(re.findall(r"^\| `([a-z_.0-9N]+)` \|", (ROOT / "docs/configuration.md").read_text(), flags=re.M))
    return keys | {key.rsplit(".", n)[0] for key in keys for n in (1, 2, 3) if key.count(".") >= n}


def is_key(key, keys):
    general = re.sub(r"\.\d+(?=\.|$)", ".N", key)
    free = ("a.b", "data.only.", "data.bins.", "data.sources.N.map.", "data.sources.N.layout.")
    return general in keys or general.startswith(free)


def check_keys(text, keys):
    for match in re.finditer(r"--set ([a-z_.0-9]+)=|`((?:experiment|data|face|input|augment|model|train)\.[a-z_]+(?:\.\w+)*)[`:=]", text):
        key = match.group(1) or match.group(2)
        if not is_key(key, keys) and not re.search(r"\.(hpp|cpp|html|py|json|csv|log|yaml|md)$", key):
            yield line_of(text, match.start()), f"{key} is no key of the experiment"


def help_of(program, *command):
    return subprocess.run([program, *command, "--help"], capture_output=True, text=True, check=True).stdout


def options_of_program(program):
    """The options it takes, those of its subcommands among them."""
    text = help_of(program)
    commands = re.search(r"^Subcommands:\n((?:  .*\n?)+)", text, flags=re.M)
    for line in commands.group(1).splitlines() if commands else ():
        if re.match(r"  \w", line):
            text += help_of(program, line.split()[0])
    return HIDDEN | set(re.findall(r"(?<![\w-])(--[a-z][a-z-]*)\b", text))


def options_of(bin_folder):
    programs = [bin_folder / name for name in PROGRAMS if (bin_folder / name).exists()]
    with ThreadPoolExecutor() as threads:
        return {program.name: options for program, options in zip(programs, threads.map(options_of_program, programs))}


def scripts_options():
    texts = [p.read_text() for folder in ("tools", "bench", "tests/parity", "tests/docs") for p in (ROOT / folder).glob("*.*")
             if p.suffix in (".sh", ".py")]
    return set(re.findall(r"--[a-z][a-z-]*", "\n".join(texts)))


def joined_lines(text):
    """Lines of commands that end in a backslash as one, each with its number."""
    number, line = 0, ""
    for index, part in enumerate(text.splitlines(), 1):
        number = number or index
        line += part
        if part.rstrip().endswith("\\"):
            line = line.rstrip()[:-1] + " "
            continue
        yield number, line
        number, line = 0, ""


def check_options(text, options, others):
    everywhere = set().union(*options.values()) | others | FOREIGN
    for number, line in joined_lines(text):
        in_code = line.startswith("    ") or line.startswith("\t")
        spans = [line] if in_code else re.findall(r"`([^`]*)`", line)
        for span in spans:
            command = span.split(" # ")[0]
            calls = [(match.start(), match.group(1)) for match in CALL.finditer(command) if match.group(1) in options]
            if not calls and OTHERS.search(command):
                continue
            named = sorted({name for _, name in calls})
            known = set().union(*(options[name] for name in named)) if named else everywhere
            for option in re.findall(r"(?<![\w-])(--[a-z][a-z_-]*)", command[calls[0][0]:] if calls else command):
                if option not in known:
                    yield number, f"{option} is no option" + (f" of {' or '.join(named)}" if named else "")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=Path)
    arguments = parser.parse_args()
    keys = known_keys()
    options = options_of(arguments.bin) if arguments.bin else {}
    others = scripts_options()
    findings = 0
    for path in documents():
        text = path.read_text()
        found = [*check_links(path, text), *check_files(path, text), *check_keys(text, keys)]
        if options:
            found += check_options(text, options, others)
        for line, what in sorted(found):
            print(f"{path.relative_to(ROOT)}:{line}: {what}")
        findings += len(found)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
