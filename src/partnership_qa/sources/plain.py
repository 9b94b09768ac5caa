"""Plain text into blocks: paragraphs, plain-line headings, lists and pipe tables, by their shape alone.

No word of any text is known here. A line is a heading because it is short, opens like a title, does not end like a
sentence and stands over something longer; a line break inside a paragraph is told from one between paragraphs by
whether the next word would still have fitted on the line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from ..document import Block, BlockKind
from ..text import Span
from .lines import (
    TERMINAL,
    Line,
    bullet,
    heading,
    is_ruler,
    split_lines,
    table_blocks,
    table_length,
    trimmed,
    underline_level,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAX_HEADING_CHARS = 100
MAX_HEADING_WORDS = 14
WRAP_COLUMNS = 120
MIN_WRAP_COLUMNS = 40
# Articles, prepositions and conjunctions: no paragraph ends with one.
_LEADS_ON = re.compile(r"\b(?:an?|and|as|at|because|by|for|from|if|into|nor|of|or|than|that|the|their|to|whose|with)\Z")
_NUMBERED = re.compile(r"(\d{1,2}(?:\.\d{1,2})*)[.)]?\s+\S")


@dataclass(slots=True)
class _Piece:
    """A block in the making: its kind, its lines, and whether a blank line stands before it."""

    kind: BlockKind
    lines: list[Line]
    after_blank: bool
    skip: int = 0
    level: int = 0
    group: int = -1
    marked: Span | None = None

    def block(self) -> Block:
        first, last = self.lines[0], self.lines[-1]
        start, end = first.start + trimmed(first).start, last.start + trimmed(last).end
        content = self.marked or Span(max(start, first.start + self.skip), end)
        return Block(self.kind, start, end, content, self.level, self.group)


def wrap_width(lines: Sequence[Line]) -> int:
    """Columns at which the text is hard-wrapped: its longest line, or 0 where lines are whole paragraphs.

    In a wrapped text most lines that another follows are full: the next word would not have fitted.
    """
    lengths = [len(line.text) for line in lines if not line.blank]
    if not lengths or sum(length > WRAP_COLUMNS for length in lengths) > 0.1 * len(lengths):
        return 0
    width = max(length for length in lengths if length <= WRAP_COLUMNS)
    followed = [(one, two) for one, two in pairwise(lines) if not (one.blank or two.blank or bullet(two))]
    full = sum(_is_full(one, two, width) for one, two in followed)
    return width if width >= MIN_WRAP_COLUMNS and 2 * full >= len(followed) else 0


def _is_full(line: Line, following: Line, width: int) -> bool:
    words = following.text.split(maxsplit=1)
    # A tenth of slack: ragged margins and words that were changed after the text was wrapped.
    return len(line.text.rstrip()) + 1 + len(words[0] if words else "") > 0.9 * width


def breaks_softly(line: Line, following: Line, width: int) -> bool:
    """Whether the line break between two lines is only the wrapping of one paragraph."""
    if not width:
        return False
    body, after = line.text.rstrip(), following.text.strip()
    if _LEADS_ON.search(body) or (after[:1].islower() and not TERMINAL.search(body)):
        return True
    return _is_full(line, following, width)


def read_plain(text: str, width: int | None = None) -> list[Block]:
    """Blocks of a plain text, in order.

    Args:
        text: whole.
        width: columns at which it is hard-wrapped, 0 where lines are whole paragraphs; `None` tells it by their shape.

    """
    lines = split_lines(text)
    width = wrap_width(lines) if width is None else width
    out: list[Block | _Piece] = []
    depths: dict[int, int] = {}  # of the list that is open: columns of indentation to depth
    at, group, after_blank = 0, 0, True
    while at < len(lines):
        line = lines[at]
        if line.blank or is_ruler(line):
            at, after_blank = at + 1, True
        elif length := table_length(lines, at):
            out.extend(table_blocks(lines[at : at + length], group))
            at, group, after_blank = at + length, group + 1, False
            depths.clear()
        else:
            piece = _piece(lines, at, width, after_blank)
            at, after_blank = at + len(piece.lines) + (piece.kind is BlockKind.HEADING and piece.marked is None), False
            if piece.kind is BlockKind.LIST_ITEM:
                group += not depths
                piece.group, piece.level = group - 1, _depth(line.indent, depths)
                depths[line.indent] = piece.level
            else:
                depths.clear()
            out.append(piece)
    return [piece if isinstance(piece, Block) else piece.block() for piece in _titled(out)]


def _piece(lines: Sequence[Line], at: int, width: int, after_blank: bool) -> _Piece:
    line = lines[at]
    if marked := heading(line):
        return _Piece(BlockKind.HEADING, [line], after_blank, level=marked[0], marked=marked[1])
    following = lines[at + 1] if at + 1 < len(lines) else None
    if following and underline_level(following) and len(line.text) <= MAX_HEADING_CHARS and not bullet(line):
        return _Piece(BlockKind.HEADING, [line], after_blank, level=underline_level(following))
    if skip := bullet(line):
        return _item(lines, at, width, after_blank, skip)
    taken = [line]
    for nxt in _after(lines, at):
        if nxt.blank or is_ruler(nxt) or bullet(nxt) or heading(nxt) or not breaks_softly(taken[-1], nxt, width):
            break
        taken.append(nxt)
    return _Piece(BlockKind.PARAGRAPH, taken, after_blank)


def _after(lines: Sequence[Line], at: int) -> Iterator[Line]:
    """The lines behind one; a slice would copy all of them for each line of a text."""
    return (lines[number] for number in range(at + 1, len(lines)))


def _item(lines: Sequence[Line], at: int, width: int, after_blank: bool, skip: int) -> _Piece:
    """A list item with its continuation lines: those set in as far as its text, or wrapped onto the next line."""
    taken = [lines[at]]
    for nxt in _after(lines, at):
        if nxt.blank or is_ruler(nxt) or bullet(nxt) or heading(nxt):
            break
        if nxt.indent <= lines[at].indent and not breaks_softly(taken[-1], nxt, width):
            break
        taken.append(nxt)
    return _Piece(BlockKind.LIST_ITEM, taken, after_blank, skip=skip)


def _depth(indent: int, depths: dict[int, int]) -> int:
    """Depth of an item by its indentation among its siblings' (two columns and more are a step inwards)."""
    outer = [(column, level) for column, level in depths.items() if column < indent - 1]
    same = [level for column, level in depths.items() if abs(column - indent) <= 1]
    if same:
        return same[-1]
    return max(outer)[1] + 1 if outer else 0


