"""Lists and tables as wholes: which items belong together, and what introduces them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..document import BlockKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..chunking import Passage


Item = tuple["Passage", int]


@dataclass(frozen=True, slots=True)
class Group:
    """A list or a table.

    Attributes:
        document: where it stands.
        section: headings above.
        lead: the sentence that introduces it; empty where none does.
        led_from: number of that sentence's passage and unit; `None` where there is none.
        items: outermost items, or rows without the header, in order: passage and number of its unit.
        numbers: of each item the number of its passage in the index.
        nested: how many items stand below these.

    """

    document: str
    section: tuple[str, ...]
    lead: str
    led_from: tuple[int, int] | None
    items: tuple[Item, ...]
    numbers: tuple[int, ...]
    nested: int

    @property
    def table(self) -> bool:
        """Whether it is a table."""
        passage, unit = self.items[0]
        return passage.units[unit].kind is BlockKind.TABLE_ROW

    @property
    def places(self) -> frozenset[tuple[int, int]]:
        """Number of the passage and of the unit of each item."""
        return frozenset((number, unit) for number, (_, unit) in zip(self.numbers, self.items, strict=True))


@dataclass(frozen=True, slots=True)
class Structure:
    """All lists and tables of an index, and those that each passage has a part in."""

    groups: tuple[Group, ...]
    by_passage: dict[int, tuple[int, ...]]


def structure_of(passages: Sequence[Passage]) -> Structure:
    """Put the lists and tables together again that passages may have cut."""
    found: dict[tuple[str, int], list[tuple[int, int]]] = {}
    leads: dict[tuple[str, int], tuple[str, tuple[int, int] | None]] = {}
    previous: tuple[str, tuple[str, ...], str, tuple[int, int]] = ("", (), "", (0, 0))
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
        outer = [(n, i) for n, i in places if _is_item(passages[n], i)]
        if not outer:
            continue
        for number in {n for n, _ in places}:
            by_passage.setdefault(number, []).append(len(groups))
        first = passages[places[0][0]]
        items = tuple((passages[n], i) for n, i in outer)
        nested = sum(passages[n].units[i].level > 0 for n, i in places)
        groups.append(Group(key[0], first.section, *leads[key], items, tuple(n for n, _ in outer), nested))
    return Structure(tuple(groups), {number: tuple(members) for number, members in by_passage.items()})


def _is_item(passage: Passage, index: int) -> bool:
    unit = passage.units[index]
    return unit.level == 0 and not unit.is_header
