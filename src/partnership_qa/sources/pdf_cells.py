"""Words of a line into the columns of a table; figures, signs of currencies and dot leaders are told by their looks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .pdf_lines import Word

if TYPE_CHECKING:
    from collections.abc import Sequence

LED = re.compile(r"(?<=[^.…])(?:[.…]{4,}|…{2,})\Z")  # dots that follow a label without a space
CURRENCY = re.compile(r"[A-Z]{0,3}[$€£¥]\(?")
LEADER = re.compile(r"(?:[.…_·]\s?){3,}|[.…·]")  # dots that lead the eye from a label to its figure
_AMOUNT = (
    r"[<>≤≥]?[-+–—−]?[A-Z]{0,3}[$€£¥]?\(?[-+–—−]?[$€£¥]?\d[\d,.'’]*(?:[eE][-+−]?\d{1,3})?"  # noqa: RUF001
    r"[%xX]?\)?%?[*†‡]*"
)
AMOUNT = re.compile(_AMOUNT)
FIGURE = re.compile(rf"{_AMOUNT}(?:\([a-z0-9*]\))?|[-–—−]+%?|\(?[-–—−]\)?|[$€£¥]|n/?[am]\.?|N/?[AM]\.?|\)|%")  # noqa: RUF001
SPACE = 0.45  # no wider a gap stands between words of a label, in parts of the font's size
MIN_SEGMENT_GAP = 0.7  # between names of columns, which stand closer than figures


@dataclass(slots=True)
class Row:
    """Cells from left to right."""

    cells: list[list[Word]]

    def texts(self) -> list[str]:
        """What each cell says."""
        return [" ".join(word.text for word in cell) for cell in self.cells]


@dataclass(slots=True)
class Table:
    """Rows from top to bottom; the first `headers` of them name the columns."""

    rows: list[Row]
    headers: int


def cut(words: Sequence[Word], bounds: Sequence[float]) -> list[list[Word]]:
    """Words by the column in which their middle stands; dot leaders are left out."""
    cells: list[list[Word]] = [[] for _ in range(len(bounds) + 1)]
    last: tuple[Word, int] | None = None
    shown = _unled(words)
    for number, word in enumerate(shown):
        # A currency's sign stands in its figure's column, however far from it.
        following = shown[number + 1] if number + 1 < len(shown) else word
        middle = (word.x0 + word.x1) / 2
        column = sum(middle > bound for bound in bounds)
        if CURRENCY.fullmatch(word.text) and AMOUNT.fullmatch(following.text):
            column = sum((following.x0 + following.x1) / 2 > bound for bound in bounds)
        elif last is not None and column > last[1] and _goes_on(last[0], word):
            column = last[1]
        cells[column].append(word)
        last = word, column
    return cells


def extents_of(words: Sequence[Word]) -> list[tuple[float, float]]:
    """Left and right end of each word; a currency's sign and its figure are one, however far apart they stand."""
    out: list[tuple[float, float]] = []
    sign = False
    for word in _unled(words):
        if sign and AMOUNT.fullmatch(word.text):
            out[-1] = out[-1][0], word.x1
        else:
            out.append((word.x0, word.x1))
        sign = CURRENCY.fullmatch(word.text) is not None
    return out


def _unled(words: Sequence[Word]) -> list[Word]:
    """Words without the dots that lead from one to another; a point before such dots is one of them."""
    out: list[Word] = []
    for number, word in enumerate(words):
        if LEADER.fullmatch(word.text):
            continue
        dots = LED.search(word.text)
        led = number + 1 < len(words) and LEADER.fullmatch(words[number + 1].text)
        if dots:
            out.append(Word(word.glyphs[: len(word.glyphs) - len(dots.group())]))
        elif led and word.text.endswith(".") and len(word.glyphs) > 1:
            out.append(Word(word.glyphs[:-1]))
        else:
            out.append(word)
    return out


def _goes_on(last: Word, word: Word) -> bool:
    """Whether a word is the next of a text that is too long for its column."""
    size = word.glyphs[0].size
    return word.x0 - last.x1 <= SPACE * size and not (FIGURE.fullmatch(word.text) or FIGURE.fullmatch(last.text))


def segments(words: Sequence[Word], size: float) -> list[list[Word]]:
    """Words of a line of names, cut at its gaps; dot leaders are left out."""
    out: list[list[Word]] = []
    for word in words:
        if LEADER.fullmatch(word.text):
            continue
        if not out or word.x0 - out[-1][-1].x1 > MIN_SEGMENT_GAP * size:
            out.append([])
        out[-1].append(word)
    return out
