"""Characters of a page into words and lines.

A file draws its characters in any order. Those that follow one another on one baseline are a fragment; fragments that
stand side by side are one line.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .pdf_chars import Glyph

# In parts of the font's size. The space of most fonts is 0.25 wide, in justified text up to three times as much.
WORD_GAP = 0.22  # between words that no space divides
CELL_GAP = 0.9  # more than this stands between columns, not between words
BACKWARDS = 0.5
FIRST_RTL = "\u0590"  # no script before it is read from right to left
SAME_BASE = 0.35  # a raised footnote mark still belongs to its line
RAISED_BASE = 0.55  # and so does a raised sign of a few characters in smaller type: a degree, an exponent
MAX_RAISED, SMALLER = 3, 0.85


class Word:
    """Characters that no white space divides.

    Attributes:
        glyphs: one and more.
        text: the same, ligatures as their letters.
        x0, x1: left and right end.

    """

    __slots__ = ("glyphs", "text", "x0", "x1")

    def __init__(self, glyphs: list[Glyph]) -> None:
        self.glyphs = glyphs
        self.text = "".join([glyph.text for glyph in glyphs])
        self.x0 = min([glyph.x0 for glyph in glyphs])
        self.x1 = max([glyph.x1 for glyph in glyphs])


class Place(NamedTuple):
    """What a fragment or a line covers: left and right end, baseline, size of most of its letters."""

    x0: float
    x1: float
    base: float
    size: float


@dataclass(slots=True)
class Fragment:
    """Characters that follow one another, or a table that was found by its rules (`table`)."""

    glyphs: list[Glyph]
    place: Place
    table: Any = None


@dataclass(slots=True)
class Line:
    """Words from left to right on one baseline; `table` where a whole table stands in its place."""

    words: list[Word]
    place: Place
    table: Any = None
    text: str = field(default="")

    def __post_init__(self) -> None:
        self.text = " ".join(word.text for word in self.words)

    @property
    def bold(self) -> bool:
        """Whether most of its letters are."""
        glyphs = [glyph for word in self.words for glyph in word.glyphs]
        return 2 * sum(glyph.bold for glyph in glyphs) > len(glyphs)


def fragments(glyphs: Iterable[Glyph]) -> list[Fragment]:
    """Characters in the file's order, cut where one does not stand right after the other."""
    parts: list[list[Glyph]] = []
    part: list[Glyph] = []
    last: Glyph | None = None
    for glyph in glyphs:
        if last is None or not _follows(last, glyph):
            part = []
            parts.append(part)
        part.append(glyph)
        last = glyph
    return [Fragment(part, _place(part)) for part in parts]


def _follows(last: Glyph, glyph: Glyph) -> bool:
    size = max(glyph.size, last.size)
    if abs(glyph.base - last.base) > 0.1 * size or last.angle != glyph.angle:
        return False
    if (glyph.text > FIRST_RTL or last.text > FIRST_RTL) and (is_rtl(glyph.text) or is_rtl(last.text)):
        return -CELL_GAP * size < last.x0 - glyph.x1 < CELL_GAP * size
    return -BACKWARDS * size < glyph.x0 - last.x1 < CELL_GAP * size


def is_rtl(text: str) -> bool:
    """Whether a character is of a script that is read from right to left."""
    return text > FIRST_RTL and unicodedata.bidirectional(text[0]) in ("R", "AL")


def _place(glyphs: Sequence[Glyph]) -> Place:
    sizes = [glyph.size for glyph in glyphs]
    base = glyphs[sizes.index(max(sizes))].base
    x0, x1 = min([glyph.x0 for glyph in glyphs]), max([glyph.x1 for glyph in glyphs])
    return Place(x0, x1, base, sorted(sizes)[len(sizes) // 2])


def rows(parts: Iterable[Fragment]) -> list[list[Fragment]]:
    """Fragments side by side, from top to bottom; each row from left to right."""
    out: list[list[Fragment]] = []
    heads: list[Place] = []  # of the largest fragment of each row
    for part in sorted(parts, key=lambda part: (-round(part.place.size, 1), part.place.base)):
        for number in range(len(out) - 1, -1, -1):
            if part.table is None and _beside(part, out[number], heads[number]):
                out[number].append(part)
                break
        else:
            out.append([part])
            heads.append(part.place)
    order = sorted(range(len(out)), key=lambda number: heads[number].base)
    return [sorted(out[number], key=lambda part: part.place.x0) for number in order]


def _beside(part: Fragment, row: list[Fragment], head: Place) -> bool:
    place = part.place
    is_sign = len(part.glyphs) <= MAX_RAISED and place.size <= SMALLER * head.size and place.base < head.base
    most = (RAISED_BASE if is_sign else SAME_BASE) * head.size
    if row[0].table is not None or abs(place.base - head.base) > most:
        return False
    covered = sum(
        max(0.0, min(place.x1, other.place.x1) - max(place.x0, other.place.x0))
        for other in row
        if abs(other.place.base - place.base) > 0.1 * head.size
    )
    return covered <= 0.5 * (place.x1 - place.x0)


def line_of(row: Sequence[Fragment]) -> Line:
    """The words of a row."""
    if row[0].table is not None:
        return Line([], row[0].place, row[0].table)
    glyphs = [glyph for part in row for glyph in part.glyphs]
    right_to_left = 2 * sum(glyph.text > FIRST_RTL and is_rtl(glyph.text) for glyph in glyphs) > len(glyphs)
    words: list[list[Glyph]] = []
    for part in reversed(row) if right_to_left else row:
        for number, glyph in enumerate(part.glyphs):
            last = words[-1][-1] if words else None
            apart = last is None or (glyph.spaced and number > 0) or _gap(last, glyph) > WORD_GAP * glyph.size
            if apart:
                words.append([])
            words[-1].append(glyph)
    return Line([Word(word) for word in words], _place(glyphs))


def _gap(last: Glyph, glyph: Glyph) -> float:
    return max(glyph.x0 - last.x1, last.x0 - glyph.x1)
