"""Questions that were written for training, with the texts that they were written over, into a pool.

    python training/written.py --check            # says what is wrong in them, and how many there are
    python training/written.py --check FOLDER     # the same of one folder
    python training/written.py                    # those that the recipe names, to training/runs/written.pkl

The texts of a folder are indexed by the product, and what its search finds for a question beside the places that answer
is what the question is wrongly put to.

A folder of `training/questions/written` holds `corpus/` and `questions.txt`. There, `# file` names a text, and every
line under it is `kind<tab>question<tab>answer`. An answer is one or more places, with ` || ` between them. A place is a
run of characters that the text holds once; `words [[like]] these` means the words in brackets alone, and
`first words ... last words` everything from the first to the last. Kinds: `words` the words that answer, `lines` the
sentences or rows that do, `list` items by their beginnings, `none` a question without an answer. A question may have
those before it that its user put, with ` >> ` between.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import tempfile
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from data import Pool, Question, held_by, keep_pools
from settings import ROOT, SETTINGS
from texts import texts_folder

from partnership_qa import build_index, load
from partnership_qa.document import BlockKind
from partnership_qa.question.history import Completed, complete
from partnership_qa.question.kind import load_kinds
from partnership_qa.sources import load_corpus

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from partnership_qa.chunking import Passage
    from partnership_qa.document import Document
    from partnership_qa.qa import QA

HELD_BACK = 7
LOOKED_AT, KEPT = 10, 6
WRITTEN = ROOT / "training/questions/written"
BEFORE = " >> "
SPOKEN_BEFORE, SPOKEN_WORDS = 2, 32  # questions before one, and words of all of them, that a reader in training sees
KINDS = ("words", "lines", "list", "none")
Span = tuple[int, int]


class WrittenError(Exception):
    """A line does not say what it means, or its text does not hold its answer."""


@dataclass(frozen=True)
class Written:
    """A question over a document, with the characters of every place that answers it, and the questions before it."""

    file: str
    kind: str
    text: str
    places: tuple[Span, ...]
    before: tuple[str, ...] = ()


def documents(folder: Path) -> dict[str, Document]:
    """The texts of a folder by their names; those that are other people's are fetched where they are missing."""
    found, _ = load_corpus(corpus_of(folder))
    return {document.name: document for document in found}


def corpus_of(folder: Path) -> Path:
    """Where the texts of a folder lie."""
    corpus = folder / "corpus"
    return corpus if corpus.exists() else texts_folder(f"written/{folder.name}") / "corpus"


def place(text: str, wanted: str) -> Span:
    """The characters that a place means.

    Raises:
        WrittenError: the text does not hold them, or more than once.
    """
    if " ... " in wanted:
        first, last = wanted.split(" ... ", 1)
        start = _once(text, first)
        end = text.find(last, start)
        if end < 0:
            raise WrittenError(f"not behind its beginning: {last!r}")
        return start, end + len(last)
    marked = re.fullmatch(r"(.*?)\[\[(.+?)\]\](.*)", wanted, re.DOTALL)
    if not marked:
        start = _once(text, wanted)
        return start, start + len(wanted)
    before, inside, behind = marked.groups()
    start = _once(text, before + inside + behind) + len(before)
    return start, start + len(inside)


def _once(text: str, wanted: str) -> int:
    count = text.count(wanted)
    if count != 1:
        raise WrittenError(f"{'not there' if not count else f'{count} times there, say more of it'}: {wanted!r}")
    return text.index(wanted)


def question_of(kind: str, fields: list[str], file: str, held: dict[str, Document]) -> Written:
    """What a line under `# file` means.

    Raises:
        WrittenError: it does not say what it means, or its text does not hold its answer.
    """
    text, wanted = [*(" ".join(one.split()) for one in fields[:1]), *fields[1:], "", ""][:2]
    if file not in held:
        raise WrittenError(f"no text {file!r}")
    if kind not in KINDS or not text or len(fields) > 2:
        raise WrittenError(f"a line is kind, question and answer with tabs between, not {kind[:20]!r}, {text[:40]!r}")
    if (kind == "none") != (not wanted.strip()):
        raise WrittenError("an answer where there is none, or none where there is one")
    parts = wanted.split(" || ") if wanted.strip() else []
    *before, last = (one.strip() for one in text.split(BEFORE))
    return Written(file, kind, last, tuple(place(held[file].text, one.strip()) for one in parts), tuple(before))


def parse(folder: Path, held: dict[str, Document]) -> Iterator[Written | str]:
    """The questions of a folder in order; what is wrong with a line in its place."""
    file = ""
    for number, line in enumerate((folder / "questions.txt").read_text("utf-8").splitlines(), start=1):
        if line.startswith("# "):
            file = line[2:].strip()
            continue
        if not line.strip():
            continue
        kind, *rest = line.split("\t")
        try:
            yield question_of(kind, rest, file, held)
        except WrittenError as error:
            yield f"line {number}: {error}"


