"""Text and structure laid out together, for formats whose files are no text: what is quoted is what is written here.

Blocks are set apart by a blank line, items of a list and rows of a table by a line break; an item opens with `- ` or
its number, the cells of a row stand between bars.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from ..document import Block, BlockKind, Place
from ..text import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_BAR = " | "


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
        self.blocks: list[Block] = []

    @property
    def extracted(self) -> Extracted:
        """All that was added, as one text."""
        return Extracted("".join(self._parts) + ("\n" if self._parts else ""), self.blocks)

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

    def table(self, rows: Sequence[Sequence[str]], headers: int) -> None:
        """Add rows of cells, all of one length; the first `headers` of them name the columns."""
        group = self.new_group()
        for number, row in enumerate(rows):
            cells = [" ".join(flowed(cell).split("\n")) for cell in row]
            if not any(cells):
                continue
            # A bar at either end where a cell there is empty: a block neither begins nor ends with white space.
            left, right = "| " if not cells[0] else "", " |" if not cells[-1] else ""
            self._add(BlockKind.TABLE_ROW, left + _BAR.join(cells) + right, group=group)
            row_block = self.blocks.pop()
            spans, at = [], row_block.start + len(left)
            for cell in cells:
                spans.append(Span(at, at + len(cell)))
                at += len(cell) + len(_BAR)
            self.blocks.append(
                Block(row_block.kind, row_block.start, row_block.end, row_block.content, 0, group, tuple(spans),
                      number < headers and len(rows) > headers)
            )  # fmt: skip

    def _add(self, kind: BlockKind, text: str, lead: int = 0, level: int = 0, group: int = -1) -> None:
        if not text:
            return
        if self.blocks:
            beside = group >= 0 and self.blocks[-1].group == group
            self._write("\n" if beside else "\n\n")
        start = self._length
        self._write(text)
        content = Span(start + lead, self._length)
        self.blocks.append(Block(kind, start, self._length, content, level, group))

    def _write(self, text: str) -> None:
        self._parts.append(text)
        self._length += len(text)
