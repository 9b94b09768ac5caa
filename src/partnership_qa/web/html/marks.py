"""A text cut into pieces where its marks begin and end."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from ...sources.markdown_inline import SIGN

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ...sources.markdown_inline import Style


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
        tags: how they are set: `strong`, `em`, `code`, `link`.

    """

    text: str
    kinds: tuple[str, ...]
    anchor: str
    of: tuple[str, ...]
    tags: tuple[str, ...] = ()


def pieces(
    text: str, start: int, end: int, marks: Iterable[Mark], seen: set[str] | None = None, styles: Sequence[Style] = ()
) -> list[Piece]:
    """`text[start:end]` with its marks; what `styles` call a sign is left out.

    Args:
        text: of the whole document.
        start, end: the part to show.
        marks: in characters of the document; they may overlap, and reach beyond the part.
        seen: anchors that are given already; the first piece of a mark takes its anchor, and adds it here.
        styles: how parts of the text are set, in its characters.

    """
    seen = set() if seen is None else seen
    inside = [mark for mark in marks if mark.start < end and mark.end > start]
    cuts = {start, end}
    for mark in inside:
        cuts |= {max(start, mark.start), min(end, mark.end)}
    # The outermost comes first, as the tags are nested.
    inner = (one for one in styles if one.start < end and one.end > start)
    set_so = sorted(inner, key=lambda one: (one.start, -one.end))
    cuts |= {cut for style in set_so for cut in (max(start, style.start), min(end, style.end))}
    found = []
    for a, b in pairwise(sorted(cuts)):
        tags = tuple(dict.fromkeys(style.kind for style in set_so if style.start <= a and style.end >= b))
        if SIGN not in tags:
            over = [mark for mark in inside if mark.start <= a and mark.end >= b]
            found.append(_piece(text[a:b], over, seen)._replace(tags=tags))
    return found


def _piece(text: str, marks: list[Mark], seen: set[str]) -> Piece:
    of = tuple(mark.anchor for mark in marks if mark.anchor)
    anchor = next((one for one in of if one not in seen), "")
    if anchor:
        seen.add(anchor)
    return Piece(text, tuple(dict.fromkeys(mark.kind for mark in marks)), anchor, of)
