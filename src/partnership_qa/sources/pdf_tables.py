"""Tables that no rules enclose, told by their alignment: labels at the left, figures below one another.

Lines with a wide gap are the rows that are looked at. What no word of them covers from top to bottom parts the columns.
A table that cannot be told with confidence is left as lines.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from .pdf_cells import Table, cut
from .pdf_doubt import is_doubtful
from .pdf_rivers import bounds_of, has_figure, has_gap, holds_several, is_foreign, is_row, is_strange
from .pdf_rows import TIGHT, rows_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .pdf_lines import Line
    from .pdf_rules import Rule

# In parts of the font's size.
MAX_LEADING = 4.5  # from line to line within a table; sections of a statement stand further apart than its rows
MAX_HEADER_LEADING = 2.6
# Rows without a gap that may stand between two with one: section labels, labels of several lines.
MAX_LABEL_LINES = 6
MAX_PROSE_WORDS = 6  # of a line that runs over the columns
MAX_HEADER_LINES = 5
MAX_STRANGE = 3  # lines at the head of a table that may be another one
CAPTION = re.compile(r"[^\W\d_]{2,12}\.? (?:\d{1,3}|[A-Z])(?:[.-]\d{1,3}){0,3} ?[.:]")  # "Table 3.2:", "Exhibit 4."
MAX_LINES = 300  # of a table on one page, so that a page of any size is read in time that grows with it


class Found(NamedTuple):
    """Lines `[start, end)` of a column that are a table."""

    start: int
    end: int
    table: Table


def find_tables(lines: Sequence[Line], across: Sequence[Rule]) -> list[Found]:
    """Tables among the lines of one column, from top to bottom."""
    out: list[Found] = []
    at = 0
    while at < len(lines):
        if not has_gap(lines[at]):
            at += 1
            continue
        end = _run(lines, at)
        found = _table(lines, at, end, across, out[-1].end if out else 0)
        if found is not None and not is_doubtful(found.table):
            out.append(found)
        at = found.end if found is not None else at + 1
    return out


def _run(lines: Sequence[Line], at: int) -> int:
    """End of the rows from `at` on that stand close together; the last of them has a gap."""
    end = last = at + 1
    most = min(len(lines), at + MAX_LINES)
    while end < most and end - last < MAX_LABEL_LINES and lines[end].table is None:
        one, two = lines[end - 1].place, lines[end].place
        if not 0 <= two.base - one.base <= MAX_LEADING * max(one.size, two.size):
            break
        end += 1
        if has_gap(lines[end - 1]):
            last = end
    return last


def _table(lines: Sequence[Line], start: int, end: int, across: Sequence[Rule], free: int) -> Found | None:
    while True:
        bounds = bounds_of(lines[start:end])
        if not bounds:
            return None
        title = _first_title(lines, start, end)
        if title < end and holds_several(lines[start:end], bounds):
            end = title
            continue
        reach = _reach(lines[start:end], bounds)
        crossing = next((n for n in range(start, end) if _ends_it(lines[n], bounds[0], reach)), end)
        if crossing == end:
            break
        while crossing > start and not has_gap(lines[crossing - 1]):
            crossing -= 1
        end = crossing
        if end <= start:
            return None
    start = max(
        (n + 1 for n in range(start, min(end - 1, start + MAX_STRANGE)) if is_strange(lines[n], bounds)), default=start
    )
    start, end = _whole(lines, start, end, bounds, free)
    first = _header_start(lines, start, bounds[0], free)
    end = _last_cell_end(lines, end, bounds)
    table = rows_of(lines[first:end], bounds, across)
    return Found(first, end, table) if table is not None else None


def _whole(lines: Sequence[Line], start: int, end: int, bounds: Sequence[float], free: int) -> tuple[int, int]:
    """The rows without lines below them that stand across the columns, and with rows whose gaps are all narrow."""
    figures = 2 * sum(map(has_figure, lines[start:end])) >= sum(map(has_gap, lines[start:end]))
    while figures and end - start > 2 and is_foreign(lines[end - 1], bounds):
        end -= 1
    while start > free and is_row(lines[start - 1], bounds) and _is_next(lines[start - 1], lines[start]):
        start -= 1
    while end < len(lines) and is_row(lines[end], bounds) and _is_next(lines[end - 1], lines[end]):
        end += 1
    return start, end


def _is_next(one: Line, two: Line) -> bool:
    return 0 < two.place.base - one.place.base <= TIGHT * max(one.place.size, two.place.size)


def _first_title(lines: Sequence[Line], start: int, end: int) -> int:
    """End of the rows before the first line without a gap, which may be the title of another table."""
    gaps = [number for number in range(start, end) if has_gap(lines[number])]
    return next((one + 1 for one, two in pairwise(gaps) if two > one + 1), end)


def _reach(lines: Sequence[Line], bounds: Sequence[float]) -> float:
    """Right end of the first column beside the labels."""
    cells = [cut(line.words, bounds)[1] for line in lines if has_gap(line)]
    return max((word.x1 for cell in cells for word in cell), default=bounds[0])


def _ends_it(line: Line, bound: float, reach: float) -> bool:
    """Whether a line without gaps is a caption, or runs from the labels over a column, as a paragraph does."""
    if has_gap(line) or line.table is not None:
        return False
    return CAPTION.match(line.text) is not None or (
        len(line.words) > MAX_PROSE_WORDS
        and line.place.x0 < bound - line.place.size
        and line.place.x1 > reach - 0.5 * line.place.size
    )


def _header_start(lines: Sequence[Line], start: int, bound: float, free: int) -> int:
    """First of the lines above the rows that stand over the columns and not over the labels."""
    first = start
    for number in range(start - 1, max(free, start - MAX_HEADER_LINES) - 1, -1):
        line, below = lines[number], lines[number + 1]
        apart = below.place.base - line.place.base
        if line.table is not None or not 0 <= apart <= MAX_HEADER_LEADING * max(line.place.size, below.place.size):
            break
        if CAPTION.match(line.text) or (line.text.startswith("(") and line.text.endswith(")") and len(line.words) > 1):
            break  # a caption, and a unit that holds for the whole table, stand over its middle
        if line.place.x0 >= bound - line.place.size and len(line.words) <= 2 * MAX_PROSE_WORDS:
            first = number
        elif line.place.x1 > bound or len(line.words) > MAX_PROSE_WORDS:
            break
    return first


def _last_cell_end(lines: Sequence[Line], end: int, bounds: Sequence[float]) -> int:
    """End of the rows with the further lines of the last row's cells."""
    while end < len(lines) and lines[end].table is None:
        line, before = lines[end], lines[end - 1]
        close = 0 < line.place.base - before.place.base <= TIGHT * line.place.size
        cells = [cell for cell in cut(line.words, bounds) if cell]
        label = line.place.x0 < bounds[0]
        if not close or has_gap(line) or len(cells) != 1 or (label and not line.text[:1].islower()):
            break
        end += 1
    return end
