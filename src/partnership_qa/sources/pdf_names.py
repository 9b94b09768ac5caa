"""The names of a table's columns: one for each, from the lines that stand above its figures.

A name that stands over several columns is each one's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .pdf_cells import Row, cut, segments

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .pdf_lines import Line, Word
    from .pdf_rules import Rule

# In parts of the font's size.
OFF_CENTRE = 2.0  # of a name over several columns
ALIGNED = 0.7  # of an edge or the middle of a name and of the figures below it
UNDER = 1.4  # below a name within which the rule under it is


def names_of(
    lines: Sequence[Line], extents: Sequence[tuple[float, float]], bounds: Sequence[float], across: Sequence[Rule]
) -> Row:
    """One row of names.

    Args:
        lines: above the figures.
        extents: left and right end of what stands in each column.
        bounds: where the columns are parted.
        across: horizontal rules of the page.

    """
    cells: list[list[Word]] = [[] for _ in range(len(bounds) + 1)]
    for line in lines:
        close = _close_names(line, extents, bounds) if line is lines[-1] else []
        for number, words in enumerate(close or _named(line, extents, bounds, across)):
            cells[number].extend(words)
    return Row(cells)


def _close_names(line: Line, extents: Sequence[tuple[float, float]], bounds: Sequence[float]) -> list[list[Word]]:
    """The names of the lowest line where each column has one, however close they stand; else none."""
    size = line.place.size
    ends = [right + ALIGNED * size for _, right in extents[:-1]]
    by_middle = [sum((word.x0 + word.x1) / 2 > bound for bound in bounds) for word in line.words]
    by_end = [sum(word.x1 > end for end in ends) for word in line.words]
    best: tuple[float, list[list[Word]]] | None = None
    for columns in (by_middle, by_end):
        cells: list[list[Word]] = [[] for _ in extents]
        for word, column in zip(line.words, columns, strict=True):
            cells[column].append(word)
        if not all(cells[1:]):
            continue
        off = [_off(cell, extent) / size for cell, extent in zip(cells[1:], extents[1:], strict=True)]
        if max(off) <= ALIGNED and (best is None or sum(off) < best[0]):
            best = sum(off), cells
    return best[1] if best else []


def _off(name: Sequence[Word], extent: tuple[float, float]) -> float:
    """How far an edge or the middle of a name is from that of the figures below it."""
    (left, right), first, last = extent, name[0].x0, name[-1].x1
    return min(abs(first - left), abs(last - right), abs(first + last - left - right) / 2)


def _named(
    line: Line, extents: Sequence[tuple[float, float]], bounds: Sequence[float], across: Sequence[Rule]
) -> list[list[Word]]:
    """The names of one line by the columns over which they stand."""
    cells: list[list[Word]] = [[] for _ in extents]
    found = segments(line.words, line.place.size)
    if len(found) == len(extents):
        return [list(segment) for segment in found]
    beside = []
    for segment in found:
        if (segment[0].x0 + segment[-1].x1) / 2 <= bounds[0] and segment[0].x0 < extents[1][0]:
            cells[0].extend(segment)
        else:
            beside.append(segment)
    for number, columns in enumerate(_shares(beside, extents, line.place.size)):
        for column in columns:
            cells[column].extend(beside[number])
        beside[number] = []
    beside = [segment for segment in beside if segment]
    narrow: dict[int, int] = {}
    for number, segment in enumerate(beside):
        own = _own_column(segment, extents)
        if own and not _ruled_over(segment, line, extents, across):
            narrow[number] = own
    for number, segment in enumerate(beside):
        if number in narrow:
            cells[narrow[number]].extend(segment)
            continue
        spanned = _spanned(segment, line, extents, across, set(narrow.values()))
        for column in spanned or [number for number, cell in enumerate(cut(segment, bounds)) if cell][:1]:
            cells[column].extend(segment)
    return cells


def _shares(segments: Sequence[Sequence[Word]], extents: Sequence[tuple[float, float]], size: float) -> list[range]:
    """The columns of each name where each has one, or each stands over the middle of as many; else none."""
    columns = len(extents) - 1
    group = columns // len(segments) if segments else 0
    if group * len(segments) != columns or (group > 1 and len(segments) == 1):
        return []
    for number, segment in enumerate(segments):
        first, last = extents[1 + number * group], extents[(number + 1) * group]
        if group > 1 and abs(segment[0].x0 + segment[-1].x1 - first[0] - last[1]) / 2 > OFF_CENTRE * size:
            return []
    return [range(1 + number * group, 1 + (number + 1) * group) for number in range(len(segments))]


def _own_column(segment: Sequence[Word], extents: Sequence[tuple[float, float]]) -> int:
    """The one column that a name stands over; 0 where there are more, or none."""
    left, right = segment[0].x0, segment[-1].x1
    over = [n for n in range(1, len(extents)) if min(right, extents[n][1]) > max(left, extents[n][0])]
    if len(over) != 1:
        return 0
    low, high = extents[over[0]]
    inside = min(right, high) - max(left, low)
    return over[0] if inside > 0.6 * min(right - left, high - low) else 0


def _ruled_over(
    segment: Sequence[Word], line: Line, extents: Sequence[tuple[float, float]], across: Sequence[Rule]
) -> list[int]:
    """The columns over which the rule under a name reaches, if they are several and not all that there is."""
    left, right = segment[0].x0, segment[-1].x1
    base, size = line.place.base, line.place.size
    for rule in across:
        under = 0 <= rule.y0 - base <= UNDER * size and rule.x0 <= left + size and rule.x1 >= right - size
        if under and rule.x0 > (extents[0][0] + extents[0][1]) / 2:
            inside = [n for n in range(1, len(extents)) if rule.x0 - size <= sum(extents[n]) / 2 <= rule.x1 + size]
            if len(inside) > 1:
                return inside
    return []


def _spanned(
    segment: Sequence[Word], line: Line, extents: Sequence[tuple[float, float]], across: Sequence[Rule], taken: set[int]
) -> list[int]:
    """The columns that a name over several of them stands for: those under its rule, or those it is centred over."""
    ruled = _ruled_over(segment, line, extents, across)
    if ruled:
        return ruled
    left, right = segment[0].x0, segment[-1].x1
    middle = (left + right) / 2
    best: tuple[float, int, list[int]] | None = None
    for first in range(1, len(extents)):
        for last in range(first, len(extents)):
            columns = list(range(first, last + 1))
            if taken.intersection(columns):
                continue
            low, high = extents[first][0], extents[last][1]
            missed = max(0.0, low - left) + max(0.0, right - high)
            off = round((abs((low + high) / 2 - middle) + missed) / line.place.size)
            if best is None or (off, -len(columns)) < best[:2]:
                best = off, -len(columns), columns
    return best[2] if best else []
