"""Blocks of a PDF's pages into one text, with a box for each of its characters."""

from __future__ import annotations

import re
from array import array
from dataclasses import replace
from typing import TYPE_CHECKING

from ..document import Block, BlockKind
from ..text import Span
from .layout import Extracted
from .lines import TERMINAL
from .pdf_blocks import NUMBERED_TITLE
from .pdf_page import SOFT_HYPHEN

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from .pdf_blocks import Piece
    from .pdf_cells import Table
    from .pdf_lines import Line, Word

MAX_LEVEL = 6
JUSTIFIED_LINES = 0.6  # of a paragraph, that end at its right edge
_BAR = " | "
_LAST_WORD = re.compile(r"([^\W\d_]+(?:-[^\W\d_]+)*)[-\u00ad]\Z")
_FIRST_WORD = re.compile(r"[^\W\d_]+")
_DEPTH = re.compile(r"\d{1,2}((?:\.\d{1,2})*)")

_Style = tuple[float, bool, int]


class Writer:
    """Grows page by page.

    Args:
        words: of the whole document, in small letters, those with hyphens among them.

    """

    def __init__(self, words: Collection[str]) -> None:
        self._words = words
        self._parts: list[str] = []
        self._length = 0
        self._boxes = array("H")
        self._blocks: list[Block] = []
        self._styles: dict[int, _Style] = {}  # of headings, by their blocks' numbers
        self._pages: list[int] = []
        self._groups = 0
        self._depths: dict[int, int] = {}  # of the list that is open: points of indentation to depth
        self._last: Line | None = None  # of the paragraph that a page's end may have cut
        self._separator = ""

    def page(self, pieces: Sequence[Piece]) -> None:
        """Add the blocks of a page."""
        if not pieces:
            self._add(self._separator)
            self._pages.append(self._length)
            self._add("\n")
            self._separator = ""
            return
        self._begin(pieces[0])
        for number, piece in enumerate(pieces):
            if number:
                self._separate(piece)
            self._write(piece)

    @property
    def extracted(self) -> tuple[Extracted, array[int]]:
        """Text, blocks and pages; and four numbers for each character."""
        styles = sorted(set(self._styles.values()), key=lambda style: (-style[0], not style[1], style[2]))
        levels = {style: min(MAX_LEVEL, rank) for rank, style in enumerate(styles, 1)}
        for number, style in self._styles.items():
            self._blocks[number] = replace(self._blocks[number], level=levels[style])
        if self._parts:
            self._add("\n")
        return Extracted("".join(self._parts), self._blocks, tuple(self._pages)), self._boxes

    def _begin(self, first: Piece) -> None:
        """Open a page; a sentence that goes on over the page's end is not cut by it."""
        goes_on = (
            self._last is not None
            and first.table is None
            and not first.skip
            and not first.heading
            and first.text[:1].islower()
            and not TERMINAL.search(self._last.text)
        )
        self._add("\n" if goes_on else self._separator)
        self._separator = ""
        self._pages.append(self._length)
        if goes_on:
            block = self._blocks.pop()
            self._lines(first.lines)
            self._blocks.append(replace(block, end=self._length, content=Span(block.content.start, self._length)))
            self._last = first.lines[-1]
            first.lines = []

    def _separate(self, piece: Piece) -> None:
        beside = piece.skip and self._depths and not piece.heading
        self._add("\n" if beside else "\n\n")
        self._separator = ""

    def _write(self, piece: Piece) -> None:
        self._last = None
        if piece.table is not None:
            self._depths.clear()
            self._table(piece.table)
        elif piece.lines:
            self._text(piece)
        self._separator = "\n\n"

    def _text(self, piece: Piece) -> None:
        start = self._length
        self._lines(piece.lines)
        span = Span(start, self._length)
        if piece.heading:
            self._depths.clear()
            numbered = _DEPTH.match(piece.text) if NUMBERED_TITLE.match(piece.text) else None
            self._styles[len(self._blocks)] = (*piece.type, numbered.group(1).count(".") if numbered else 0)
            self._blocks.append(Block(BlockKind.HEADING, *span, span, 1))
        elif piece.skip:
            if not self._depths:
                self._groups += 1
            level = self._depth(piece.lines[0])
            content = Span(start + piece.skip, self._length)
            self._blocks.append(Block(BlockKind.LIST_ITEM, *span, content, level, self._groups - 1))
            self._last = piece.lines[-1]
        else:
            self._depths.clear()
            self._blocks.append(Block(BlockKind.PARAGRAPH, *span, span))
            self._last = piece.lines[-1]

    def _depth(self, line: Line) -> int:
        """Depth of an item by its indentation; half a letter's size and more is a step inwards."""
        step = max(1.0, 0.5 * line.place.size)
        at = round(line.place.x0)
        same = [level for left, level in self._depths.items() if abs(left - at) <= step]
        outer = [(left, level) for left, level in self._depths.items() if left < at - step]
        level = same[-1] if same else max(outer)[1] + 1 if outer else 0
        self._depths[at] = level
        return level

    def _lines(self, lines: Sequence[Line]) -> None:
        justified = _is_justified(lines)
        for number, line in enumerate(lines):
            following = lines[number + 1] if number + 1 < len(lines) else None
            joint = self._joint(line, following, justified=justified) if following is not None else ""
            self._put(line.words, drop=joint == "join")
            if following is not None and not joint:
                self._add("\n")

    def _joint(self, line: Line, following: Line, *, justified: bool) -> str:
        """How a word goes on over a line's end: `join` without its hyphen, `keep` with it, or not at all."""
        head, tail = _LAST_WORD.search(line.text), _FIRST_WORD.match(following.text)
        if head is None or tail is None or not tail.group()[0].islower():
            return ""
        first, second = head.group(1).lower(), tail.group().lower()
        if line.text.endswith(SOFT_HYPHEN) or f"{first}{second}" in self._words:
            return "join"
        if f"{first}-{second}" in self._words:
            return "keep"
        # Only who sets justified text divides words.
        return "join" if justified and min(len(first.rpartition("-")[2]), len(second)) > 1 else ""

    def _put(self, words: Sequence[Word], *, drop: bool = False) -> None:
        """Words with spaces between them; with `drop` without the last character."""
        for number, word in enumerate(words):
            if number:
                self._add(" ")
            last = number == len(words) - 1
            for glyph in word.glyphs[:-1] if drop and last else word.glyphs:
                if glyph.text != SOFT_HYPHEN:
                    self._parts.append(glyph.text)
                    self._length += len(glyph.text)
                    for _ in glyph.text:
                        self._boxes.extend(glyph.box)

    def _add(self, filler: str) -> None:
        self._parts.append(filler)
        self._length += len(filler)
        self._boxes.extend([0] * (4 * len(filler)))

    def _table(self, table: Table) -> None:
        self._groups += 1
        group = self._groups - 1
        rows = [(number, row) for number, row in enumerate(table.rows) if any(row.cells)]
        for place, (number, row) in enumerate(rows):
            if place:
                self._add("\n")
            start = self._length
            if not row.cells[0]:
                self._add("| ")
            cells = []
            for column, cell in enumerate(row.cells):
                if column:
                    self._add(_BAR)
                at = self._length
                self._put(cell)
                cells.append(Span(at, self._length))
            if not row.cells[-1]:
                self._add(" |")
            header = number < table.headers and len(rows) > table.headers
            span = Span(start, self._length)
            self._blocks.append(Block(BlockKind.TABLE_ROW, *span, span, 0, group, tuple(cells), header))


def _is_justified(lines: Sequence[Line]) -> bool:
    """Whether most lines but the last end at the right edge."""
    if len(lines) < 3:
        return False
    right = max(line.place.x1 for line in lines)
    full = sum(line.place.x1 > right - 0.15 * line.place.size for line in lines[:-1])
    return full >= JUSTIFIED_LINES * (len(lines) - 1)
