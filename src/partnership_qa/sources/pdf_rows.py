"""Lines of a table whose columns are known, into rows of cells; labels of several lines are joined."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from .lines import names_columns
from .pdf_cells import FIGURE, Row, Table, cut, segments
from .pdf_names import names_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .pdf_lines import Line, Word
    from .pdf_rules import Rule

_YEAR = re.compile(r"(?:19|20)\d\d[AEPF]?|FY\s?'?\d\d(?:\d\d)?[AEPF]?|[1-4]?Q[1-4]?'?\d{0,4}")
VERY_CLOSE = 0.95  # baselines of a label of two lines and of figures that stand in the middle of its height
INDENT, SAME_INDENT = 0.5, 0.1  # of rows below a section's name, and how exactly they have it
TIGHT, MAX_TIGHT = 1.55, 2.3  # baselines of lines of one label are no further apart, in parts of the font's size


@dataclass(slots=True)
class _Cut:
    """A line with its words by column."""

    line: Line
    cells: list[list[Word]]
    tight: float = TIGHT

    @property
    def label(self) -> str:
        return " ".join(word.text for word in self.cells[0])

    @property
    def filled(self) -> bool:
        """Whether anything stands beside the label."""
        return any(self.cells[1:])

    def has_amount(self) -> bool:
        """Whether a cell beside the label holds a figure that is no year."""
        return any(
            cell
            and all(FIGURE.fullmatch(word.text) for word in cell)
            and any(char.isdigit() or char in "-–—−" for word in cell for char in word.text)  # noqa: RUF001
            and not _YEAR.fullmatch(" ".join(word.text for word in cell))
            for cell in self.cells[1:]
        )


def rows_of(lines: Sequence[Line], bounds: Sequence[float], across: Sequence[Rule]) -> Table | None:
    """Rows of a table between these bounds; `None` where they are no table after all."""
    tight = _tight(lines)
    cuts = [_cut(line, bounds, tight) for line in lines]
    amounts = [number for number, one in enumerate(cuts) if one.has_amount()]
    labelled = [number for number in amounts if cuts[number].label]
    # Figures with nothing at their left may be the columns' names, unless most rows have no label.
    first = next(iter(labelled if 2 * len(labelled) >= len(amounts) else amounts), None)
    if first is None:
        rows = _text_rows(cuts, across)
        return Table(rows, _text_headers(rows, cuts, across)) if len(rows) > 1 else None
    headers = max((number + 1 for number, one in enumerate(cuts[:first]) if one.filled), default=0)
    rows = _figure_rows(cuts[headers:])
    if not rows:
        return None
    if not headers:
        return Table(rows, int(names_columns([row.texts() for row in rows]) and not cuts[0].has_amount()))
    names = names_of([one.line for one in cuts[:headers]], _extents(cuts[headers:], bounds), bounds, across)
    return Table([names, *rows], 1)


def _tight(lines: Sequence[Line]) -> float:
    """How far apart lines of one label may be: as far as most rows are, but not as far as sections."""
    steps = sorted((two.place.base - one.place.base) / two.place.size for one, two in pairwise(lines))
    return min(MAX_TIGHT, max(TIGHT, 1.05 * steps[len(steps) // 3])) if steps else TIGHT


def _cut(line: Line, bounds: Sequence[float], tight: float) -> _Cut:
    cells = cut(line.words, bounds)
    # A label that runs on over the first column, with nothing beside it, is one cell.
    one = len(segments(line.words, line.place.size)) == 1
    if one and cells[0] and any(cells[1:]) and not FIGURE.fullmatch(line.words[-1].text):
        cells = [[word for cell in cells for word in cell], *([] for _ in bounds)]
    return _Cut(line, cells, tight)


def _figure_rows(cuts: Sequence[_Cut]) -> list[Row]:
    """A row for each line of figures; labels without any are joined with the row that they belong to."""
    rows: list[Row] = []
    waiting: list[_Cut] = []  # lines of a label whose figures are to come
    right = max((word.x1 for one in cuts for word in one.cells[0]), default=0.0)
    starts = [two.cells[0][0].x0 for one, two in pairwise(cuts) if one.filled and two.filled and two.label]

    def release() -> None:
        if waiting:  # a section's name in one line or more
            rows.append(Row([[word for one in waiting for word in one.cells[0]], *([] for _ in waiting[0].cells[1:])]))
        waiting.clear()

    before: _Cut | None = None
    for number, one in enumerate(cuts):
        following = cuts[number + 1] if number + 1 < len(cuts) else None
        centred = before is not None and not one.label and one.filled and _very_close(before, one)
        if waiting and not (_close(waiting[-1], one) and (one.label or centred)):
            release()
        if rows and before is not None and not waiting and _is_rest(before, one):
            rows[-1] = Row([old + new for old, new in zip(rows[-1].cells, one.cells, strict=True)])
        elif one.filled:
            start = [word for held in waiting for word in held.cells[0]]
            waiting.clear()
            rows.append(Row([start + one.cells[0], *one.cells[1:]]))
        elif (
            not waiting
            and before is not None
            and rows
            and (_continues(before, one, following) or (before.filled and _very_close(before, one)))
        ):
            rows[-1].cells[0] = rows[-1].cells[0] + one.cells[0]
        else:
            waiting.append(one)
            if following is None or not (_leads_into(one, following, right, starts) or _very_close(one, following)):
                release()
        before = one
    release()
    return rows


def _close(one: _Cut, two: _Cut) -> bool:
    size = max(one.line.place.size, two.line.place.size)
    return 0 < two.line.place.base - one.line.place.base <= one.tight * size


def _very_close(one: _Cut, two: _Cut) -> bool:
    return 0 < two.line.place.base - one.line.place.base <= VERY_CLOSE * two.line.place.size


def _is_rest(before: _Cut, one: _Cut) -> bool:
    """Whether a line goes on with several cells of the row above it: no figures, and each opens in small letters."""
    texts = [cell[0].text for cell in one.cells if cell]
    return (
        one.filled
        and before.filled
        and _close(before, one)
        and not any(FIGURE.fullmatch(word.text) for cell in one.cells for word in cell)
        and all(text[:1].islower() or text[:1] in "(&" for text in texts)
    )


def _continues(before: _Cut, one: _Cut, following: _Cut | None) -> bool:
    """Whether a line without figures is the rest of the label above it."""
    if not _close(before, one) or one.label.endswith(":"):
        return False
    opens_low = one.label[:1].islower() or one.label[:1] in "(&"
    # Under a line with figures the rest of its label opens in small letters; so does the start of none.
    return opens_low and not (following is not None and following.filled and not following.label)


def _leads_into(one: _Cut, following: _Cut, right: float, starts: Sequence[float]) -> bool:
    """Whether a label without figures goes on in the line below; `starts` is where labels of other rows begin."""
    if not _close(one, following) or not following.label or one.label.endswith(":"):
        return False
    size, left = one.line.place.size, following.cells[0][0].x0
    if left - one.cells[0][0].x0 > INDENT * size and any(abs(left - start) < SAME_INDENT * size for start in starts):
        return False  # the first row below a section's name, set in as the others are
    opening = following.label[:1]
    if opening.islower() or opening in "(&":
        return True
    word = following.cells[0][0]
    space = 0.25 * one.line.place.size
    # Full: the next word would not have fitted. Section names are short.
    return len(one.cells[0]) > 2 and one.cells[0][-1].x1 + space + (word.x1 - word.x0) > right


def _text_rows(cuts: Sequence[_Cut], across: Sequence[Rule]) -> list[Row]:
    """Rows of a table without figures: parted by rules if there are any, else by what stands in the first column."""
    parted = [_rule_between(one.line, two.line, across) for one, two in pairwise(cuts)]
    ruled = sum(parted) > 2 and 3 * sum(parted) >= len(cuts)
    rows: list[Row] = []
    for number, one in enumerate(cuts):
        before = cuts[number - 1] if number else None
        if before is None or not rows:
            joins = False
        elif ruled:
            joins = not parted[number - 1]
        else:
            joins = not one.cells[0] and _close(before, one)
        if joins:
            rows[-1] = Row([old + new for old, new in zip(rows[-1].cells, one.cells, strict=True)])
        else:
            rows.append(Row(one.cells))
    return rows


def _rule_between(one: Line, two: Line, across: Sequence[Rule]) -> bool:
    top, bottom = one.place.base, two.place.base - 0.3 * two.place.size
    left, right = min(one.place.x0, two.place.x0), max(one.place.x1, two.place.x1)
    return any(top <= rule.y0 <= bottom and rule.x1 - rule.x0 > 0.6 * (right - left) for rule in across)


def _text_headers(rows: Sequence[Row], cuts: Sequence[_Cut], across: Sequence[Rule]) -> int:
    """1 where the first row is set off from the others, by weight or by a rule that only it has; else 0."""
    bold = [one.line.bold for one in cuts]
    if bold[0] and sum(bold) <= 0.5 * len(bold):
        return 1
    parted = [_rule_between(one.line, two.line, across) for one, two in pairwise(cuts)]
    if parted and parted[0] and sum(parted) == 1:
        return 1
    return int(names_columns([row.texts() for row in rows]))


def _measured(one: _Cut, number: int) -> list[Word]:
    """What of a cell says where its column stands: beside the labels its figures, without marks behind them."""
    if number == 0:
        return one.cells[0]
    figures = [word for word in one.cells[number] if FIGURE.fullmatch(word.text)]
    return (figures or one.cells[number]) if one.has_amount() else []


def _extents(body: Sequence[_Cut], bounds: Sequence[float]) -> list[tuple[float, float]]:
    """Left and right end of what stands in each column."""
    out = []
    edges = [*bounds, bounds[-1]]
    for number in range(len(bounds) + 1):
        words = [word for one in body for word in _measured(one, number)]
        near = edges[number] if number == 0 else bounds[number - 1]
        out.append((min((word.x0 for word in words), default=near), max((word.x1 for word in words), default=near)))
    return out
