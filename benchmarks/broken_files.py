"""What becomes of every file of a folder: `python benchmarks/broken_files.py FOLDER`.

For the files that parsers' own test suites carry, which are there because they once broke something. Each is read as a
build reads it, in the process with limits. Counted by kind: indexed, empty, or refused, by reason. Said by name: where
a parser failed or crashed, what took long, what took much memory, and texts of which many characters are no letters (a
PDF whose fonts do not say what their letters are). The exit code is 1 where what was read is not sound, or where the
folder is another afterwards. `--list FILE` writes a line of JSON a file.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import time
import unicodedata
from collections import Counter, defaultdict
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from partnership_qa.sources import Extractor, Skipped, SourceFile, find_files, read_file

if TYPE_CHECKING:
    from partnership_qa.document import Document

SECONDS, MEBIBYTES, STRANGE = 10.0, 500.0, 0.1
_AMOUNT = re.compile(r"\d[\d,.]*")
_SIZE = re.compile(r"(VmRSS|VmHWM):\s*(\d+)")


def memory() -> tuple[float, float]:
    """MiB that the processes started by this one hold, and held at most since the last call; 0 where none can say."""
    held, most = 0.0, 0.0
    for task in Path("/proc/self/task").glob("*"):
        with suppress(OSError):  # a thread that has ended
            for child in (task / "children").read_text().split():
                status = dict(_SIZE.findall(Path("/proc", child, "status").read_text()))
                held, most = held + int(status["VmRSS"]) / 1024, most + int(status["VmHWM"]) / 1024
                Path("/proc", child, "clear_refs").write_text("5")  # from now on
    return held, most


def strange(text: str) -> float:
    """Share of characters that are no text: unassigned, private, control or replacement characters."""
    seen = [letter for letter in text if not letter.isspace()]
    bad = sum(letter == "\ufffd" or unicodedata.category(letter) in ("Cc", "Cn", "Co", "Cs") for letter in seen)
    return bad / max(1, len(seen))


def faults(document: Document) -> str:
    """What is not sound in a document; empty where all is."""
    blocks = [block for section in document.sections for block in section.blocks]
    spans = [(block.start, block.end) for block in blocks]
    if any(one[1] > other[0] for one, other in pairwise(spans)) or any(start >= end for start, end in spans):
        return "blocks that are empty or overlap"
    if any(not (b.start <= b.content.start <= b.content.end <= b.end <= len(document.text)) for b in blocks):
        return "a block outside its text"
    if any(one.start > other.start for one, other in pairwise(document.places)):
        return "places out of order"
    if any(not b.start <= c.start <= c.end <= b.end for b in blocks for c in b.cells):
        return "a cell outside its row"
    return ""


def stamp(root: Path) -> dict[str, tuple[int, int]]:
    """Size and time of every file."""
    return {str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in root.rglob("*") if path.is_file()}


def tried(entry: SourceFile | Skipped, extractor: Extractor) -> dict[str, object]:
    """What became of a file, its seconds and MiB."""
    held, _ = memory()
    begun = time.monotonic()
    found = entry if isinstance(entry, Skipped) else read_file(entry, extractor)
    seconds, (_, most) = time.monotonic() - begun, memory()
    figures = {"file": entry.name, "s": round(seconds, 2), "mib": round(most), "grown": round(max(0.0, most - held))}
    if isinstance(found, Skipped):
        return figures | {"outcome": _AMOUNT.sub("N", found.reason)}
    wrong = faults(found)
    more = {"characters": len(found.text), "strange": round(strange(found.text), 3), "note": found.note}
    return figures | more | {"outcome": f"not sound: {wrong}" if wrong else "indexed"}


def main() -> None:
    """Print the counts as JSON; the exit code is 1 where something was not sound or was written."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--list", type=Path, help="write what became of each file here, as it does")
    arguments = parser.parse_args()
    before = stamp(arguments.folder)
    rows = []
    with Extractor() as extractor, (arguments.list or Path(os.devnull)).open("w", encoding="utf-8") as listed:
        for entry in find_files(arguments.folder):
            if isinstance(entry, Skipped) and "kind is not known" in entry.reason:
                continue
            rows.append(tried(entry, extractor))
            print(json.dumps(rows[-1]), file=listed, flush=True)
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        kinds[Path(str(row["file"])).suffix.lower()][str(row["outcome"])] += 1

    def named(condition: object) -> list[object]:
        return [row["file"] for row in rows if callable(condition) and condition(row)]

    broke = named(lambda row: "parser" in row["outcome"] or "longer than" in row["outcome"])
    unsound = named(lambda row: row["outcome"].startswith("not sound"))
    changed = before != stamp(arguments.folder)
    figures = {
        "files": len(rows), "kinds": {kind: dict(counts.most_common()) for kind, counts in sorted(kinds.items())},
        "most seconds": max(row["s"] for row in rows), "most MiB": max(row["mib"] for row in rows),
        "a parser failed, crashed or was ended": broke, "not sound": unsound, "the folder was changed": changed,
        f"longer than {SECONDS:.0f} s": named(lambda row: row["s"] > SECONDS),
        f"grown by more than {MEBIBYTES:.0f} MiB": named(lambda row: row["grown"] > MEBIBYTES),
        f"more than {STRANGE:.0%} strange characters": named(lambda row: row.get("strange", 0) > STRANGE),
    }  # fmt: skip
    print(json.dumps(figures, indent=2))
    sys.exit(bool(unsound or changed))


if __name__ == "__main__":
    main()
