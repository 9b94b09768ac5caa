"""Fragments of a page into the order in which they are read: column after column.

Columns are parted by a gutter with running text on both of its sides. A table has a gutter too, but short cells, and
its cells stand on common baselines: where those of both sides differ, they are two tables, or a table beside a text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .pdf_lines import SAME_BASE, line_of, rows
from .pdf_rules import THIN

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .pdf_lines import Fragment, Line, Place
    from .pdf_rules import Rule

MIN_COLUMN_LINES = 4
HANGING = 1.0  # parts of its size by which a title may begin before its column does
SAME_EDGE = 2.0  # points; lines of a column begin below one another
MIN_SIDE = 0.15  # of the width, of a column
# A column holds running text where this share of its lines has three words and fills this part of its width. In a
# table the cells of one column or the other are short.
PROSE_LINES, PROSE_WORDS, PROSE_FILL = 0.5, 3, 0.6
# A column with a large table has fewer, beside one that has hardly anything else.
MIN_PROSE_LINES, SURE_PROSE_LINES = 6, 0.7
MIN_OWN_LINES, MIN_OWN_SHARE = 4, 0.25  # of a side, with nothing on their baseline on the other
MIN_BALANCE = 0.6  # of one side's lines to the other's; a table's labels are fewer than the lines beside them
MIN_GUTTER = 1.0  # between them, in parts of the font's size
MAX_COLUMN_SPLITS = 12


def in_reading_order(parts: list[Fragment], across: Sequence[Rule]) -> list[list[Line]]:
    """Lines of each column, the columns in the order in which they are read."""
    left = [MAX_COLUMN_SPLITS]
    return [
        [line_of(row) for row in rows(column)]
        for column in _columns(parts, [rule for rule in across if rule.y1 - rule.y0 <= THIN], left)
    ]


def _columns(parts: list[Fragment], across: Sequence[Rule], left: list[int]) -> Iterator[list[Fragment]]:
    found = _best_zone(parts, across) if left[0] > 0 else None
    if found is None:
        if parts:
            yield parts
        return
    left[0] -= 1
    gutter, top, bottom = found
    yield from _columns([part for part in parts if part.place.base < top], across, left)
    zone = [part for part in parts if top <= part.place.base <= bottom]
    for side in _sides(zone, gutter):
        yield from _columns(side, across, left)
    yield from _columns([part for part in parts if part.place.base > bottom], across, left)


def _best_zone(parts: list[Fragment], across: Sequence[Rule]) -> tuple[float, float, float] | None:
    """The gutter with most text beside it: where it stands, and the first and last baseline that it parts."""
    if len(parts) < 2 * MIN_COLUMN_LINES:
        return None
    best: tuple[int, float, float, float] | None = None
    x0, x1 = min(part.place.x0 for part in parts), max(part.place.x1 for part in parts)
    ordered = sorted(parts, key=lambda part: part.place.base)
    for edge in _edges(parts, x0 + MIN_SIDE * (x1 - x0)):
        crossing_rules = [rule.y0 for rule in across if rule.x0 < edge - 20 and rule.x1 > edge + 20]
        for zone in _zones(ordered, edge, crossing_rules):
            if len(zone) < 2 * MIN_COLUMN_LINES:
                continue
            sides = _sides(zone, edge)
            weight = sum(len(part.glyphs) for part in zone)
            if (best is None or weight > best[0]) and (_are_prose(sides) or _are_apart(*sides)):
                best = weight, edge, zone[0].place.base, zone[-1].place.base
    return best and best[1:]


def _sides(parts: Sequence[Fragment], edge: float) -> tuple[list[Fragment], list[Fragment]]:
    left = [part for part in parts if _is_left(part.place, edge)]
    return left, [part for part in parts if not _is_left(part.place, edge)]


def _is_left(place: Place, edge: float) -> bool:
    """Whether text begins left of an edge; a title may begin a little left of what stands below it."""
    return place.x0 < edge - HANGING * place.size


def _edges(parts: Sequence[Fragment], least: float) -> list[float]:
    """Left ends that several fragments have."""
    lefts = sorted(part.place.x0 for part in parts if part.place.x0 > least)
    out: list[float] = []
    at = 0
    while at < len(lefts):
        end = at
        while end < len(lefts) and lefts[end] <= lefts[at] + SAME_EDGE:
            end += 1
        if end - at >= MIN_COLUMN_LINES:
            out.append(lefts[at] - SAME_EDGE / 2)
        at = end
    return out


def _zones(ordered: Sequence[Fragment], edge: float, rules: Sequence[float]) -> Iterator[list[Fragment]]:
    """Runs of fragments, from top to bottom, none of which reaches over the edge."""
    zone: list[Fragment] = []
    for part in ordered:
        place = part.place
        crosses = _is_left(place, edge) and place.x1 > edge - 0.5 * place.size
        ruled = bool(zone) and any(zone[-1].place.base < rule < place.base for rule in rules)
        if (crosses or ruled) and zone:
            yield zone
            zone = []
        if not crosses:
            zone.append(part)
    if zone:
        yield zone


def _are_prose(sides: Sequence[list[Fragment]]) -> bool:
    """Whether running text stands on both sides, a table above or below it on one of them or not."""
    (few, share), (_, other) = sorted((_prose(side) for side in sides), key=lambda found: found[1])
    return share >= PROSE_LINES or (few >= MIN_PROSE_LINES and other >= SURE_PROSE_LINES)


def _are_apart(left: list[Fragment], right: list[Fragment]) -> bool:
    """Whether lines on either side have nothing on their baselines on the other, and those at the right have labels."""
    sides = [rows(left), rows(right)]
    top = max(side[0][0].place.base for side in sides if side) if all(sides) else 0.0
    bottom = min(side[-1][0].place.base for side in sides if side) if all(sides) else 0.0
    beside = [[row for row in side if top <= row[0].place.base <= bottom] for side in sides]
    counts = [len(side) for side in beside]
    if min(counts) < MIN_BALANCE * max(counts) or min(counts) < 2 * MIN_OWN_LINES:
        return False
    size = right[0].place.size
    if min(part.place.x0 for part in right) - max(part.place.x1 for part in left) < MIN_GUTTER * size:
        return False
    for one, other in (beside, beside[::-1]):
        bases = [row[0].place.base for row in other]
        own = sum(all(abs(row[0].place.base - base) > SAME_BASE * size for base in bases) for row in one)
        if own < max(MIN_OWN_LINES, MIN_OWN_SHARE * len(one)):
            return False
    named = sum(any(glyph.text[:1].isalpha() for glyph in row[0].glyphs) for row in beside[1])
    return 2 * named > len(beside[1])


def _prose(side: list[Fragment]) -> tuple[int, float]:
    """How many lines of a side are running text, and their share."""
    lines = rows(side)
    if len(lines) < MIN_COLUMN_LINES:
        return 0, 0.0
    x0, x1 = min(part.place.x0 for part in side), max(part.place.x1 for part in side)
    good = 0
    for row in lines:
        letters = [glyph for part in row for glyph in part.glyphs if glyph.text[:1].isalpha()]
        characters = sum(len(part.glyphs) for part in row)
        words = 1 + sum(glyph.spaced for part in row for glyph in part.glyphs[1:])
        filled = sum(part.place.x1 - part.place.x0 for part in row)
        good += 2 * len(letters) > characters and words >= PROSE_WORDS and filled > PROSE_FILL * (x1 - x0)
    return good, good / len(lines)
