"""The words that are shown of a span: whole ones, and without the marks of a text's layout."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..text import Span, plain

__all__ = ["column_of", "plain", "whole_words"]

if TYPE_CHECKING:
    from ..chunking import Passage, Unit
    from ..reading import ReadSpan

_PAIRS = {"(": ")", "[": "]"}
_QUOTE = '"'
# What joins the parts of a number, a path or an address, where no white space stands around it. No apostrophe: what
# stands before `'s` is a name by itself.
_JOINTS = frozenset("/.,:_-@%°$€£#~\\")


def whole_words(passage: Passage, span: ReadSpan) -> Span:
    """A span widened to what it cuts: a number, a path, a bracket, a quotation; never beyond its cell or unit."""
    unit = passage.units[span.unit]
    column = column_of(unit, span.start)
    limit = Span(unit.content.start, unit.end) if column is None else unit.cells[column]
    text, base = passage.text, passage.start
    start, end = span.start, span.end
    while start > limit.start and _joined(text, start - base):
        start -= 1
    while end < limit.end and _joined(text, end - base):
        end += 1
    said = text[start - base : end - base]
    for opening, closing in _PAIRS.items():
        if said.count(opening) > said.count(closing):
            found = text.find(closing, end - base, limit.end - base)
            end = found + 1 + base if found >= 0 else end
    said = text[start - base : end - base]
    if said.count(_QUOTE) % 2:  # an inch sign stands behind a digit
        if end < limit.end and text[end - base] == _QUOTE:
            end += 1
        elif said[-1] == _QUOTE and not said[-2:-1].isdigit():
            end -= 1
        elif said[0] == _QUOTE:
            start += 1
    while end > start and text[end - 1 - base] in ",;:":
        end -= 1
    return Span(start, end) if end > start else Span(span.start, span.end)


def column_of(unit: Unit, offset: int) -> int | None:
    """Number of the cell that holds a character of the document; `None` where none does."""
    return next((n for n, cell in enumerate(unit.cells) if cell.start <= offset < cell.end), None)


def _joined(text: str, at: int) -> bool:
    """Whether one word goes on across a place of a text."""
    before, after = text[at - 1], text[at]
    if before.isalnum() and after.isalnum():
        return True
    behind, beyond = text[at - 2 : at - 1], text[at + 1 : at + 2]
    if before in "$€£#~" or after in "%°":
        return not (before.isspace() or after.isspace())
    return (before in _JOINTS and behind.isalnum() and after.isalnum()) or (
        after in _JOINTS and before.isalnum() and beyond.isalnum()
    )
