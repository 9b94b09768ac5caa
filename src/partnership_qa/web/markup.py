"""Text into HTML that shows it and does nothing else; every string of a corpus or a user passes through here."""

from __future__ import annotations

import html
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

# What a template engine or a Markdown renderer downstream could take for its own, were one ever put there.
_TEMPLATE = str.maketrans({char: f"&#{ord(char)};" for char in "${}`"})
# Controls have no glyph; the ones that turn the direction of writing could make a quote read as what it is not.
_CONTROLS: dict[int, str | None] = dict.fromkeys((*range(9), 11, 12, *range(14, 32), *range(127, 160)), "\ufffd")
_CONTROLS |= dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C))


def esc(text: object) -> str:
    """The text as HTML, fit for an element's content and for a quoted attribute."""
    return html.escape(str(text).translate(_CONTROLS), quote=True).translate(_TEMPLATE)


@dataclass(frozen=True, slots=True)
class Mark:
    """Characters `[start, end)` of a document to be marked.

    Attributes:
        start, end: characters of the document.
        kind: class of the mark: `quote`, `answer` or `near`.
        anchor: name by which the page scrolls to it; empty for none.

    """

    start: int
    end: int
    kind: str
    anchor: str = ""


def marked(text: str, start: int, end: int, marks: Iterable[Mark], seen: set[str] | None = None) -> str:
    """`text[start:end]` as HTML with its marks.

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
    edges = sorted(cuts)
    return "".join(_piece(text[a:b], [m for m in inside if m.start <= a and m.end >= b], seen)
                   for a, b in pairwise(edges))  # fmt: skip


def _piece(text: str, marks: list[Mark], seen: set[str]) -> str:
    if not marks:
        return esc(text)
    anchors = [mark.anchor for mark in marks if mark.anchor and mark.anchor not in seen]
    seen.update(anchors[:1])
    anchor = f' id="{esc(anchors[0])}" tabindex="-1"' if anchors else ""
    kinds = " ".join(dict.fromkeys(f"pq-{mark.kind}" for mark in marks))
    of = " ".join(mark.anchor for mark in marks if mark.anchor)
    whole = f' data-of="{esc(of)}"' if of else ""
    return f'<mark class="{esc(kinds)}"{anchor}{whole}>{esc(text)}</mark>'


def address(section: tuple[str, ...], document: str, line: int, page: int | None = None) -> str:
    """Headings, file and line of a quote."""
    headings = " <span aria-hidden='true'>&rsaquo;</span> ".join(f"<bdi>{esc(heading)}</bdi>" for heading in section)
    place = f"page {page}" if page is not None else f"line {line}"
    where = f'<span class="pq-file"><bdi>{esc(document)}</bdi>, {place}</span>'
    return f'<span class="pq-headings">{headings}</span>{where}' if headings else where


def number(value: int) -> str:
    """A count with its thousands apart."""
    return f"{value:,}"


def plural(count: int, one: str, many: str = "") -> str:
    """A count and what is counted."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
