"""A span widened to what it is most of: its table cell, what its list item says, or the enumeration it begins.

A reader trained on running text at times stops short of a cell's or an item's last words, and points at one of several
things that a sentence lists. Only words of the same unit are taken in, so that the quote stays what it was.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from ..text import Span, strip_span
from .structure import MAX_LABEL_WORDS

if TYPE_CHECKING:
    from ..chunking import Passage, Unit
    from ..reading import ReadSpan

# Share of a cell's or an item's characters from which on a span means all of it.
MOST = 0.5
# What stands behind a comma or an `and`, up to the next of these: the next thing listed.
_NEXT = re.compile(
    r"(?:,\s+(?:(?:and|or)\s+)?|\s+(?:and|or)\s+)"
    r"(?:etc\.|[^\s,;:.()]+(?:\s+[^\s,;:.()]+){0,3}?(?=[,;:.)]|\s+(?:and|or|\()|\s*$))"
)


def whole(passage: Passage, span: ReadSpan) -> ReadSpan:
    """The whole cell, or all that an item says behind its label, where the span is most of it; else the span."""
    unit = passage.units[span.unit]
    for start, end in _parts(passage, unit):
        covered = min(span.end, end) - max(span.start, start)
        if start <= span.start and span.end <= end and covered >= MOST * (end - start):
            return replace(span, start=start, end=end)
    return span


def enumeration(passage: Passage, span: ReadSpan) -> ReadSpan:
    """The span and what is listed behind it in its sentence (`healthcare` of `healthcare, finance and law`)."""
    unit = passage.units[span.unit]
    if unit.cells:
        return span
    end = span.end
    text = passage.text[: unit.end - passage.start]
    while match := _NEXT.match(text, end - passage.start):
        end = passage.start + match.end()
    return replace(span, end=end)


def _parts(passage: Passage, unit: Unit) -> tuple[Span, ...]:
    """The cells of a row; of a list item what follows its label, without the last stop."""
    if unit.cells or unit.group < 0:
        return unit.cells
    text = passage.between(unit.content.start, unit.content.end)
    label, colon, rest = text.partition(":")
    if not colon or len(label.split()) > MAX_LABEL_WORDS or not rest.strip():
        return ()
    start, end = strip_span(text, len(label) + 1, len(text))
    while end > start and text[end - 1] in ".;,":
        end -= 1
    return (Span(unit.content.start + start, unit.content.start + end),)
