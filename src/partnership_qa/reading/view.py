"""A passage as the reader sees it, and the way back from every character it sees to the source.

Running text and list items are shown as they stand; a bullet or a number cannot be answered with. A table row is shown
as `Column: cell; Column: cell`, because a reader trained on sentences understands that better than bars; the column
names are shown, but cannot be answered with.
"""

from __future__ import annotations

import bisect
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..document import BlockKind
from ..text import Span

if TYPE_CHECKING:
    from collections.abc import Collection

    from ..chunking import Passage, Unit


@dataclass(frozen=True, slots=True)
class Segment:
    """Characters `[start, end)` of a view that are those of the source from `source` on, inside one unit."""

    start: int
    end: int
    source: int
    unit: int


@dataclass(frozen=True, slots=True)
class View:
    """Text shown to the reader with its way back to the source.

    Attributes:
        heading: the headings above, shown first, never answered with; may be empty.
        body: what is read.
        segments: the parts of `body` that may answer, in order, without overlap.

    """

    heading: str
    body: str
    segments: tuple[Segment, ...]

    @property
    def text(self) -> str:
        """Heading, line break, body."""
        return f"{self.heading}\n{self.body}" if self.heading else self.body

    @property
    def body_start(self) -> int:
        """Characters of `text` before the body."""
        return len(self.heading) + 1 if self.heading else 0

    def segment_at(self, offset: int) -> int:
        """Number of the segment that holds a character of `body`; -1 where none does."""
        number = bisect.bisect_right(self.segments, offset, key=lambda segment: segment.start) - 1
        return number if number >= 0 and offset < self.segments[number].end else -1

    def source_of(self, offset: int) -> int:
        """The source's character that a character of `body` is; -1 where it is none."""
        number = self.segment_at(offset)
        return -1 if number < 0 else self.segments[number].source + offset - self.segments[number].start


def view(passage: Passage, only: Collection[int] | None = None) -> View:
    """Lay out a passage for the reader, or `only` the units of these numbers under the same headings."""
    parts: list[str] = []
    segments: list[Segment] = []
    length, last_end = 0, passage.start

    def show(piece: str) -> None:
        nonlocal length
        parts.append(piece)
        length += len(piece)

    def quote(span: Span, unit: int) -> None:
        piece = passage.between(span.start, span.end)
        if piece:
            segments.append(Segment(length, length + len(piece), span.start, unit))
            show(piece)

    for number, unit in enumerate(passage.units):
        if only is not None and number not in only:
            continue
        if only is None and unit.is_header and _has_rows(passage, unit):
            last_end = unit.end
            continue
        if parts:
            gap = passage.between(last_end, unit.start)
            show("\n" if "\n" in gap or "\r" in gap or unit.kind is BlockKind.TABLE_ROW else " ")
        if unit.cells:
            for index, cell in enumerate(unit.cells):
                label = unit.columns[index] if index < len(unit.columns) else ""
                show(("; " if index else "") + (f"{label}: " if label else ""))
                quote(cell, number)
        else:
            show(passage.between(unit.start, unit.content.start))
            quote(Span(unit.content.start, unit.end), number)
        last_end = unit.end
    return View(passage.heading, "".join(parts), tuple(segments))


def _has_rows(passage: Passage, header: Unit) -> bool:
    return any(unit.group == header.group and unit.columns for unit in passage.units)
