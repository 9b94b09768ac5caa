"""A text without regard to its white space: what is the same but for line breaks and indents is found as the same."""

from __future__ import annotations

import bisect
import re

from ..text import Span

_WORD = re.compile(r"\S+")


def flatten(text: str) -> str:
    """The words of a text with one space between them."""
    return " ".join(text.split())


class Flat:
    """The words of a text with one space between them, each of which knows where it stands in the text."""

    def __init__(self, text: str) -> None:
        words = [match.span() for match in _WORD.finditer(text)]
        self.text = " ".join(text[start:end] for start, end in words)
        self._starts = [start for start, _ in words]
        self._flat_starts: list[int] = []
        at = 0
        for start, end in words:
            self._flat_starts.append(at)
            at += end - start + 1

    def span(self, start: int, end: int) -> Span:
        """Characters of the text that are `[start, end)` of the flat one, which neither begins nor ends at a space."""
        return Span(self._at(start), self._at(end - 1) + 1)

    def near(self, offset: int) -> int:
        """The place in the flat text of a character of the text, or of the first one behind it that is no space."""
        word = bisect.bisect_right(self._starts, offset) - 1
        if word < 0:
            return 0
        return min(self._flat_starts[word] + offset - self._starts[word], len(self.text))

    def _at(self, at: int) -> int:
        word = bisect.bisect_right(self._flat_starts, at) - 1
        return self._starts[word] + at - self._flat_starts[word]
