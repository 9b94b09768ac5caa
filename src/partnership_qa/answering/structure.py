"""Lists and tables as wholes: which items belong together, and what introduces them."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, groupby
from typing import TYPE_CHECKING

from ..document import BlockKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..chunking import Passage


_KEPT = 1024  # documents whose lists and tables are kept

Item = tuple["Passage", int]
Place = tuple[int, int]  # number of a passage in the index, and of a unit in it


@dataclass(frozen=True, slots=True)
class Group:
    """A list or a table.

    Attributes:
        document: where it stands.
        section: headings above.
        lead: the sentence, or the item above it, that introduces it; empty where none does.
        led_from: number of the passage and unit of its lead; `None` where there is none.
        items: those under one item or under none, or rows without the header, in order: passage and number of its
            unit.
        numbers: of each item the number of its passage in the index.
        nested: how many items stand below these.

    """

    document: str
    section: tuple[str, ...]
    lead: str
    led_from: Place | None
    items: tuple[Item, ...]
    numbers: tuple[int, ...]
    nested: int

    @property
    def table(self) -> bool:
        """Whether it is a table."""
        passage, unit = self.items[0]
        return passage.units[unit].kind is BlockKind.TABLE_ROW

    @property
    def places(self) -> frozenset[Place]:
        """Number of the passage and of the unit of each item."""
        return frozenset((number, unit) for number, (_, unit) in zip(self.numbers, self.items, strict=True))


class Structure:
    """The lists and tables of an index, put together for one document at a time; safe to share between threads."""

    def __init__(self, passages: Sequence[Passage], counts: Iterable[int]) -> None:
        """Take passages.

        Args:
            passages: by number; read when a document is asked for.
            counts: how many passages each document has, in their order.

        """
        self._passages = passages
        self._first = [0, *accumulate(counts)]
        self._of_document = lru_cache(maxsize=_KEPT)(self._groups)

    def of(self, number: int) -> tuple[Group, ...]:
        """The lists and tables that passage `number` has a part in."""
        document = bisect_right(self._first, number) - 1
        return self._of_document(document)[1].get(number, ())

    @property
    def groups(self) -> tuple[Group, ...]:
        """All of them, in order."""
        return tuple(group for document in range(len(self._first) - 1) for group in self._of_document(document)[0])

    def _groups(self, document: int) -> tuple[tuple[Group, ...], dict[int, tuple[Group, ...]]]:
        first, behind = self._first[document : document + 2]
        groups = _groups_of(self._passages[first:behind], first)
        by_passage: dict[int, list[Group]] = {}
        for group in groups:
            for number in dict.fromkeys(group.numbers):
                by_passage.setdefault(number, []).append(group)
        return groups, {number: tuple(members) for number, members in by_passage.items()}


def structure_of(passages: Sequence[Passage]) -> Structure:
    """Put the lists and tables together again that passages may have cut."""
    return Structure(passages, (sum(1 for _ in own) for _, own in groupby(passages, lambda p: p.document)))


def _groups_of(passages: Sequence[Passage], first: int) -> tuple[Group, ...]:
    """The lists and tables of one document, whose passages are numbered from `first`.

    Items below an item are a list of their own, led by it.
    """
    found: dict[int, list[Place]] = {}
    leads: dict[int, tuple[str, Place | None]] = {}
    previous: tuple[tuple[str, ...] | None, str, Place] = (None, "", (0, 0))
    for number, passage in enumerate(passages):
        for index, unit in enumerate(passage.units):
            if unit.group >= 0:
                if unit.group not in found:
                    leads[unit.group] = previous[1:] if previous[0] == passage.section else ("", None)
                found.setdefault(unit.group, []).append((number, index))
            else:
                previous = (passage.section, passage.between(unit.start, unit.end), (number, index))
    groups: list[Group] = []
    for key, places in found.items():
        children = _children(passages, places)
        for parent, members in children.items():
            lead, led_from = leads[key] if parent is None else (_content(passages, parent), parent)
            items = tuple((passages[number], unit) for number, unit in members)
            numbers = tuple(first + number for number, _ in members)
            place = None if led_from is None else (first + led_from[0], led_from[1])
            document, section = items[0][0].document, items[0][0].section
            groups.append(Group(document, section, lead, place, items, numbers, _below(children, members)))
    return tuple(groups)


def _children(passages: Sequence[Passage], places: Sequence[Place]) -> dict[Place | None, list[Place]]:
    """The items of a list below each of its items, and below `None` the outermost; a table's header is none."""
    children: dict[Place | None, list[Place]] = {}
    above: list[tuple[int, Place]] = []
    for number, index in places:
        unit = passages[number].units[index]
        if unit.is_header:
            continue
        while above and above[-1][0] >= unit.level:
            above.pop()
        children.setdefault(above[-1][1] if above else None, []).append((number, index))
        above.append((unit.level, (number, index)))
    return children


def _below(children: dict[Place | None, list[Place]], places: Sequence[Place]) -> int:
    """How many items stand below these, at any depth."""
    found, waiting = 0, list(places)
    while waiting:
        under = children.get(waiting.pop(), [])
        found += len(under)
        waiting += under
    return found


def _content(passages: Sequence[Passage], place: Place) -> str:
    passage, unit = passages[place[0]], passages[place[0]].units[place[1]]
    return passage.between(unit.content.start, unit.end)
