"""Lists and tables as wholes: which items belong together, and what introduces them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..document import BlockKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..chunking import Passage


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


@dataclass(frozen=True, slots=True)
class Structure:
    """All lists and tables of an index, and those that each passage has a part in."""

    groups: tuple[Group, ...]
    by_passage: dict[int, tuple[int, ...]]


def structure_of(passages: Sequence[Passage]) -> Structure:
    """Put the lists and tables together again that passages may have cut.

    Items below an item are a list of their own, led by it.
    """
    found: dict[tuple[str, int], list[Place]] = {}
    leads: dict[tuple[str, int], tuple[str, Place | None]] = {}
    previous: tuple[str, tuple[str, ...], str, Place] = ("", (), "", (0, 0))
    for number, passage in enumerate(passages):
        for index, unit in enumerate(passage.units):
            text = passage.between(unit.start, unit.end)
            key = (passage.document, unit.group)
            if unit.group >= 0:
                if key not in found:
                    same = previous[0] == passage.document and previous[1] == passage.section
                    leads[key] = previous[2:] if same else ("", None)
                found.setdefault(key, []).append((number, index))
            else:
                previous = (passage.document, passage.section, text, (number, index))
    groups: list[Group] = []
    by_passage: dict[int, list[int]] = {}
    for key, places in found.items():
        children = _children(passages, places)
        for parent, members in children.items():
            lead, led_from = leads[key] if parent is None else (_content(passages, parent), parent)
            items = tuple((passages[number], unit) for number, unit in members)
            section, numbers = items[0][0].section, tuple(number for number, _ in members)
            for number in dict.fromkeys(numbers):
                by_passage.setdefault(number, []).append(len(groups))
            groups.append(Group(key[0], section, lead, led_from, items, numbers, _below(children, members)))
    return Structure(tuple(groups), {number: tuple(members) for number, members in by_passage.items()})


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
