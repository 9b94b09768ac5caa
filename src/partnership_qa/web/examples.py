"""Questions to begin with, made from the loaded corpus: its lists, its tables, its headings, its years."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from ..document import BlockKind
from ..text import FUNCTION_WORDS, plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..answering.structure import Group
    from ..chunking import Passage
    from ..index import Store
    from ..qa import QA

SHOWN = 5
_TRIED = 16
_LOOKED_THROUGH = 20_000  # passages of a large index
_LEAD = re.compile(r"^(?P<what>[^.;:]{3,60}?)\s+(?P<verb>include|includes|are|were|comprise)\s*:$", re.IGNORECASE)
_FOLLOWING = re.compile(
    r"^the following (?P<what>[^.;:,]{3,40}?) (?P<rest>(?:are|were|must be|can be|may be|have) [^.;:]{3,60}):$",
    re.IGNORECASE,
)
_LABEL = re.compile(r"^(?P<label>[^\s:][^:.;|]{2,38}):\s+\S")
# What points at something said before means nothing on a chip.
_POINTING = re.compile(r"(?:this|these|those|such|its|their|his|her)\b", re.IGNORECASE)
_DETERMINED = re.compile(r"(?:the|a|an|our|your|all)\b|\S+['’]s\b", re.IGNORECASE)  # noqa: RUF001
_NUMBER = re.compile(r"^\s*(?:\d+(?:\.\d+)*|[A-Za-z]|[ivxlIVXL]+)[.)]\s+")
_UNIT = re.compile(r"\s*[(\[][^()\[\]]*[)\]]$")
_DATED = re.compile(r"^(?:1[5-9]|20)\d\d:\s+")  # "2021: Launch" in a table of events
_MARK = re.compile(r"[,;:]")
_MAIL = (".eml", ".mbox")
_WORD = re.compile(r"[^\W\d_]{3,}")
_YEAR = re.compile(r"\b(?:1[5-9]|20)\d\d\b")


class _Suggested(NamedTuple):
    """A question, the document that it is made from, and its kind."""

    question: str
    document: str
    kind: str


def candidates(index: Store) -> list[str]:
    """Questions that the corpus suggests; whether they can be answered is not known yet.

    Every document and every kind of question comes once before one comes twice, as far as there are such.
    """
    from ..answering.structure import structure_of

    first = index.passages[:_LOOKED_THROUGH]
    groups = structure_of(first).groups
    found = [*_lists(groups), *_cells(groups), *_years(first), *_labels(groups), *_headings(first, titles=False)]
    left: dict[str, _Suggested] = {}
    for one in found:
        left.setdefault(one.question, one)
    suggested = list(left.values())
    documents: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    mixed: list[str] = []
    while suggested and len(mixed) < _TRIED:
        best = min(suggested, key=lambda one: (documents[one.document], kinds[one.kind]))
        suggested.remove(best)
        documents[best.document] += 1
        kinds[best.kind] += 1
        mixed.append(best.question)
    if len(mixed) < SHOWN:
        mixed += [one.question for one in _headings(first, titles=True)]
    return list(dict.fromkeys(mixed))[:_TRIED]


def examples(qa: QA) -> list[str]:
    """A few of the candidates, each tried before it is shown: all of them are answered."""
    good: list[str] = []
    for question in candidates(qa.index):
        if qa.answer(question).answered:
            good.append(question)
        if len(good) == SHOWN:
            break
    return good


def _lists(groups: tuple[Group, ...]) -> Iterator[_Suggested]:
    for group in groups:
        said = plain(group.lead, group.document)
        if group.table:
            continue
        if which := _FOLLOWING.match(said):
            yield _Suggested(f"Which {which['what']} {which['rest']}?", group.document, "list")
            continue
        lead = _LEAD.match(said)
        if lead and not _POINTING.match(lead["what"]):
            what = _lower_first(lead["what"])
            what = what if _DETERMINED.match(what) else f"the {what}"
            asked = f"What does {what} include?" if lead["verb"].lower() == "includes" else f"What are {what}?"
            yield _Suggested(asked, group.document, "list")


def _cells(groups: tuple[Group, ...]) -> Iterator[_Suggested]:
    for group in groups:
        if not group.table:
            continue
        for passage, number in group.items[:2]:
            unit = passage.units[number]
            if len(unit.cells) < 2 or len(unit.columns) < 2:
                continue
            first = unit.cells[0]
            name = _DATED.sub("", plain(passage.between(first.start, first.end), passage.document))
            column = next(filter(None, (_asked_for(plain(one, passage.document)) for one in unit.columns[1:])), "")
            if _WORD.search(name) and len(name) < 60 and column:
                yield _Suggested(f"What is the {_spoken(column)} of {_set_apart(name)}?", group.document, "cell")


def _asked_for(column: str) -> str:
    """The name of a column as it is asked for, without its unit; empty where it is a figure, such as a year."""
    bare = _UNIT.sub("", column)
    return bare if _WORD.search(bare) and not _YEAR.search(bare) else ""


def _set_apart(name: str) -> str:
    """A name within a question, set apart where it could be read as a part of it: of several words, or with a mark."""
    words = name.split()
    proper = len(words) < 5 and (words[-1].isdigit() or all(word[:1].isupper() for word in words))
    return name if (len(words) < 3 or proper) and not _MARK.search(name) else f"“{name}”"


def _labels(groups: tuple[Group, ...]) -> Iterator[_Suggested]:
    for group in groups:
        for passage, number in group.items[:1]:
            start, end = passage.units[number].content
            label = _LABEL.match(plain(passage.between(start, end), passage.document))
            if label and not group.table and label["label"].split()[0].lower() not in FUNCTION_WORDS:
                yield _Suggested(f"What is said about “{label['label'].strip()}”?", group.document, "label")


def _years(passages: Sequence[Passage]) -> Iterator[_Suggested]:
    counts: Counter[str] = Counter()
    documents: dict[str, str] = {}
    for passage in passages[:2000]:
        if any(unit.kind is not BlockKind.TABLE_ROW for unit in passage.units):
            years = _YEAR.findall(passage.text)
            counts.update(years)
            documents.update({year: passage.document for year in years if year not in documents})
    for year, _ in counts.most_common(2):
        yield _Suggested(f"What happened in {year}?", documents[year], "year")


def _headings(passages: Sequence[Passage], *, titles: bool) -> Iterator[_Suggested]:
    """Headings that are the titles of documents, or those that are none; the subject of a message is neither."""
    found = dict.fromkeys((one.document, one.section) for one in passages if one.section)
    sections = Counter(document for document, _ in found)
    above = {(document, section[:1]) for document, section in found if len(section) > 1}
    for document, section in found:
        bare = _NUMBER.sub("", plain(section[-1], document)).rstrip(".?!:")
        if document.lower().endswith(_MAIL) or titles != (sections[document] < 2 or (document, section) in above):
            continue
        if len(bare) <= 60 and _WORD.search(bare):
            yield _Suggested(f"What does the text say about {_lower_first(bare)}?", document, "heading")


def _spoken(column: str) -> str:
    """The name of a column within a sentence: capitals of all its letters are the table's way, short ones a name's."""
    return column.lower() if column.isupper() and len(column) > 4 else _lower_first(column)


def _lower_first(words: str) -> str:
    """Lower case for a first word that owes its capital to its place: an article, or the only one with a capital."""
    first, _, rest = words.partition(" ")
    alone = first[1:].islower() and not any(char.isupper() for char in rest)
    return words[:1].lower() + words[1:] if alone or first.lower() in ("the", "a", "an") else words
