"""Lists and tables as wholes: which items belong together, what introduces them, and which one a question asks for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..document import BlockKind
from ..question.form import asks_for_several, coverage
from ..text import FUNCTION_WORDS, terms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..chunking import Passage
    from ..question.form import QuestionWords


Item = tuple["Passage", int]
MAX_LABEL_WORDS = 6


@dataclass(frozen=True, slots=True)
class Group:
    """A list or a table.

    Attributes:
        document: where it stands.
        section: headings above.
        lead: the sentence that introduces it; empty where none does.
        items: outermost items, or rows without the header, in order: passage and number of its unit.
        noun: `items` or `rows`.

    """

    document: str
    section: tuple[str, ...]
    lead: str
    items: tuple[Item, ...]
    noun: str


@dataclass(frozen=True, slots=True)
class Structure:
    """All lists and tables of an index, and those that each passage has a part in."""

    groups: tuple[Group, ...]
    by_passage: dict[int, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class ChosenGroup:
    """A group that a question asks for, with the share of its words that introduce it, in [0, 1]."""

    group: Group
    coverage: float


def structure_of(passages: Sequence[Passage]) -> Structure:
    """Put the lists and tables together again that passages may have cut."""
    found: dict[tuple[str, int], list[tuple[int, int]]] = {}
    leads: dict[tuple[str, int], str] = {}
    previous: tuple[str, tuple[str, ...], str] = ("", (), "")
    for number, passage in enumerate(passages):
        for index, unit in enumerate(passage.units):
            text = passage.between(unit.start, unit.end)
            key = (passage.document, unit.group)
            if unit.group >= 0:
                if key not in found:
                    same = previous[0] == passage.document and previous[1] == passage.section
                    leads[key] = previous[2] if same else ""
                found.setdefault(key, []).append((number, index))
            else:
                previous = (passage.document, passage.section, text)
    groups: list[Group] = []
    by_passage: dict[int, list[int]] = {}
    for key, places in found.items():
        items = [(passages[n], i) for n, i in places if _is_item(passages[n], i)]
        if not items:
            continue
        for number in {n for n, _ in places}:
            by_passage.setdefault(number, []).append(len(groups))
        first = passages[places[0][0]]
        noun = "rows" if items[0][0].units[items[0][1]].kind is BlockKind.TABLE_ROW else "items"
        groups.append(Group(key[0], first.section, leads[key], tuple(items), noun))
    return Structure(tuple(groups), {number: tuple(members) for number, members in by_passage.items()})


def _is_item(passage: Passage, index: int) -> bool:
    unit = passage.units[index]
    return unit.level == 0 and not unit.is_header


def label_stems(passage: Passage, index: int) -> tuple[str, ...]:
    """Stems of what names an item: the words before its colon, at most six, or a row's first cell; empty without."""
    unit = passage.units[index]
    if unit.group < 0:
        return ()
    start, end = unit.cells[0] if unit.cells else unit.content
    text = passage.between(start, end)
    if not unit.cells:
        text, colon, _ = text.partition(":")
        if not colon or len(text.split()) > MAX_LABEL_WORDS:
            return ()
    return tuple(terms(text))


def rows_of(structure: Structure, number: int, row: Item) -> tuple[Item, ...]:
    """The rows of the table that a row is in, without the header, in order; empty where it is in none.

    Args:
        structure: of the index.
        number: of the row's passage in the index.
        row: the row.
    """
    if not row[0].units[row[1]].cells:
        return ()
    groups = [structure.groups[member] for member in structure.by_passage.get(number, ())]
    return next((group.items for group in groups if row in group.items), ())


def chosen_group(question: str, words: QuestionWords, structure: Structure, hits: Sequence[int]) -> ChosenGroup | None:
    """The list or table that a question asks for as a whole, among those of the passages found; or `None`.

    It is the one whose introduction (its lead, the nearest heading, its column names) says most of what the question
    says. A question with a word that the corpus does not hold asks for something else than the list is about, and one
    that names an item or a row asks for that one.
    """
    if not asks_for_several(question) or not words.content or words.unknown:
        return None
    best: ChosenGroup | None = None
    asked = words.stems
    for member in dict.fromkeys(m for number in hits for m in structure.by_passage.get(number, ())):
        group = structure.groups[member]
        if len(group.items) < 2:
            continue
        columns = group.items[0][0].units[group.items[0][1]].columns
        said = frozenset(terms(" ".join((group.lead, *group.section[-1:], *columns))))
        share = coverage(words.content, said)
        labels = (frozenset(label_stems(passage, index)) - FUNCTION_WORDS - said for passage, index in group.items)
        if any(label and label <= asked for label in labels):
            continue
        if share >= 0.5 and (best is None or share > best.coverage):
            best = ChosenGroup(group, share)
    return best
