"""Rows of a sheet as tables, whatever file they come from: where a table begins, and which row names its columns.

Empty rows divide tables, unless what follows has no header of its own and fits under the one before. Rows above a table
that hold one cell are its title, in running text; so are single sentences below it. Empty columns are left out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .layout import Layout

MAX_CELLS = 500_000  # that hold something
MAX_PLACES = 10_000_000  # with those that hold nothing
MAX_HEADERS = 3  # rows that name the columns, each in words of its own
MAX_LINES_OF_NAMES = 5  # with those that only go on
_LENGTH_OF_A_SIGN = 3
_REMARK = 60  # characters of a cell that is a remark and no part of a table
_LENGTH_OF_A_FIGURE, _LETTERS_OF_A_FIGURE = 40, 3
_PERIOD = re.compile(r"(?:[A-Z]{1,2}\d? ?)?(?:19|20)\d\d(?:[/-]\d{2,4})?[A-Z]?|Q[1-4]|[HQ][1-4] ?(?:19|20)?\d\d")


class Cell(NamedTuple):
    """What a cell shows, whether that is a number or a date, and whether it is set in bold."""

    text: str = ""
    is_figure: bool = False
    is_bold: bool = False


NOTHING = Cell()


@dataclass(slots=True)
class _Table:
    """Rows that belong together, with their numbers in the sheet from 1; titles above, remarks below."""

    titles: list[tuple[int, list[Cell]]]
    rows: list[tuple[int, list[Cell]]]
    remarks: list[tuple[int, list[Cell]]] = field(default_factory=list)
    headers: int = 0

    @property
    def width(self) -> int:
        """Columns, those on the left that hold nothing among them."""
        return max((len(cells) for _, cells in self.rows), default=0)


def looks_like_figure(text: str) -> bool:
    """Whether a text is a number, a date or an amount, as far as its characters tell."""
    if len(text) > _LENGTH_OF_A_FIGURE or text.isalpha():
        return False
    letters = sum(char.isalpha() for char in text)
    return letters <= _LETTERS_OF_A_FIGURE and any(char.isdigit() for char in text)


def column_name(number: int) -> str:
    """Letters of a column from 1: `A`, `Z`, `AA`."""
    name = ""
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def lay_out(layout: Layout, rows: Iterable[tuple[int, list[Cell]]], address: Callable[[int, int], str]) -> None:
    """Add the tables of a sheet to a layout.

    Args:
        layout: is added to.
        rows: number in the sheet from 1, and cells; rows that hold nothing may be left out.
        address: of a cell, by its row and column from 1.

    """
    for table in _tables(rows):
        for number, cells in table.titles:
            _paragraph(layout, number, cells, address)
        columns = [at for at in range(table.width) if any(_text(cells, at) for _, cells in table.rows)]
        texts = [[_text(cells, at) for at in columns] for _, cells in table.rows]
        labels = [[address(number, at + 1) for at in columns] for number, _ in table.rows]
        if len(columns) > 1 or table.headers:
            layout.table(texts, table.headers, labels)
        else:
            for number, cells in table.rows:
                _paragraph(layout, number, cells, address)
        for number, cells in table.remarks:
            _paragraph(layout, number, cells, address)


def _text(cells: list[Cell], at: int) -> str:
    return cells[at].text if at < len(cells) else ""


def _filled(cells: list[Cell]) -> list[int]:
    return [at for at, cell in enumerate(cells) if cell.text]


def _paragraph(layout: Layout, number: int, cells: list[Cell], address: Callable[[int, int], str]) -> None:
    for at in _filled(cells):
        layout.place(address(number, at + 1))
        layout.paragraph(cells[at].text)


def _tables(rows: Iterable[tuple[int, list[Cell]]]) -> list[_Table]:
    tables: list[_Table] = []
    for run in _runs(rows):
        table = _table(run)
        before = tables[-1] if tables else None
        goes_on = not (table.titles or table.headers or all(_is_remark(cells) for _, cells in table.rows))
        if goes_on and before is not None and before.headers and not before.remarks and table.width <= before.width:
            before.rows += table.rows
            before.remarks = table.remarks
        else:
            tables.append(table)
    return tables


def _runs(rows: Iterable[tuple[int, list[Cell]]]) -> Iterable[list[tuple[int, list[Cell]]]]:
    """Rows that follow one another, those that hold nothing left out."""
    run: list[tuple[int, list[Cell]]] = []
    for number, cells in rows:
        if not _filled(cells):
            continue
        if run and number > run[-1][0] + 1:
            yield run
            run = []
        run.append((number, cells))
    if run:
        yield run


def _table(run: list[tuple[int, list[Cell]]]) -> _Table:
    wide = [len(_filled(cells)) > 1 for _, cells in run]
    if not any(wide):
        headers = int(len(run) > 2 and not run[0][1][-1].is_figure and all(cells[-1].is_figure for _, cells in run[1:]))
        return _Table([], run, headers=headers)
    first = wide.index(True)
    last = len(run)
    while last > first + 1 and _is_remark(run[last - 1][1]):
        last -= 1
    body = run[first:last]
    cells = [cells for _, cells in body]
    return _Table(run[:first], body, run[last:], _with_further_lines(cells, _headers(cells)))


def _is_remark(cells: list[Cell]) -> bool:
    """Whether a row is one cell that is long or a sentence."""
    filled = _filled(cells)
    text = cells[filled[0]].text if len(filled) == 1 else ""
    return len(text) > _REMARK or text.endswith((".", "!", "?"))


def _headers(rows: list[list[Cell]]) -> int:
    """How many of the first rows name the columns: two or three where names stand over names, or units below them."""
    if len(rows) < 2:
        return 0
    if len(rows) > 2 and _is_named(rows[0]):
        below, more = _headers(rows[1:]), len(_filled(rows[1])) - len(_filled(rows[0]))
        if 0 < below < MAX_HEADERS and more >= (below == 1) and _may_stand_over(rows[0], rows[1], rows[2:]):
            return below + 1
        if _fills_gaps(rows[0], rows[1], rows[2:]):
            return 2
    one = int(_names_columns(rows[0], rows[1:]))
    return one + int(one and len(rows) > 2 and _holds_units(rows[0], rows[1], rows[2:]))


def _with_further_lines(rows: list[list[Cell]], headers: int) -> int:
    """The rows that name the columns with those that go on below: further words of the names, then signs of units."""
    while 0 < headers < min(MAX_LINES_OF_NAMES, len(rows) - 1) and _goes_on(
        rows[:headers], rows[headers], rows[headers + 1 :]
    ):
        headers += 1
    return headers


def _goes_on(names: list[list[Cell]], line: list[Cell], below: list[list[Cell]]) -> bool:
    """Whether a row below the names says more of them: no label, or nothing but signs, above columns of figures."""
    filled = _filled(line)
    signs = all(len(line[at].text) <= _LENGTH_OF_A_SIGN and not line[at].text.isalnum() for at in filled)
    if any(line[at].is_figure or looks_like_figure(line[at].text) for at in filled):
        return False
    if not filled or not (filled[0] > 0 or signs) or not all(any(_text(row, at) for row in names) for at in filled):
        return False
    rows = [cells for cells in below if _has_figures(cells)]
    columns = [[cells[at] for cells in rows if _text(cells, at)] for at in filled if at > 0]
    return bool(columns) and all(2 * sum(cell.is_figure for cell in column) > len(column) for column in columns)


def _may_stand_over(upper: list[Cell], lower: list[Cell], below: list[list[Cell]]) -> bool:
    """Whether the second row is no row of words below names of which one is missing."""
    is_named_below = _text(upper, 0) in ("", _text(lower, 0))
    return is_named_below or any(cell.is_figure for cells in below for cell in cells)


def _fills_gaps(upper: list[Cell], lower: list[Cell], below: list[list[Cell]]) -> bool:
    """Whether two rows name the columns together: each has names where the other has none, and all rows below cells."""
    width = max(map(len, below))
    names = [_text(lower, at) or _text(upper, at) for at in range(width)]
    only_upper = [at for at in range(width) if _text(upper, at) and not _text(lower, at)]
    only_lower = [at for at in range(width) if _text(lower, at) and not _text(upper, at)]
    full = all(_text(cells, at) for cells in below for at in (*only_upper, *only_lower))
    plain = all(names) and len(set(names)) == width and not any(map(looks_like_figure, names))
    return bool(only_upper and only_lower) and full and plain and not _has_figures(lower)


def _holds_units(upper: list[Cell], lower: list[Cell], below: list[list[Cell]]) -> bool:
    """Whether a row below the names says in what the figures are: nothing over the labels, and no figure itself."""
    filled = _filled(lower)
    return (
        bool(filled)
        and filled[0] > 0
        and not _has_figures(lower)
        and all(_text(upper, at) for at in filled)
        and all(at < len(cells) and cells[at].is_figure for cells in below for at in filled)
    )


def _has_figures(cells: list[Cell]) -> bool:
    return any(cell.is_figure and not _PERIOD.fullmatch(cell.text) for cell in cells)


def _is_named(cells: list[Cell]) -> bool:
    """Whether what stands in the row may be names: something, and no figures but years and quarters."""
    return bool(_filled(cells)) and not _has_figures(cells)


def _names_columns(first: list[Cell], below: list[list[Cell]]) -> bool:
    """Whether a row names the columns of the rows below.

    It is bold and they are not, or it holds no figures (but years and quarters) above rows that do, or each of its
    cells is filled with another word.
    """
    filled = [first[at] for at in _filled(first)]
    if not _is_named(first):
        return False
    if all(cell.is_bold for cell in filled) and not all(below[0][at].is_bold for at in _filled(below[0])):
        return True
    if any(cell.is_figure for cells in below for cell in cells):
        return len(filled) > 1 or not first[0].text
    texts = [cell.text for cell in filled]
    widest = max(len(_filled(cells)) for cells in below)
    return len(set(texts)) == len(texts) >= widest and not any(char.isdigit() for text in texts for char in text)
