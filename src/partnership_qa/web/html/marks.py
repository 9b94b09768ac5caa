"""A text cut into pieces where its marks begin and end."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Mark:
    """Characters `[start, end)` of a document to be marked.

    Attributes:
        start, end: characters of the document.
        kind: class of the mark: `quote`, `answer`, `candidate` or `near`.
        anchor: name by which the page scrolls to it; empty for none.

    """

    start: int
    end: int
    kind: str
    anchor: str = ""


class Piece(NamedTuple):
    """Characters that are under the same marks.

    Attributes:
        text: the characters.
        kinds: classes of their marks; empty where there is none.
        anchor: name of a mark that begins here.
        of: names of all marks that they are part of.

    """

    text: str
    kinds: tuple[str, ...]
    anchor: str
    of: tuple[str, ...]


def pieces(text: str, start: int, end: int, marks: Iterable[Mark], seen: set[str] | None = None) -> list[Piece]:
    """`text[start:end]` with its marks.

    Args:
        text: of the whole document.
        start, end: the part to show.
        marks: in characters of the document; they may overlap, and reach beyond the part.
        seen: anchors that are given already; the first piece of a mark takes its anchor, and adds it here.

    """
    seen = set() if seen is None else seen
    inside = [mark for mark in marks if mark.start < end and mark.end > start]
    cuts = {start, end}
    for mark in inside:
        cuts |= {max(start, mark.start), min(end, mark.end)}
    return [
        _piece(text[a:b], [mark for mark in inside if mark.start <= a and mark.end >= b], seen)
        for a, b in pairwise(sorted(cuts))
    ]


def _piece(text: str, marks: list[Mark], seen: set[str]) -> Piece:
    of = tuple(mark.anchor for mark in marks if mark.anchor)
    anchor = next((one for one in of if one not in seen), "")
    if anchor:
        seen.add(anchor)
    return Piece(text, tuple(dict.fromkeys(mark.kind for mark in marks)), anchor, of)
