"""Lines that stand at the heads and the feet of most pages, such as a title or the page's number."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

MIN_PAGES = 4
MAX_LINES = 3  # at an end of a page
MIN_TIMES = 3  # that a line must stand at the end of a page to be a running one
MAX_DIGITS = 6  # of a page's number
_DIGITS = re.compile(r"\d+")


def running_lines(pages: Sequence[Sequence[str]]) -> list[tuple[int, int]]:
    """How many lines to leave out at the head and at the foot of each page; left and right pages have their own."""
    left_out = [[0, 0] for _ in pages]
    if len(pages) < MIN_PAGES:
        return _page_numbers(pages)
    rest = [list(page) for page in pages]
    for turn in range(2 * MAX_LINES):
        end = -(turn % 2)
        least = 0 if turn < 2 else 1  # a page may be nothing but its head and foot; of further lines one is its own
        lines = [page[end].strip() if len(page) > least else "" for page in rest]
        running = _repeated(lines)
        if 2 * sum(running) > len(pages):
            for page, counts, drop in zip(rest, left_out, running, strict=True):
                if drop:
                    del page[end]
                    counts[turn % 2] += 1
    return [(head, foot) for head, foot in left_out]


def _page_numbers(pages: Sequence[Sequence[str]]) -> list[tuple[int, int]]:
    """The same for a few pages: only a number that stands alone and counts them is known."""

    def counts(end: int) -> int:
        lines = [page[end].strip() if len(page) > 1 else "" for page in pages]
        alone = all(line.isdecimal() and len(line) <= MAX_DIGITS for line in lines)
        return int(len(pages) > 1 and alone and len({int(line) - n for n, line in enumerate(lines)}) == 1)

    return [(counts(0), counts(-1)) for _ in pages]


def _repeated(lines: Sequence[str]) -> list[bool]:
    """Which lines stand on several pages, but for the page's number."""
    seen = Counter(shape for number, line in enumerate(lines) for shape in (line, *_counting(line, number)) if line)
    often = {shape for shape, times in seen.items() if times >= max(MIN_TIMES, len(lines) / 4)}
    # Where the count begins again, as in an annex, the line is still known by its words.
    numbered = {
        _DIGITS.sub("#", line) for number, line in enumerate(lines) if not often.isdisjoint(_counting(line, number))
    }
    return [line in often or _DIGITS.sub("#", line) in numbered for line in lines]


def _counting(line: str, number: int) -> list[str]:
    """The line with one figure as its distance from the number of its page, a form for each figure in it.

    A figure at an end of the line has a second form without the line's words, which may be those of a chapter.
    """
    out = []
    for figure in _DIGITS.finditer(line):
        if len(figure.group()) <= MAX_DIGITS:
            distance = int(figure.group()) - number
            out.append(f"{line[: figure.start()]}#{distance}#{line[figure.end() :]}")
            if figure.start() == 0 or figure.end() == len(line):
                out.append(f"#{distance}#")
    return out
