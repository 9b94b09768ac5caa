"""What is aligned as a table is and is none: typed formulas, and the scales of charts."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from .pdf_cells import AMOUNT, FIGURE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .pdf_cells import Row, Table
    from .pdf_lines import Word

MIN_SCALE = 4  # figures one step apart, in one cell or one row
MIN_COLUMN_SCALE = 3  # the same, below one another in every column
MIN_SCALE_SHARE = 0.75  # of a column's figures; a long column of any figures has a few that are one step apart
MIN_MATHEMATICAL = 0.5  # of the rows of a formula
MIN_NAMES = 2  # of a cell that says something in words, as a definition behind "=" does
NAME = re.compile(r"[^\W\d_]{3}")  # what has no three letters on end is a variable, an index or a unit
_RELATION = re.compile(r"[=:]*=|[≈≡∼≃≅≤≥<>∈∝→⇒⊗∑∏∫∂∇]|�+")  # a formula's cells begin or end with one  # noqa: RUF001
_SIGN = re.compile(r"[=≈≡∼∈∝→⇒⊗∑∏∫∂∇�]")  # noqa: RUF001
_COMPARES = re.compile(r"[<>≤≥≈∼]")  # noqa: RUF001
_GROUPED = re.compile(r"(?<=\d)[,'’](?=\d{3})")  # noqa: RUF001


def is_doubtful(table: Table) -> bool:
    """Whether what is aligned as this table is, is likelier a formula or a chart."""
    return _is_formula(table.rows) or _is_chart(table)


def _is_formula(rows: Sequence[Row]) -> bool:
    """Whether relations stand at cells' ends, and what is beside them are variables, indices and single digits."""
    related = [any(_is_related(cell) for cell in row.cells) for row in rows]
    bare = [not _is_told(row) for row in rows]
    mathematical = sum(one or other for one, other in zip(related, bare, strict=True))
    return any(related) and mathematical >= MIN_MATHEMATICAL * len(rows)


def _is_related(cell: Sequence[Word]) -> bool:
    """Whether a sign that relates two sides stands at an end of a cell: the other side is in another cell."""
    if not cell or sum(NAME.search(word.text) is not None for word in cell) >= MIN_NAMES:
        return False
    first, last = cell[0].text, cell[-1].text
    if _COMPARES.fullmatch(first) and len(cell) > 1 and AMOUNT.fullmatch(cell[1].text):
        first = ""  # "< 0.05" is a figure
    return any(_RELATION.fullmatch(text) or (len(text) > 1 and _SIGN.match(text)) for text in (first, last) if text)


def _is_told(row: Row) -> bool:
    """Whether a row has a name, or a figure of more than one digit."""
    return any(
        NAME.search(word.text) or (FIGURE.fullmatch(word.text) and sum(map(str.isdigit, word.text)) > 1)
        for cell in row.cells
        for word in cell
    )


def _is_chart(table: Table) -> bool:
    """Whether figures are the scale of an axis: one step apart below one another, in a cell or twice in columns."""
    body = table.rows[table.headers :]
    if any(_upright_scale(cell) for row in table.rows for cell in row.cells):
        return True
    columns = [_column(body, number) for number in range(len(table.rows[0].cells))]
    scales = [
        scale
        for column in columns
        if len(scale := _longest_scale(column)) >= max(MIN_COLUMN_SCALE, MIN_SCALE_SHARE * len(column))
    ]
    named = any(NAME.search(word.text) for row in body for word in row.cells[0])
    return not named and len(scales) == sum(map(bool, columns)) > len({*scales})


def _column(rows: Sequence[Row], number: int) -> list[float]:
    """The figures of a column, from top to bottom."""
    return [value for row in rows for word in row.cells[number] if (value := _value(word)) is not None]


def _longest_scale(values: Sequence[float]) -> tuple[float, ...]:
    """The longest run of values that are one step apart."""
    best: tuple[float, ...] = ()
    start = 0
    for end in range(1, len(values) + 1):
        while end - start > 2 and not _are_steps(values[start:end]):
            start += 1
        if end - start > max(2, len(best)) and _are_steps(values[start:end]):
            best = tuple(values[start:end])
    return best


def _upright_scale(cell: Sequence[Word]) -> bool:
    """Whether figures one step apart stand below one another in a cell."""
    for start in range(len(cell) - MIN_SCALE + 1):
        part = cell[start : start + MIN_SCALE]
        values = [value for word in part if (value := _value(word)) is not None]
        below = all(one.glyphs[0].base < two.glyphs[0].base for one, two in pairwise(part))
        if below and len(values) == MIN_SCALE and _are_steps(values):
            return True
    return False


def _value(word: Word) -> float | None:
    text = _GROUPED.sub("", word.text).replace("−", "-").replace("–", "-").rstrip("%")  # noqa: RUF001
    try:
        return float(text)
    except ValueError:
        return None


def _are_steps(values: Sequence[float]) -> bool:
    """Whether each value is as far from the one before it as the first two are."""
    step = values[1] - values[0]
    return step != 0 and all(abs(two - one - step) < 1e-6 * max(1.0, abs(step)) for one, two in pairwise(values))
