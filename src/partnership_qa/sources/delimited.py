"""CSV and TSV: a table in a text, its delimiter told by which one gives rows of one length."""

from __future__ import annotations

import csv
import io
from collections import Counter
from itertools import islice

from .encoding import NotTextError, decode
from .layout import Extracted, Layout
from .sheets import MAX_CELLS, Cell, column_name, lay_out, looks_like_figure

_DELIMITERS = (",", ";", "\t", "|")
_LOOKED_AT = 200  # rows
_MAX_FIELD = 2**20  # characters


def read_csv(data: bytes) -> Extracted:
    """Text and blocks of a CSV file; the address of a cell is that which a sheet would give it, such as `C7`.

    Raises:
        NotTextError: no text is in it, or it holds too many cells.

    """
    text, note = decode(data)
    text = text.removeprefix("\ufeff")
    csv.field_size_limit(_MAX_FIELD)
    layout = Layout()
    rows: list[tuple[int, list[Cell]]] = []
    cells = 0
    try:
        for number, row in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text)), 1):
            cells += len(row)
            if cells > MAX_CELLS:
                raise NotTextError(f"it holds more than {MAX_CELLS:,} cells, which is more than is read")
            rows.append((number, [Cell(one.strip(), looks_like_figure(one)) for one in row]))
    except csv.Error as error:
        raise NotTextError(f"it is no table that can be read ({error})") from None
    lay_out(layout, rows, lambda row, column: f"{column_name(column)}{row}")
    return layout.extracted._replace(note=note)


def _delimiter(text: str) -> str:
    """The delimiter that gives most rows of one length; of two that do as well, the one that gives more cells."""
    best, most = ",", (0.0, 0)
    for delimiter in _DELIMITERS:
        try:
            rows = list(islice(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), _LOOKED_AT))
        except csv.Error:
            continue
        lengths = Counter(len(row) for row in rows if len(row) > 1)
        filled = sum(bool(row) for row in rows)
        length, count = lengths.most_common(1)[0] if lengths else (0, 0)
        if (score := (count / filled if filled else 0.0, length)) > most:
            best, most = delimiter, score
    return best
