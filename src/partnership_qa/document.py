"""The structure of a text: sections, paragraphs, list items, and table rows with their cells.

A `Document` keeps its text verbatim. Every block is a half-open range of characters of that text, blocks stand in
the text's order and do not overlap, and what lies between two blocks is white space or markup (rulers, fences).
"""

from __future__ import annotations

import bisect
import hashlib
import re
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .text import Span


_LINE_BREAK = re.compile(r"\r\n|\r|\n")


class BlockKind(str, Enum):
    """What a block is."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST_ITEM = "list_item"
    TABLE_ROW = "table_row"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Block:
    """One structural unit of a document.

    Attributes:
        kind: what it is.
        start, end: characters of the document, bullets and outer bars included; `text[start:end]` is what is quoted.
        content: the same without the bullet, the number or the heading's markup.
        level: of a heading, 1 is outermost; of a list item, its depth from 0; else 0.
        group: number of the list or table the block belongs to, unique in the document; -1 outside both.
        cells: of a table row, its cells in order, trimmed (an empty cell is an empty span); else empty.
        is_header: whether a table row names the columns.

    """

    kind: BlockKind
    start: int
    end: int
    content: Span
    level: int = 0
    group: int = -1
    cells: tuple[Span, ...] = ()
    is_header: bool = False


class Place(NamedTuple):
    """An address of a source's own kind, such as a cell of a sheet, and where in the text it begins."""

    start: int
    label: str


@dataclass(frozen=True, slots=True)
class Section:
    """Blocks under one heading.

    Attributes:
        headings: the headings above, outermost first, the section's own last; empty before the first heading.
        blocks: in the text's order, the heading left out.

    """

    headings: tuple[str, ...]
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A source file as text with its structure.

    Attributes:
        name: path relative to the corpus folder, with `/`.
        text: decoded characters, newlines untouched; a byte-order mark is kept as the character it is.
        sha256: of the file's bytes, in hexadecimal.
        sections: in the text's order.
        pages: offsets at which the pages begin, ascending from 0; empty where the source has no pages.
        note: what its owner should know of how it was read; empty where there is nothing to say.
        places: addresses of the source's own kind, ascending from 0; empty where line and page say it all.
        boxes: where its characters stand on their pages, packed (`boxes`); empty where that is not known.

    """

    name: str
    text: str
    sha256: str
    sections: tuple[Section, ...]
    pages: tuple[int, ...] = ()
    note: str = ""
    places: tuple[Place, ...] = ()
    boxes: bytes = field(default=b"", repr=False)
    _line_starts: tuple[int, ...] = field(default=(), repr=False, compare=False)

    def line(self, offset: int) -> int:
        """1-based line that holds the character at `offset`."""
        return bisect.bisect_right(self._line_starts, offset)

    def page(self, offset: int) -> int | None:
        """1-based page that holds the character at `offset`; `None` where the source has no pages."""
        return bisect.bisect_right(self.pages, offset) if self.pages else None


def place_of(places: tuple[Place, ...], offset: int) -> str | None:
    """Label of the place that holds the character at `offset`; `None` before the first, or where there are none."""
    number = bisect.bisect_right(places, offset, key=lambda place: place.start)
    return places[number - 1].label if number else None


def line_starts(text: str) -> tuple[int, ...]:
    r"""Offsets at which the lines of `text` begin; lines end at `\n`, `\r\n` or a lone `\r`."""
    return (0, *(match.end() for match in _LINE_BREAK.finditer(text)))


def make_document(
    name: str,
    data: bytes,
    text: str,
    blocks: Iterable[Block],
    pages: tuple[int, ...] = (),
    note: str = "",
    places: tuple[Place, ...] = (),
    boxes: bytes = b"",
) -> Document:
    """Put blocks under their headings.

    Args:
        name: path relative to the corpus folder, with `/`.
        data: the file's bytes, for the hash.
        text: the same, decoded.
        blocks: in the text's order, headings among them.
        pages: offsets at which pages begin, if there are pages.
        note: what its owner should know of how it was read.
        places: addresses of the source's own kind, if it has any.
        boxes: where its characters stand on their pages, packed, if that is known.

    """
    sections: list[Section] = []
    path: list[tuple[int, str]] = []
    current: list[Block] = []

    def close() -> None:
        if current:
            sections.append(Section(tuple(heading for _, heading in path), tuple(current)))
            current.clear()

    for block in blocks:
        if block.kind is not BlockKind.HEADING:
            current.append(block)
            continue
        close()
        while path and path[-1][0] >= block.level:
            path.pop()
        path.append((block.level, " ".join(text[block.content.start : block.content.end].split())))
        # The heading opens its own section, so that a heading with nothing below it can still be found.
        current.append(block)
    close()
    digest = hashlib.sha256(data).hexdigest()
    return Document(name, text, digest, tuple(sections), pages, note, places, boxes, line_starts(text))
