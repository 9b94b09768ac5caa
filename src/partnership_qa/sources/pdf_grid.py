"""Tables whose cells are enclosed by rules.

Rules that touch are one grid. Where a rule is missing between two cells they are one, and what it says is each one's.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from .lines import names_columns
from .pdf_cells import AMOUNT, FIGURE, Row, Table, cut
from .pdf_doubt import is_doubtful
from .pdf_lines import Fragment, Line, Place, Word, fragments, line_of, rows
from .pdf_rivers import bounds_of
from .pdf_rows import rows_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .pdf_chars import Glyph
    from .pdf_rules import Rule

PAIR = 1.2  # points; the lines of a double rule are at least so far apart
NEAR = 3.0  # points; rules that end so close to one another touch
MOST = 0.8  # of a table's width, of rules that part it from its names
MAX_RULES = 4_000  # of a page; a plot has more
MAX_HEAD_ROWS = 3
MAX_CELL_WORDS = 120  # more than this is a page's frame, not a cell
FAR = 2.0  # between a label and a figure in one cell, in parts of the font's size
MIN_FIGURE_LINES = 2  # of a cell: then its lines are rows without rules between them
_MIDDLE = 0.3  # of a font's size, from the baseline up to the middle of its small letters


class _Grid(NamedTuple):
    """Where its columns and rows are parted, and its rules."""

    xs: list[float]
    ys: list[float]
    across: list[Rule]
    down: list[Rule]


def with_grids(parts: list[Fragment], across: Sequence[Rule], down: Sequence[Rule]) -> list[Fragment]:
    """Fragments with each ruled table as one of them."""
    if not across or len(down) < 2 or len(across) + len(down) > MAX_RULES:
        return parts
    for grid in _grids(across, down):
        inside = [part for part in parts if _mostly_in(part, grid)]
        if not inside or _is_only_head(grid, inside, parts):
            continue
        table = _table(grid, [glyph for part in inside for glyph in part.glyphs])
        if table is not None and not is_doubtful(table):
            kept = {id(part) for part in inside}
            size = sorted(part.place.size for part in inside)[len(inside) // 2]
            place = Place(grid.xs[0], grid.xs[-1], grid.ys[0] + size, size)
            parts = [part for part in parts if id(part) not in kept]
            parts.append(Fragment([glyph for part in inside for glyph in part.glyphs], place, table))
    return parts


def _grids(across: Sequence[Rule], down: Sequence[Rule]) -> list[_Grid]:
    """Rules that touch one another, as far as they make at least two columns and one row."""
    rules = [*across, *down]
    group = list(range(len(rules)))

    def root(number: int) -> int:
        while group[number] != number:
            group[number] = group[group[number]]
            number = group[number]
        return number

    order = sorted(range(len(rules)), key=lambda number: rules[number].y0)
    open_rules: list[int] = []
    for number in order:
        rule = rules[number]
        open_rules = [other for other in open_rules if rules[other].y1 >= rule.y0 - NEAR]
        for other in open_rules:
            beside = rules[other]
            if beside.x0 <= rule.x1 + NEAR and rule.x0 <= beside.x1 + NEAR:
                group[root(number)] = root(other)
        open_rules.append(number)
    members: dict[int, list[int]] = {}
    for number in range(len(rules)):
        members.setdefault(root(number), []).append(number)
    out = []
    for numbers in members.values():
        flat = [rules[number] for number in numbers if number < len(across)]
        steep = [rules[number] for number in numbers if number >= len(across)]
        if not flat or not steep:
            continue
        # A table may be open at its sides: then its rules reach further than the outer columns' edges.
        xs = _clustered([rule.x0 for rule in steep] + [min(r.x0 for r in flat), max(r.x1 for r in flat)])
        ys = _clustered([rule.y0 for rule in flat] + [min(r.y0 for r in steep), max(r.y1 for r in steep)])
        if len(xs) > 2 and len(ys) > 1:
            out.append(_Grid(xs, ys, flat, steep))
    return out


def _clustered(values: Sequence[float]) -> list[float]:
    out: list[float] = []
    for value in sorted(values):
        if not out or value - out[-1] > NEAR:
            out.append(value)
    return out


def _mostly_in(part: Fragment, grid: _Grid) -> bool:
    place = part.place
    middle = (place.x0 + place.x1) / 2
    return (
        part.table is None
        and grid.xs[0] - 1 <= middle <= grid.xs[-1] + 1
        and (grid.ys[0] <= place.base - _MIDDLE * place.size <= grid.ys[-1])
    )


def _is_only_head(grid: _Grid, inside: Sequence[Fragment], parts: Sequence[Fragment]) -> bool:
    """Whether the rules enclose the columns' names alone, and the figures stand below them without rules."""
    words = _words(inside)
    figures = sum(FIGURE.fullmatch(word.text) is not None for word in words)
    if len(grid.ys) - 1 > MAX_HEAD_ROWS or 3 * figures > len(words):
        return False
    bottom, size = grid.ys[-1], inside[0].place.size
    below = [part for part in parts if 0 < part.place.base - bottom < 4 * size
             and grid.xs[1] <= part.place.x0 <= grid.xs[-1] + size]  # fmt: skip
    return sum(FIGURE.fullmatch(word.text) is not None for word in _words(below)) > 1


