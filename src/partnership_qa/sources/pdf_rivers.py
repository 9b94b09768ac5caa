"""Where the columns of a table without rules are parted: what no word of its rows covers from top to bottom."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from .lines import bullet, split_lines
from .pdf_cells import AMOUNT, FIGURE, LEADER, cut, extents_of
from .pdf_lines import CELL_GAP, Line, Word

if TYPE_CHECKING:
    from collections.abc import Sequence

# In parts of the font's size.
MIN_RIVER = 0.12  # columns may stand close together, as long as most rows have a gap between them
MIN_TEXT_RIVER = 1.0  # where nothing but text stands on its banks
MIN_FIGURE_ROWS, MIN_TEXT_ROWS = 2, 3
MIN_TEXT_SHARE = 0.7  # of the lines of a table without figures, that have a gap; source code has fewer
MAX_TEXT_WORDS = 8.0  # in a cell, on the average of its column; with more, columns of text are likelier than a table
MIN_WIDE = 0.6  # share of the rows with words on both banks whose gap there is wide
SPARSE_COLUMNS, MIN_FILLED = 4, 0.4  # forms and drawings have many columns with little in them
MAX_CROSSED = 10  # of so many rows, or of six, one may reach over a river
MAX_STRANGE = 0.3  # of the rows may stand across the gaps of all others, as rows of another table between them do
MAX_SEVERAL = 0.15  # of the rows may have several figures in a cell
MIN_CELLS = 2  # with figures, of a row without a wide gap
MIN_CROSSED = 2  # gaps that such a row stands across
MIN_STRANGE_PART = 0.3  # the same, in parts of all gaps
_OPENER = re.compile(r"[A-Z]{0,3}[$€£¥]\(?|\(|[<>≤≥]")  # a sign that belongs to the figure at its right
_CLOSER = re.compile(r"[)%]+|\)?\(?[a-z0-9*†]\)|pts?|bps?|[*†‡]+")  # one that belongs to the figure at its left


def _segments(line: Line, gap: float = CELL_GAP) -> list[list[Word]]:
    """Words of a line, cut at its wide gaps and at dot leaders."""
    out: list[list[Word]] = []
    right, led = 0.0, False
    for word in line.words:
        if LEADER.fullmatch(word.text):
            led = True
            continue
        if not out or led or word.x0 - right > gap * line.place.size:
            out.append([])
        out[-1].append(word)
        right, led = word.x1, False
    return out


def has_gap(line: Line) -> bool:
    """Whether a line has a gap as wide as between columns, or a dot leader."""
    return line.table is None and len(_segments(line)) > 1


def bounds_of(lines: Sequence[Line]) -> list[float]:
    """Where the columns are parted; none where these lines are no table."""
    body = [line for line in lines if has_gap(line)]
    with_figures = [line for line in body if has_figure(line)]
    figures = len(with_figures) >= MIN_FIGURE_ROWS and 2 * len(with_figures) >= len(body)
    used = with_figures if figures else body
    if len(used) < (MIN_FIGURE_ROWS if figures else MIN_TEXT_ROWS):
        return []
    if not figures and len(body) < MIN_TEXT_SHARE * len(lines):
        return []
    # A row of years, or of columns' names, may reach over rivers that the figures below leave free.
    plain = [line for line in used if not _is_years(line)]
    if len(plain) >= MIN_FIGURE_ROWS:
        used = plain
    if figures:
        used = _alike(used)
    bounds = _parted(
        used, [(left + right) / 2 for left, right in _rivers(used, (len(used) + 4) // MAX_CROSSED)], figures=figures
    )
    bounds = _merged(used, bounds)
    if not bounds or _is_list(used, bounds):
        return []
    return bounds if _is_sure(used, bounds, figures=figures) else []


def _alike(lines: list[Line]) -> list[Line]:
    """The rows without the few that stand across the gaps of the others."""
    gaps = [(left + right) / 2 for left, right in _rivers(lines, int(MAX_STRANGE * len(lines)))]
    least = max(MIN_CROSSED, MIN_STRANGE_PART * len(gaps))
    kept = [line for line in lines if _crossed(line, gaps) < least]
    return kept if len(kept) >= max(MIN_FIGURE_ROWS + 1, (1 - MAX_STRANGE) * len(lines)) else lines


def _crossed(line: Line, gaps: Sequence[float]) -> int:
    return sum(any(left < gap < right for gap in gaps) for left, right in extents_of(line.words))


def holds_several(lines: Sequence[Line], bounds: Sequence[float]) -> bool:
    """Whether figures stand side by side in a cell of many rows, as where tables of other columns follow."""
    rows = [cut(line.words, bounds)[1:] for line in lines if has_figure(line)]
    several = sum(any(sum(AMOUNT.fullmatch(w.text) is not None for w in cell) > 1 for cell in row) for row in rows)
    return several >= MAX_SEVERAL * len(rows) > 0


def is_strange(line: Line, bounds: Sequence[float]) -> bool:
    """Whether figures of a line stand across the columns, as those of another table do."""
    return has_figure(line) and _crossed(line, bounds) >= MIN_CROSSED


def is_foreign(line: Line, bounds: Sequence[float]) -> bool:
    """Whether a line at the foot of a table is none of its rows: fewer cells, and words across gaps."""
    if line.table is not None:
        return True
    alone = sum(all(FIGURE.fullmatch(word.text) for word in cell) for cell in cut(line.words, bounds)[1:] if cell)
    return _crossed(line, bounds) > alone and len(_segments(line)) <= len(bounds)


def is_row(line: Line, bounds: Sequence[float]) -> bool:
    """Whether a line without a wide gap is a row all the same: several figures, one in each of its cells."""
    if line.table is not None or not line.words or _crossed(line, bounds):
        return False
    cells = [cell for cell in cut(line.words, bounds)[1:] if cell]
    return len(cells) >= MIN_CELLS and all(len(cell) == 1 and AMOUNT.fullmatch(cell[0].text) for cell in cells)


def _is_sure(lines: Sequence[Line], bounds: Sequence[float], *, figures: bool) -> bool:
    """Whether enough cells are filled, and none of the columns without figures holds running text."""
    cells = [cut(line.words, bounds) for line in lines]
    columns = [[len(cell) for cell in column if cell] for column in zip(*cells, strict=True)]
    if not figures and any(sum(column) > MAX_TEXT_WORDS * len(column) for column in columns):
        return False
    filled = sum(len(column) for column in columns)
    sparse = len(bounds) >= SPARSE_COLUMNS and filled < MIN_FILLED * len(cells) * len(columns)
    return not sparse and 2 * sum(sum(bool(cell) for cell in row) > 1 for row in cells) > len(cells)


def has_figure(line: Line) -> bool:
    """Whether a figure stands behind a wide gap."""
    return any(FIGURE.fullmatch(word.text) for part in _segments(line)[1:] for word in part)


def _is_years(line: Line) -> bool:
    """Whether nothing but years and the like stands beside the label."""
    words = [word.text for part in _segments(line)[1:] for word in part if FIGURE.fullmatch(word.text)]
    return bool(words) and all(re.fullmatch(r"(?:19|20)\d\d", word) for word in words)


def _rivers(lines: Sequence[Line], most: int) -> list[tuple[float, float]]:
    """What no word of the lines covers, from left to right; `most` of them may, as a label that is too long does."""
    size = min(line.place.size for line in lines)
    words = [extent for line in lines for extent in extents_of(line.words)]
    ends = sorted([(left, 1) for left, _ in words] + [(right, -1) for _, right in words])
    free: list[tuple[float, float]] = []
    covering, left = 0, ends[0][0]
    for x, step in ends:
        before, covering = covering, covering + step
        if before > most >= covering:
            left = x
        elif before <= most < covering and x - left >= MIN_RIVER * size:
            free.append((left, x))
    return [(left, right) for left, right in free if right <= max(start for start, _ in words)]


def _parted(lines: Sequence[Line], bounds: list[float], *, figures: bool) -> list[float]:
    """The bounds at which most lines with words in both columns beside them have a gap, or figures on both banks.

    Labels' words may leave a river by chance; the least likely bound is taken away first.
    """
    kept = list(bounds)
    least = CELL_GAP if figures else MIN_TEXT_RIVER
    while kept:
        wide = [0] * len(kept)
        both = [0] * len(kept)
        filled = [0] * len(kept)
        for line in lines:
            cells = cut(line.words, kept)
            led = any(LEADER.fullmatch(word.text) for word in line.words)
            for number, (one, two) in enumerate(pairwise(cells)):
                filled[number] += bool(two)
                if one and two:
                    both[number] += 1
                    numbers = FIGURE.fullmatch(one[-1].text) is not None and FIGURE.fullmatch(two[0].text) is not None
                    wide[number] += numbers or led or two[0].x0 - one[-1].x1 >= least * line.place.size
        shares = [
            wide[number] / both[number] if both[number] else float(filled[number] > 0) for number in range(len(kept))
        ]
        worst = min(range(len(kept)), key=lambda number: (shares[number], number))
        if shares[worst] >= MIN_WIDE:
            return kept
        del kept[worst]
    return kept


def _merged(lines: Sequence[Line], bounds: list[float]) -> list[float]:
    """The bounds without those that part a currency's sign, a bracket or a footnote's mark from its figure."""
    kept = list(bounds)
    number = 0
    while number < len(kept) + 1 and kept:
        words = [word.text for line in lines for word in cut(line.words, kept)[number]]
        if words and number < len(kept) and all(_OPENER.fullmatch(word) for word in words):
            del kept[number]
        elif words and number > 0 and all(_CLOSER.fullmatch(word) for word in words):
            del kept[number - 1]
            number -= 1
        else:
            number += 1
    return kept


def _is_list(lines: Sequence[Line], bounds: list[float]) -> bool:
    """Whether the first of two columns holds only bullets or numbers of items."""
    firsts = [" ".join(word.text for word in cut(line.words, bounds)[0]) for line in lines]
    bullets = [text for text in firsts if text]
    return len(bounds) == 1 and all(bullet(split_lines(f"{text} x")[0]) > len(text) for text in bullets)