def _titled(pieces: Sequence[Block | _Piece]) -> list[Block | _Piece]:
    """The same pieces with plain-line headings recognised among the paragraphs."""
    out: list[Block | _Piece] = []
    for index, piece in enumerate(pieces):
        following = pieces[index + 1] if index + 1 < len(pieces) else None
        if _is_title(piece, out[-1] if out else None, following):
            assert isinstance(piece, _Piece)
            text = piece.lines[0].text.strip()
            numbered = _NUMBERED.match(text)
            level = 2 + numbered.group(1).count(".") if numbered else 1 if not out else 2
            block = piece.block()
            out.append(
                replace(block, kind=BlockKind.HEADING, level=level, group=-1, content=Span(block.start, block.end))
            )
        else:
            out.append(piece)
    return out


def _is_title(piece: Block | _Piece, before: Block | _Piece | None, after: Block | _Piece | None) -> bool:
    """Whether a piece is a heading without a mark. `before` has been decided already, `after` has not."""
    if not isinstance(piece, _Piece) or len(piece.lines) > 1 or after is None:
        return False
    text = piece.lines[0].text.strip()
    lone_number = piece.kind is BlockKind.LIST_ITEM and _NUMBERED.match(text)
    if piece.kind is not BlockKind.PARAGRAPH and not (lone_number and _stands_alone(piece, before, after)):
        return False
    if len(text) > MAX_HEADING_CHARS or len(text.split()) > MAX_HEADING_WORDS or not _opens_like_title(text):
        return False
    if lone_number:
        text = text.removesuffix(".")  # licences and laws close their numbered titles with a point
    if TERMINAL.search(text) and not text.endswith("?"):
        return False
    gap_after = isinstance(after, _Piece) and after.after_blank
    if not piece.after_blank and not (before is None or _closed(before)):
        return False
    if isinstance(after, Block):  # a table
        return piece.after_blank or _closed(before)
    if after.kind is BlockKind.HEADING or after.kind is BlockKind.LIST_ITEM:
        return piece.after_blank or after.kind is BlockKind.LIST_ITEM
    after_text = " ".join(line.text.strip() for line in after.lines)
    longer = len(after_text) > 1.3 * len(text)
    sentence = TERMINAL.search(after_text) is not None
    labelled = ": " in text and not piece.after_blank and not _in_title_case(text)
    # Two titles in a row (a title and its first section) are told from plain short lines by the blank line between.
    return (longer and sentence and not labelled) or (gap_after and piece.after_blank and (longer or before is None))


def _opens_like_title(text: str) -> bool:
    first = next((char for char in text if char.isalnum()), "")
    return bool(first) and not first.islower()


def _in_title_case(text: str) -> bool:
    """Whether every longer word is capitalised: `The Long Road: From Here to There`, but not `Name: some value`."""
    longer = [word for word in text.split() if len(word) > 3]
    return len(longer) > 2 and all(not word[0].islower() for word in longer)


def _closed(piece: Block | _Piece | None) -> bool:
    """Whether what stands before has come to its end: a table, a list, a heading or a whole sentence."""
    if not isinstance(piece, _Piece):
        return True
    return piece.kind is not BlockKind.PARAGRAPH or TERMINAL.search(piece.lines[-1].text.rstrip()) is not None


def _stands_alone(piece: _Piece, before: Block | _Piece | None, after: Block | _Piece) -> bool:
    """Whether a numbered line has no neighbour in its list, as a numbered heading has none."""
    beside = [other for other in (before, after) if isinstance(other, _Piece) and other.kind is BlockKind.LIST_ITEM]
    return not beside and isinstance(after, _Piece) and piece.after_blank