def _words(parts: Sequence[Fragment]) -> list[Word]:
    return [word for part in parts for word in line_of([part]).words]


def _table(grid: _Grid, glyphs: Sequence[Glyph]) -> Table | None:
    columns, count = len(grid.xs) - 1, len(grid.ys) - 1
    owners = _owners(grid)
    held: dict[tuple[int, int], list[Glyph]] = {}
    for glyph in glyphs:
        column = bisect_right(grid.xs, (glyph.x0 + glyph.x1) / 2, 1, columns) - 1
        row = bisect_right(grid.ys, glyph.base - _MIDDLE * glyph.size, 1, count) - 1
        held.setdefault(owners[row][column], []).append(glyph)
    lines = {owner: [line_of(row) for row in rows(fragments(found))] for owner, found in held.items()}
    words = {owner: [word for line in found for word in line.words] for owner, found in lines.items()}
    if not words or max(len(found) for found in words.values()) > MAX_CELL_WORDS:
        return None
    out: list[Row] = []
    ends, above = _names_end(grid), 0
    for number in range(count):
        above = len(out) if number == ends else above
        cells = [lines.get(owner, []) for owner in owners[number]]
        split = _split(cells, grid) if len({*owners[number]}) == columns else []
        out += split or [Row([words.get(owner, []) for owner in owners[number]])]
    if _is_half_ruled(out, _are_several):
        return None
    if _is_half_ruled(out, _is_labelled):
        return _aligned(glyphs, grid.across)
    return _shaped(out, _bold(lines, owners), above)


def _names_end(grid: _Grid) -> int:
    """The band at which the only double rule across the table begins it anew, as below names; 0 where none does."""
    width = grid.xs[-1] - grid.xs[0]

    def crosses(low: float, high: float) -> bool:
        return sum(rule.x1 - rule.x0 for rule in grid.across if low <= rule.y0 <= high) >= MOST * width

    double = [
        number
        for number, at in enumerate(grid.ys[1:-1], 1)
        if crosses(at - PAIR, at + PAIR) and crosses(at + PAIR, at + NEAR)
    ]
    return double[0] if len(double) == 1 and double[0] <= MAX_HEAD_ROWS else 0


def _aligned(glyphs: Sequence[Glyph], across: Sequence[Rule]) -> Table | None:
    """The table inside rules that part only some of its columns, as a shaded one does, told by its alignment."""
    lines = [line_of(row) for row in rows(fragments(glyphs))]
    bounds = bounds_of(lines)
    return rows_of(lines, bounds, across) if bounds else None


def _is_half_ruled(table: Sequence[Row], is_wide: Callable[[Sequence[Word]], bool]) -> bool:
    """Whether the rules part only groups of columns: then cells with figures are those of two columns in most rows."""
    held = [[cell for cell in row.cells if any(AMOUNT.fullmatch(word.text) for word in cell)] for row in table]
    wide = [any(is_wide(cell) for cell in row) for row in held]
    return sum(wide) > 2 and 2 * sum(wide) >= sum(bool(row) for row in held)


def _are_several(cell: Sequence[Word]) -> bool:
    """Whether figures stand side by side."""
    return len(cell) > 1 and all(AMOUNT.fullmatch(word.text) for word in cell)


def _is_labelled(cell: Sequence[Word]) -> bool:
    """Whether a figure stands far from a label at its left."""
    if len(cell) < 2 or AMOUNT.fullmatch(cell[0].text) or not AMOUNT.fullmatch(cell[-1].text):
        return False
    return cell[-1].x0 - cell[-2].x1 > FAR * cell[-1].glyphs[0].size


