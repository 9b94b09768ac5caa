"""Workbooks (XLSX) into tables, opened by openpyxl: each sheet a section, each cell with its address.

Values are written as the sheet shows them, formulas by the value that they had when the file was last saved. Sheets
that are hidden are left out and said to be; hidden rows and columns are read. A cell that is merged over rows is said
again in each of them, so that a row is whole when it is quoted alone. openpyxl and no faster reader, for it alone gives
the number formats, without which a date, a percentage or an amount is a bare number.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from functools import partial
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from ..errors import OptionalDependencyError
from .archives import DAMAGED, check_archive, no_file, transitional
from .encoding import NotTextError
from .figures import shown
from .layout import Extracted, Layout
from .sheets import MAX_CELLS, MAX_PLACES, NOTHING, Cell, column_name, lay_out

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_ROWS, MAX_COLUMNS = 2**20, 2**14  # of a sheet, as the format has them
_MERGED = re.compile(
    rb"<(?:\w+:)?mergeCell\s[^>]{0,200}?ref=[\"']([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})[\"']"
)
_UNCOUNTED = re.compile(
    rb"(?:</(?:\w{1,20}:)?f>|<(?:\w{1,20}:)?f\b[^<>]{0,300}/>)\s{0,20}(?:<(?:\w{1,20}:)?v(?:\s?/>|>\s{0,20}</(?:\w{1,20}:)?v>))?"
    rb"\s{0,20}</(?:\w{1,20}:)?c>"
)
_PLAIN_NAME = re.compile(r"[^\W\d]\w*")


def read_xlsx(data: bytes) -> Extracted:
    """Text and blocks of an XLSX file.

    Raises:
        NotTextError: it is no XLSX file, is protected, or holds or unpacks to more than it should.
        OptionalDependencyError: openpyxl is not installed.

    """
    try:
        from openpyxl import load_workbook
    except ImportError as error:
        raise OptionalDependencyError("openpyxl", "xlsx", "Reading XLSX") from error
    check_archive(data, "XLSX")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of parts that it does not know, which hold no values
        try:
            data = transitional(data)
            return _read(load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False), data)
        except DAMAGED as error:
            raise no_file("XLSX", error) from None


def _read(book: Any, data: bytes) -> Extracted:
    layout, hidden, uncounted, left = Layout(), [], 0, MAX_CELLS
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for sheet in book.worksheets:
            if sheet.sheet_state != "visible":
                hidden.append(f"“{sheet.title}”")
                continue
            part = archive.read(sheet._worksheet_path)  # openpyxl gives it by no other name
            uncounted += len(_UNCOUNTED.findall(part))
            rows = []
            for number, cells in _rows(sheet, _merges(part)):
                left -= sum(bool(cell.text) for cell in cells)
                if left < 0:
                    raise NotTextError(f"it holds more than {MAX_CELLS:,} cells, which is more than is read")
                rows.append((number, cells))
            if rows:
                name = sheet_name(sheet.title)
                layout.place(name)
                layout.heading(sheet.title, 1)
                lay_out(layout, rows, partial(_address, name))
    notes = [f"hidden sheets left out: {', '.join(hidden[:10])}"] if hidden else []
    if uncounted:
        notes.append(f"{uncounted:,} formulas have no value: open the file in the program that made it, and save it")
    return layout.extracted._replace(note="; ".join(notes))


def _address(name: str, row: int, column: int) -> str:
    return f"{name}!{column_name(column)}{row}"


def sheet_name(title: str) -> str:
    """A sheet's name as it stands in an address: in quotes where it is no plain word."""
    return title if _PLAIN_NAME.fullmatch(title) else "'" + title.replace("'", "''") + "'"


def _rows(sheet: Any, merges: dict[int, list[tuple[int, int]]]) -> Iterator[tuple[int, list[Cell]]]:
    """Rows that hold something, with their numbers; what is merged over rows is said in each."""
    sheet.reset_dimensions()  # a file may claim any size
    visited = 0
    looks: dict[int, tuple[str, bool]] = {}
    above: dict[int, tuple[Cell, int]] = {}  # by column: a cell that reaches down, and its last row
    for number, row in enumerate(sheet.rows, 1):
        visited += len(row) + 1
        if number > MAX_ROWS or len(row) > MAX_COLUMNS or visited > MAX_PLACES:
            raise NotTextError("its sheets are larger than a sheet can be")
        cells = [_cell(cell, looks) for cell in row]
        if not any(cell.text for cell in cells):
            continue
        for column, (cell, last) in above.items():
            if number <= last:
                cells += [NOTHING] * (column + 1 - len(cells))
                cells[column] = cells[column] if cells[column].text else cell
        for column, last in merges.get(number, ()):
            if column < len(cells):
                above[column] = cells[column], last
        filled = list(takewhile(lambda cell: not cell.text, reversed(cells)))
        yield number, cells[: len(cells) - len(filled)]


def _cell(cell: Any, looks: dict[int, tuple[str, bool]]) -> Cell:
    """What a cell shows; `looks` keeps, by style, the number format and boldness that openpyxl looks up each time."""
    value = cell.value
    if value is None:
        return NOTHING
    style = cell._style_id
    if style not in looks:
        looks[style] = cell.number_format or "General", bool(cell.font is not None and cell.font.b)
    pattern, is_bold = looks[style]
    return Cell(shown(value, pattern).strip(), not isinstance(value, (str, bool)), is_bold)


def _merges(part: bytes) -> dict[int, list[tuple[int, int]]]:
    """By its first row: column from 0 and last row of each cell that is merged over rows."""
    found: dict[int, list[tuple[int, int]]] = {}
    for left, top, _, bottom in _MERGED.findall(part):
        if int(bottom) > int(top):
            found.setdefault(int(top), []).append((_column(left) - 1, int(bottom)))
    return found


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + letter - ord("A") + 1
    return number
