"""Lines of a column into paragraphs, items, headings and tables, by their places and their type.

A line break inside a paragraph is told from one between two by the room between the lines, by indentation, and by
whether the next word would still have fitted on the line.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from .lines import TERMINAL, bullet, split_lines
from .pdf_tables import find_tables

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .pdf_cells import Table
    from .pdf_lines import Line
    from .pdf_rules import Rule

MAX_HEADING_CHARS = 100
MAX_HEADING_LINES = 3
# In parts of the font's size.
INDENT = 0.7
SLACK = 0.8  # a ragged line that ends so close to the right edge is full
MIN_EDGE_LINES = 3  # that show where full lines end
# Room above a paragraph, in parts of the room between its lines.
MORE_ROOM = 1.25
LARGER = 1.1  # a heading's type than the text's
SAME_SIZE = 0.08
NUMBERED_TITLE = re.compile(r"\d{1,2}(?:\.\d{1,2})*\.?\s+[^\W\d_]")
_LETTER = re.compile(r"[^\W\d_]")


class Type(NamedTuple):
    """A font's size in half points, and whether it is bold."""

    size: float
    bold: bool


def type_of(size: float, bold: bool) -> Type:
    """The type of characters of that size and weight."""
    return Type(round(2 * size) / 2, bold)


@dataclass(slots=True)
class Piece:
    """A block in the making.

    Attributes:
        lines: of text; empty for a table.
        table: rows and cells.
        skip: characters of the first line that are its bullet.
        heading: whether its type or its shape is a heading's.
        apart: whether more room stands above it than between lines.

    """

    lines: list[Line] = field(default_factory=list)
    table: Table | None = None
    skip: int = 0
    heading: bool = False
    apart: bool = True

    @property
    def text(self) -> str:
        """Its lines, with spaces between them."""
        return " ".join(line.text for line in self.lines)

    @property
    def type(self) -> Type:
        """The type of most of its letters."""
        glyphs = (glyph for line in self.lines for word in line.words for glyph in word.glyphs)
        seen = Counter(type_of(glyph.size, glyph.bold) for glyph in glyphs)
        return max(seen, key=lambda kind: (seen[kind], kind))


def pieces_of(column: Sequence[Line], across: Sequence[Rule], body: Type, right: float) -> list[Piece]:
    """Blocks of one column, in order.

    Args:
        column: its lines.
        across: horizontal rules of its page.
        body: the type in which most of the document is set.
        right: where full lines end, as far as other pages say it; else 0.

    """
    out: list[Piece] = []
    at = 0
    for found in find_tables(column, across):
        out += _paragraphs(column[at : found.start], body, right)
        out.append(Piece(table=found.table))
        at = found.end
    return out + _paragraphs(column[at:], body, right)


def _paragraphs(lines: Sequence[Line], body: Type, right: float) -> list[Piece]:
    out: list[Piece] = []
    pitch = _pitch(lines)
    rights = _rights(lines, pitch, right)
    for number, line in enumerate(lines):
        if line.table is not None:
            out.append(Piece(table=line.table))
            continue
        last = out[-1] if out and out[-1].table is None else None
        skip = _bullet(line.text)
        if last is not None and not _breaks(last, line, pitch, rights[number - 1], skip):
            last.lines.append(line)
            continue
        apart = last is None or not _close(last.lines[-1], line, pitch)
        out.append(Piece([line], skip=skip, apart=apart))
    for piece in out:
        piece.heading = piece.table is None and _looks_like_title(piece) and _stands_out(piece.type, body)
    return out


def _bullet(text: str) -> int:
    return bullet(split_lines(text)[0]) if text else 0