def held_back(files: Iterable[str]) -> set[str]:
    """One text in HELD_BACK of a folder, to watch training on: chosen by the hash of its name."""
    ranked = sorted(files, key=lambda name: hashlib.sha256(name.encode()).hexdigest())
    return set(ranked[: max(1, len(ranked) // HELD_BACK)])


def span_in(passage: Passage, span: Span, kind: str) -> Span | None:
    """What of a span a passage holds; an item of a list is its whole content, however it was named."""
    for unit in passage.units:
        whole = (unit.content.start, unit.end)
        most = span[1] - span[0] > 0.6 * (unit.end - unit.content.start)
        itemised = unit.kind in {BlockKind.LIST_ITEM, BlockKind.TABLE_ROW} or most
        if kind == "list" and itemised and not unit.is_header and whole[0] <= span[0] < whole[1]:
            return whole
    start, end = max(span[0], passage.start), min(span[1], passage.end)
    return (start, end) if start < end else None


def spoken(asked: Written) -> str:
    """A question behind those before it, as much of them as a reader has room for."""
    before = " ".join(asked.before[-SPOKEN_BEFORE:]).split()
    room = SPOKEN_WORDS - len(asked.text.split())
    return " ".join([*before[-room:], asked.text]) if room > 0 else asked.text


def fill(pool: Pool, folder: Path, questions: list[Written], qa: QA) -> None:
    """Adds questions of a folder, each to every passage that holds a place of its answer."""
    known: dict[tuple[str, int], int] = {}
    context = len(set(pool.contexts))
    within: dict[str, list[Passage]] = {}
    for passage in qa.index.passages:
        within.setdefault(passage.document, []).append(passage)

    def follows(text: str) -> float:
        return load_kinds().of(text, qa.encoder).follows

    def number(passage: Passage) -> int:
        key = (passage.document, passage.start)
        if key not in known:
            known[key] = len(pool.passages)
            pool.passages.append(passage)
            pool.contexts.append(context)
        return known[key]

    for at, asked in enumerate(questions):
        history = [{"role": "user", "content": text} for text in asked.before]
        completed = complete(asked.text, history, follows) or Completed(asked.text, asked.text)
        found = [hit.passage for hit in qa.search(completed.text, k=LOOKED_AT)]
        holding: list[tuple[Passage, list[Span]]] = []
        for passage in within[asked.file]:
            spans = [span_in(passage, place, asked.kind) for place in asked.places]
            held = held_by(passage, sorted({span for span in spans if span}))
            if held:
                holding.append((passage, held))
        beside = {(passage.document, passage.start) for passage, _ in holding}
        wrong = [number(one) for one in found if (one.document, one.start) not in beside][:KEPT]
        base = Question(f"{folder.name}-{at}", "written", asked.text, 0, lines=asked.kind == "lines")
        for text in dict.fromkeys((completed.reading, spoken(asked))):
            put = replace(base, text=text)
            if not asked.places and wrong:
                pool.questions.append(replace(put, passage=wrong[0], wrong=wrong[1:]))
            for passage, held in holding:
                words = [passage.between(a, b) for a, b in held]
                pool.questions.append(replace(put, passage=number(passage), spans=held, answers=words, wrong=wrong))


def pools(folders: Iterable[Path]) -> tuple[Pool, Pool]:
    """What is trained on of some folders, and what is held back."""
    training, development = Pool(), Pool()
    for folder in folders:
        held = documents(folder)
        apart = held_back(held)
        asked = [one for one in parse(folder, held) if isinstance(one, Written)]
        with tempfile.TemporaryDirectory() as beside:
            build_index(corpus_of(folder), beside)
            qa = load(beside)
            fill(training, folder, [one for one in asked if one.file not in apart], qa)
            fill(development, folder, [one for one in asked if one.file in apart], qa)
        print(folder.name, len(training.questions), len(development.questions), flush=True)
    return training, development


def check(folders: list[Path]) -> None:
    """Prints what is wrong in folders, and how many questions of each kind they hold."""
    total: Counter[str] = Counter()
    for folder in folders:
        counts: Counter[str] = Counter()
        for one in parse(folder, documents(folder)):
            if isinstance(one, str):
                print(f"{folder.name}: {one}")
                counts["wrong"] += 1
            else:
                counts[one.kind] += 1
        print(folder.name, dict(counts))
        total += counts
    print("all", dict(total))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="*", help="of `training/questions/written`")
    parser.add_argument("--check", action="store_true")
    a = parser.parse_args()
    if a.check or a.folders:
        check([folder.resolve() for folder in a.folders] or sorted(WRITTEN.iterdir()))
        return
    keep_pools("written.pkl", pools(WRITTEN / name for name in SETTINGS.source("written").folders))


if __name__ == "__main__":
    main()