def _owners(grid: _Grid) -> list[list[tuple[int, int]]]:
    """For each cell the first of the cells that it is one with."""
    out: list[list[tuple[int, int]]] = []
    for number, (top, bottom) in enumerate(pairwise(grid.ys)):
        row: list[tuple[int, int]] = []
        for column, (left, right) in enumerate(pairwise(grid.xs)):
            if column and not _parted(grid.down, left, (top + bottom) / 2, upright=True):
                row.append(row[-1])
            elif number and not _parted(grid.across, top, (left + right) / 2, upright=False):
                row.append(out[-1][column])
            else:
                row.append((number, column))
        out.append(row)
    return out


def _parted(rules: Sequence[Rule], at: float, middle: float, *, upright: bool) -> bool:
    if upright:
        return any(abs(rule.x0 - at) <= NEAR and rule.y0 - 1 <= middle <= rule.y1 + 1 for rule in rules)
    return any(abs(rule.y0 - at) <= NEAR and rule.x0 - 1 <= middle <= rule.x1 + 1 for rule in rules)


def _split(cells: Sequence[Sequence[Line]], grid: _Grid) -> list[Row]:
    """Rows of a band whose lines are rows: several figures stand below one another in a cell of it."""
    figures = any(
        len(lines) >= MIN_FIGURE_LINES and all(FIGURE.fullmatch(word.text) for line in lines for word in line.words)
        for lines in cells
    )
    if not figures:
        return []
    bounds = grid.xs[1:-1]
    merged = [line_of(row) for row in rows(part for lines in cells for line in lines for part in _fragments(line))]
    table = rows_of(merged, bounds, [])
    return table.rows if table is not None else [Row(cut(line.words, bounds)) for line in merged]


def _fragments(line: Line) -> list[Fragment]:
    return fragments(glyph for word in line.words for glyph in word.glyphs)


def _bold(lines: dict[tuple[int, int], list[Line]], owners: Sequence[Sequence[tuple[int, int]]]) -> list[bool]:
    """Which bands are set in bold type."""
    out = []
    for row in owners:
        bold = [line.bold for owner in set(row) for line in lines.get(owner, [])]
        out.append(bool(bold) and all(bold))
    return out


def _shaped(table: list[Row], bold: Sequence[bool], above: int) -> Table | None:
    """The table without empty rows and columns, and with one row of names.

    Where nothing else says so, they are the first rows of `table`, `above` a double rule.
    """
    full = [row for row in table if any(row.cells)]
    columns = [column for column in range(len(table[0].cells)) if any(row.cells[column] for row in full)]
    full = [Row([row.cells[column] for column in columns]) for row in full]
    if len(columns) < 2 or len(full) < 2:
        return None
    headers = _headers(full, bold if len(bold) == len(table) and len(full) == len(table) else [])
    headers = headers or _named(table[:above])
    if headers > 1:
        named = Row([_joined([row.cells[column] for row in full[:headers]]) for column in range(len(columns))])
        full, headers = [named, *full[headers:]], 1
    return Table(full, headers)


def _headers(full: Sequence[Row], bold: Sequence[bool]) -> int:
    """How many rows name the columns: the first ones in bold, or those above the first figures."""
    if bold and bold[0] and not all(bold):
        first = bold.index(False)
        return first if first <= 3 else 1
    for number, row in enumerate(full[:4]):
        spans = any(one and one is two for one, two in pairwise(row.cells))
        if not spans:
            texts = [other.texts() for other in full[number:]]
            return number + int(names_columns(texts)) if number or names_columns(texts) else 0
    return 0


def _named(above: Sequence[Row]) -> int:
    """How many rows above a double rule name columns: all that are filled, where each cell of theirs has words."""
    filled = [row.texts() for row in above if any(row.cells)]
    words = all(not text or any(char.isalpha() for char in text) for texts in filled for text in texts)
    return len(filled) if words else 0


def _joined(cells: Sequence[list[Word]]) -> list[Word]:
    """The words of a column's names, from top to bottom, each once."""
    out: list[Word] = []
    seen: set[int] = set()
    for cell in cells:
        if id(cell) not in seen:
            seen.add(id(cell))
            out += cell
    return out
