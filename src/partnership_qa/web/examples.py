"""Questions to begin with, made from the loaded corpus: its lists, its tables, its headings, its years."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from ..document import BlockKind
from ..text import FUNCTION_WORDS, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..answering.structure import Group
    from ..index import Store
    from ..qa import QA

SHOWN = 5
_TRIED = 16
_LOOKED_THROUGH = 20_000  # passages of a large index
_LEAD = re.compile(r"^(?P<what>[^.;:]{3,60}?)\s+(?P<verb>include|includes|are|were|comprise)\s*:$", re.IGNORECASE)
_LABEL = re.compile(r"^(?P<label>[^\s:][^:.;|]{2,38}):\s+\S")
# What points at something said before means nothing on a chip.
_POINTING = re.compile(r"(?:this|these|those|such|its|their|his|her)\b", re.IGNORECASE)
_DETERMINED = re.compile(r"(?:the|a|an|our|your|all)\b|\S+['’]s\b", re.IGNORECASE)  # noqa: RUF001
_NUMBER = re.compile(r"^\s*(?:\d+(?:\.\d+)*|[A-Za-z]|[ivxlIVXL]+)[.)]\s+")
_WORD = re.compile(r"[^\W\d_]{3,}")
_YEAR = re.compile(r"\b(?:1[5-9]|20)\d\d\b")


def candidates(index: Store) -> list[str]:
    """Questions that the corpus suggests, of each kind in turn; whether they can be answered is not known yet."""
    from ..answering.structure import structure_of

    first = index.passages[:_LOOKED_THROUGH]
    groups = structure_of(first).groups
    kinds = [list(_lists(groups)), list(_cells(groups)), list(_years(index)), list(_labels(groups))]
    mixed: list[str] = []
    while any(kinds):
        mixed += [kind.pop(0) for kind in kinds if kind]
    return list(dict.fromkeys((*mixed, *_headings(index))))


def examples(qa: QA) -> list[str]:
    """A few of the candidates, each tried before it is shown: all of them are answered."""
    good: list[str] = []
    for question in candidates(qa.index)[:_TRIED]:
        if qa.answer(question).answered:
            good.append(question)
        if len(good) == SHOWN:
            break
    return good


def _lists(groups: tuple[Group, ...]) -> Iterator[str]:
    for group in groups:
        lead = _LEAD.match(plain(group.lead, group.document))
        if lead and not group.table and not _POINTING.match(lead["what"]):
            what = _lower_first(lead["what"])
            what = what if _DETERMINED.match(what) else f"the {what}"
            yield f"What does {what} include?" if lead["verb"].lower() == "includes" else f"What are {what}?"


def _cells(groups: tuple[Group, ...]) -> Iterator[str]:
    for group in groups:
        if not group.table:
            continue
        for passage, number in group.items[:2]:
            unit = passage.units[number]
            if len(unit.cells) >= 2 and len(unit.columns) >= 2:
                first = unit.cells[0]
                name = plain(passage.between(first.start, first.end), passage.document)
                column = plain(unit.columns[1], passage.document)
                if name and len(name) < 60 and column:
                    # A label of many words is set apart, so that the question can be read.
                    yield f"What is the {_spoken(column)} of {name if len(name.split()) < 3 else f'“{name}”'}?"


def _labels(groups: tuple[Group, ...]) -> Iterator[str]:
    for group in groups:
        for passage, number in group.items[:1]:
            start, end = passage.units[number].content
            label = _LABEL.match(plain(passage.between(start, end), passage.document))
            if label and not group.table and label["label"].split()[0].lower() not in FUNCTION_WORDS:
                yield f"What is said about “{label['label'].strip()}”?"


def _years(index: Store) -> Iterator[str]:
    counts: Counter[str] = Counter()
    for passage in index.passages[:2000]:
        if any(unit.kind is not BlockKind.TABLE_ROW for unit in passage.units):
            counts.update(_YEAR.findall(passage.text))
    for year, _ in counts.most_common(2):
        yield f"What happened in {year}?"


def _headings(index: Store) -> Iterator[str]:
    found = (
        plain(passage.section[-1], passage.document) for passage in index.passages[:_LOOKED_THROUGH] if passage.section
    )
    for heading in dict.fromkeys(_NUMBER.sub("", heading) for heading in found):
        if len(heading) <= 60 and _WORD.search(heading):
            yield f"What does the text say about {_lower_first(heading.rstrip('.?!:'))}?"


def _spoken(column: str) -> str:
    """The name of a column within a sentence: capitals of all its letters are the table's way, short ones a name's."""
    return column.lower() if column.isupper() and len(column) > 4 else _lower_first(column)


def _lower_first(words: str) -> str:
    """Lower case for a first word that owes its capital to its place: an article, or the only one with a capital."""
    first, _, rest = words.partition(" ")
    alone = first[1:].islower() and not any(char.isupper() for char in rest)
    return words[:1].lower() + words[1:] if alone or first.lower() in ("the", "a", "an") else words