def _pitch(lines: Sequence[Line]) -> float:
    """Usual distance of baselines in parts of the font's size."""
    steps = sorted(
        (two.place.base - one.place.base) / two.place.size
        for one, two in pairwise(lines)
        if 0 < two.place.base - one.place.base < 3 * two.place.size and _same_size(one, two)
    )
    # The room between paragraphs is among the steps, so that a narrow one of them is taken.
    return max(1.0, steps[len(steps) // 3]) if steps else 1.2


def _same_size(one: Line, two: Line) -> bool:
    return abs(one.place.size - two.place.size) <= SAME_SIZE * max(one.place.size, two.place.size)


def _close(one: Line, two: Line, pitch: float) -> bool:
    """Whether no more room stands between two lines than between those of a paragraph."""
    step = two.place.base - one.place.base
    return 0 < step <= MORE_ROOM * pitch * max(one.place.size, two.place.size)


def _rights(lines: Sequence[Line], pitch: float, least: float) -> list[float]:
    """For each line the right edge of the lines around it that stand close together."""
    out: list[float] = []
    start = 0
    for number in range(1, len(lines) + 1):
        ends = number == len(lines) or not (
            _close(lines[number - 1], lines[number], pitch) and _same_size(lines[number - 1], lines[number])
        )
        if ends:
            right = max(line.place.x1 for line in lines[start:number])
            if number - start < MIN_EDGE_LINES:
                right = max(right, least)
            out += [right] * (number - start)
            start = number
    return out


def _breaks(last: Piece, line: Line, pitch: float, right: float, skip: int) -> bool:
    """Whether a line begins a block of its own."""
    before = last.lines[-1]
    size = max(before.place.size, line.place.size)
    if not _close(before, line, pitch) or not _same_size(before, line):
        # A figure with nothing beside it says nothing alone; it stays with what stands above it.
        return bool(_LETTER.search(line.text)) or not 0 < line.place.base - before.place.base < 3 * size
    if skip:
        return True
    if not _LETTER.search(line.text):
        return False
    if before.bold != line.bold:
        return True
    low = line.text[:1].islower() and not TERMINAL.search(before.text)
    space = 0.25 * size
    word = line.words[0]
    short = before.place.x1 + space + (word.x1 - word.x0) < right - SLACK * size
    if short and not low:
        return True
    step = line.place.x0 - before.place.x0
    if step > INDENT * size:  # set in: the first line of a paragraph, or the second of an item
        return not low and not (len(last.lines) == 1 and last.skip)
    if step < -INDENT * size:  # set out: the second line of a paragraph
        return not low and (len(last.lines) > 1 or bool(last.skip))
    return False


def _looks_like_title(piece: Piece) -> bool:
    text = piece.text
    first = next((char for char in text if char.isalnum()), "")
    return (
        len(piece.lines) <= MAX_HEADING_LINES
        and len(text) <= MAX_HEADING_CHARS
        and bool(first)
        and not first.islower()
        and len(_LETTER.findall(text)) > 2
        and (text.endswith("?") or not TERMINAL.search(text))
        and (not piece.skip or NUMBERED_TITLE.match(text) is not None)
    )


def _stands_out(kind: Type, body: Type) -> bool:
    return kind.size >= LARGER * body.size or (kind.bold and not body.bold and kind.size >= 0.95 * body.size)


def mark_titles_by_shape(pieces: Sequence[Piece]) -> None:
    """Headings of a text in one type: a short line alone, with room above it, over something longer.

    A numbered line is one whatever stands above it, unless it is one of several.
    """
    for number, piece in enumerate(pieces):
        if piece.table is not None or len(piece.lines) > 1 or not _looks_like_title(piece):
            continue
        before = pieces[number - 1] if number else None
        after = pieces[number + 1] if number + 1 < len(pieces) else None
        if after is None or (piece.skip and any(other is not None and other.skip for other in (before, after))):
            continue
        closed = before is None or before.heading or before.table is not None or TERMINAL.search(before.text)
        over = (
            after.table is not None
            or bool(after.skip)
            or (len(after.text) > 1.3 * len(piece.text) and TERMINAL.search(after.text) is not None)
        )
        numbered = NUMBERED_TITLE.match(piece.text) is not None
        piece.heading = over and (numbered or (bool(closed) and (piece.apart or ": " not in piece.text)))


def body_type(counts: Iterable[Counter[Type]]) -> Type:
    """The type in which most of a document is set."""
    total: Counter[Type] = Counter()
    for count in counts:
        total.update(count)
    return max(total, key=lambda kind: (total[kind], kind)) if total else Type(10.0, bold=False)
