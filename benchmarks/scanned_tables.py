"""Questions on table rows, asked of pages with their text and of the same pages as scans.

`python benchmarks/scanned_tables.py FILE.pdf ... [--pages 20] [--questions 25]` draws pages with tables by a fixed
seed, one of a file at a time, and stores each as a file of its own: as it is, and as a picture of 150 dots an inch. Of
rows whose label stands on no other page it asks "What is the COLUMN of LABEL?", and counts how often the page is among
the five best hits, how often it is cited, and how often the quote holds the cell's value. Needs the extras `ocr` and
`test`.
"""

from __future__ import annotations

import argparse
import io
import json
import random
import re
import tempfile
from bisect import bisect_right
from pathlib import Path
from typing import NamedTuple

import pypdfium2
from scans import pictured, scanned

from partnership_qa import Answer, build_index, load
from partnership_qa.errors import PartnershipQAError
from partnership_qa.sources.encoding import NotTextError
from partnership_qa.sources.pdf import read_pdf

DOTS = 150
MIN_ROWS = 5
NAME = re.compile(r"[A-Za-z]{3,}")


class Question(NamedTuple):
    """What is asked of a page, and the value that answers."""

    file: str
    text: str
    value: str


def single(data: bytes, page: int) -> bytes:
    """One page, from 1, as a file."""
    new, stored = pypdfium2.PdfDocument.new(), io.BytesIO()
    new.import_pages(pypdfium2.PdfDocument(data), [page - 1])
    new.save(stored)
    return stored.getvalue()


def asked(name: str, data: bytes) -> list[Question]:
    """Questions on the named rows of a page's tables."""
    taken = read_pdf(data)
    out: list[Question] = []
    names: list[str] = []
    for block in taken.blocks:
        cells = [" ".join(taken.text[start:end].split()) for start, end in block.cells]
        if block.is_header:
            names = cells
        elif cells and len(names) == len(cells) and NAME.search(cells[0]) and len(cells[0]) < 60:
            columns = [n for n in range(1, len(cells)) if NAME.search(names[n]) and any(map(str.isdigit, cells[n]))]
            columns = [n for n in columns if names.count(names[n]) == 1 and len(names[n]) < 40]
            out += [Question(name, f"What is the {names[n]} of {cells[0]}?", cells[n]) for n in columns[:1]]
        else:
            names = names if cells else []
    return out


def pages_of(path: Path) -> list[int]:
    """Pages with tables of several rows."""
    taken = read_pdf(path.read_bytes())
    counts: dict[int, int] = {}
    for block in taken.blocks:
        if block.cells and not block.is_header:
            page = bisect_right(taken.pages, block.start)
            counts[page] = counts.get(page, 0) + 1
    return [page for page, rows in counts.items() if rows >= MIN_ROWS]


def main() -> None:
    """Draw the pages, build both indexes, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--pages", type=int, default=20)
    parser.add_argument("--questions", type=int, default=25)
    arguments = parser.parse_args()
    chance = random.Random(16)
    drawn: dict[str, bytes] = {}
    questions: list[Question] = []
    for path in sorted(arguments.files, key=lambda _: chance.random()):
        try:
            pages = pages_of(path)
        except NotTextError:
            continue
        for page in chance.sample(pages, len(pages)):
            name = f"{path.stem}-{page}.pdf"
            data = single(path.read_bytes(), page)
            found = asked(name, data)
            if found and name not in drawn:
                drawn[name] = data
                questions += found
                break
        if len(drawn) == arguments.pages:
            break
    texts = [question.text for question in questions]
    questions = [question for question in questions if texts.count(question.text) == 1]
    questions = chance.sample(questions, min(arguments.questions, len(questions)))
    with tempfile.TemporaryDirectory() as folder:
        for kind in ("text", "scans"):
            corpus = Path(folder) / kind
            corpus.mkdir()
            for name, data in drawn.items():
                scan = kind == "scans"
                (corpus / name).write_bytes(scanned(pictured(data, DOTS, 0), DOTS) if scan else data)
            build_index(corpus, index=Path(folder) / f"{kind}.index")
            print(json.dumps({"pages": len(drawn), "of": kind} | judged(Path(folder) / f"{kind}.index", questions)))


def judged(index: Path, questions: list[Question]) -> dict[str, int]:
    """How many questions found their page."""
    qa = load(index)
    counts = {"questions": len(questions), "page among five": 0, "page cited": 0, "value in the quote": 0}
    for question in questions:
        try:
            hits = {hit.passage.document for hit in qa.search(question.text, k=5)}
            outcome = qa.answer(question.text)
        except PartnershipQAError as error:
            raise SystemExit(str(error)) from error
        cited = (
            [one for one in outcome.citations if one.document == question.file] if isinstance(outcome, Answer) else []
        )
        counts["page among five"] += question.file in hits
        counts["page cited"] += bool(cited)
        counts["value in the quote"] += any(question.value in " ".join(one.quote.split()) for one in cited)
    return counts


if __name__ == "__main__":
    main()
