"""Text and structure laid out together, for formats whose files are no text: what is quoted is what is written here.

Blocks are set apart by a blank line, items of a list and rows of a table by a line break; an item opens with `- ` or
its number, the cells of a row stand between bars. Bullets and numbers stand in the text, so that they are shown and
found, but outside the content of their block, so that they are never the words of an answer. Where a file has no title
for a part that must stand by itself (a slide, a message), its address stands as the heading.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from ..document import Block, BlockKind, Place
from ..text import Span
from .encoding import NotTextError

if TYPE_CHECKING:
    from collections.abc import Sequence

_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_BAR = " | "
MAX_LAID_OUT = 32 * 2**20  # characters, as many as may come out of one file


class Extracted(NamedTuple):
    """What is taken from a file; the attributes are those of `Document`."""

    text: str
    blocks: list[Block]
    pages: tuple[int, ...] = ()
    note: str = ""
    places: tuple[Place, ...] = ()
    boxes: bytes = b""


def clean(text: str) -> str:
    """The text without characters that no text holds: controls and halves of surrogate pairs become `�`."""
    if text.isprintable():  # most cells are
        return text
    return _CONTROL.sub("\ufffd", text).encode("utf-8", "surrogatepass").decode("utf-8", "replace")


def flowed(text: str) -> str:
    """The text with its white space made single and its line breaks kept, empty lines left out."""
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return clean("\n".join(line for line in lines if line))


class Layout:
    """Grows by one block at a time; what is empty is passed over."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0
        self._groups = 0
        self._label = ""
        self._pages: list[int] = []
        self._places: list[Place] = []
        self.blocks: list[Block] = []

    @property
    def extracted(self) -> Extracted:
        """All that was added, as one text."""
        text = "".join(self._parts) + ("\n" if self._parts else "")
        return Extracted(text, self.blocks, tuple(self._pages), places=tuple(self._places))

    def page(self) -> None:
        """Begin the next page."""
        self._pages.append(self._length)

    def place(self, label: str) -> None:
        """Give what is added from now on an address of the file's own kind."""
        self._label = " ".join(clean(label).split())

    def new_group(self) -> int:
        """Number for another list or table."""
        self._groups += 1
        return self._groups - 1

    def heading(self, text: str, level: int) -> None:
        """Add a heading; level 1 is outermost."""
        self._add(BlockKind.HEADING, " ".join(flowed(text).split("\n")), level=level)

    def paragraph(self, text: str) -> None:
        """Add running text."""
        self._add(BlockKind.PARAGRAPH, flowed(text))

    def code(self, text: str) -> None:
        """Add lines that are kept as they stand."""
        lines = [clean(line.expandtabs(8).rstrip()) for line in text.split("\n")]
        self._add(BlockKind.CODE, "\n".join(lines).strip())

    def item(self, text: str, group: int, depth: int = 0, sign: str = "-") -> None:
        """Add an item to a list; `sign` is its bullet or its number with its point."""
        body = flowed(text)
        self._add(BlockKind.LIST_ITEM, f"{sign} {body}" if body else "", len(sign) + 1, depth, group)

    def table(self, rows: Sequence[Sequence[str]], headers: int, labels: Sequence[Sequence[str]] = ()) -> None:
        """Add rows of cells, all of one length; the first `headers` of them name the columns.

        Args:
            rows: of cells.
            headers: how many of them name the columns.
            labels: address of each cell, if cells have addresses.

        """
        group = self.new_group()
        for number, row in enumerate(rows):
            cells = [clean(" ".join(cell.split())) for cell in row]
            if not any(cells):
                continue
            self._label = labels[number][0] if labels else self._label
            # A bar at either end where a cell there is empty: a block neither begins nor ends with white space.
            left, right = "| " if not cells[0] else "", " |" if not cells[-1] else ""
            self._add(BlockKind.TABLE_ROW, left + _BAR.join(cells) + right, group=group)
            row_block = self.blocks.pop()
            spans: list[Span] = []
            at = row_block.start + len(left)
            for cell in cells:
                if labels and spans and cell:  # the first cell's address begins with its row
                    self._places.append(Place(at, labels[number][len(spans)]))
                spans.append(Span(at, at + len(cell)))
                at += len(cell) + len(_BAR)
            self.blocks.append(
                Block(row_block.kind, row_block.start, row_block.end, row_block.content, 0, group, tuple(spans),
                      number < headers and len(rows) > headers)
            )  # fmt: skip

    def extend(self, inner: Extracted, below: int = 0, prefix: str = "") -> None:
        """Add the blocks of a text that was read by itself, such as a chapter or an attachment.

        Args:
            inner: what was read; its pages become places.
            below: how many levels its headings stand below their own.
            prefix: of its addresses; without one they are dropped, and the address that holds here goes on.

        """
        first, pages, places = self._groups, 0, 0
        for block in inner.blocks:
            self._groups = max(self._groups, first + block.group + 1)
            if prefix:
                while pages < len(inner.pages) and inner.pages[pages] <= block.start:
                    pages += 1
                    self.place(f"{prefix}, page {pages}")
                while places < len(inner.places) and inner.places[places].start <= block.start:
                    self.place(f"{prefix}, {inner.places[places].label}")
                    places += 1
            level = block.level + below if block.kind is BlockKind.HEADING else block.level
            group = first + block.group if block.group >= 0 else -1
            self._add(block.kind, inner.text[block.start : block.end], block.content.start - block.start, level, group)
            shift = self.blocks[-1].start - block.start
            cells = tuple(Span(start + shift, end + shift) for start, end in block.cells)
            content = Span(block.content.start + shift, block.content.end + shift)
            self.blocks[-1] = replace(self.blocks[-1], content=content, cells=cells, is_header=block.is_header)
            while prefix and places < len(inner.places) and inner.places[places].start < block.end:
                start, label = inner.places[places]
                self._places.append(Place(start + shift, f"{prefix}, {label}"))
                places += 1

    def _add(self, kind: BlockKind, text: str, lead: int = 0, level: int = 0, group: int = -1) -> None:
        if not text:
            return
        if self._length + len(text) > MAX_LAID_OUT:
            raise NotTextError(f"it holds more than {MAX_LAID_OUT:,} characters, which is more than is read")
        if self.blocks:
            beside = group >= 0 and self.blocks[-1].group == group
            self._write("\n" if beside else "\n\n")
        start = self._length
        self._write(text)
        if self._label and (not self._places or self._places[-1].label != self._label):
            self._places.append(Place(start, self._label))
        content = Span(start + lead, self._length)
        self.blocks.append(Block(kind, start, self._length, content, level, group))

    def _write(self, text: str) -> None:
        self._parts.append(text)
        self._length += len(text)
