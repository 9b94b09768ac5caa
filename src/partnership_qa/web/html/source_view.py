"""A whole document with the quoted words marked where they stand: its pages as pictures, or its text."""

from __future__ import annotations

from functools import lru_cache
from itertools import groupby
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from ...document import Block, BlockKind
from ...sources import read_blocks
from ..page_images import WIDTHS
from .boxing import Leaf, leaves
from .inline import block_styles
from .marks import Mark, Piece, pieces
from .rendering import render

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...index import Source

# A browser lays out this much at once without a pause; of a longer text, the part around the marks is shown.
WINDOW = 120_000
_SHORT = 16  # characters of a cell


class Row(NamedTuple):
    """A row of a table.

    Attributes:
        cells: in their order.
        is_header: whether it names the columns.
        line: where it stands; 0 where that is not shown.
        numbers: of the quotes that it is.

    """

    cells: list[list[Piece]]
    is_header: bool
    line: int = 0
    numbers: tuple[int, ...] = ()

    @staticmethod
    def is_short(cell: Sequence[Piece]) -> bool:
        """Whether a cell is shown in one line, even where its table is wider than its room."""
        return sum(len(piece.text) for piece in cell) <= _SHORT


class Shown(NamedTuple):
    """A block that is no row: its kind, line, words, and depth; the bullet is shown beside the words of its item."""

    kind: str
    line: int
    words: list[Piece]
    level: int
    bullet: str


class Pages(NamedTuple):
    """The pages of a document as pictures.

    Attributes:
        address: where they are served, up to their numbers.
        total: how many there are.
        first: number of the one that is shown first.
        leaves: those with marks.
        widths: of the pictures in pixels: in the panel, and enlarged.

    """

    address: str
    total: int
    first: int
    leaves: list[Leaf]
    widths: tuple[int, int] = WIDTHS


class Group(NamedTuple):
    """A table, or else blocks that follow each other."""

    rows: list[Row]
    blocks: list[Shown]


@lru_cache(maxsize=8)
def blocks_of(source: Source) -> tuple[Block, ...]:
    """The blocks of a stored source; the same that it was indexed by."""
    return tuple(read_blocks(source.text, PurePosixPath(source.name).suffix))


def document_html(
    source: Source,
    marks: Sequence[Mark] = (),
    *,
    title: str = "",
    current: str = "",
    pictures: str = "",
    gone: bool = False,
) -> str:
    """The document with its marks: its pages, if there are pictures of them, and its text with numbered lines.

    Args:
        source: what is stored of it in the index.
        marks: the first one decides which part of a very long text, or which page, is shown.
        title: a line above the text.
        current: anchor of the mark that it is opened at.
        pictures: address of the pictures of its pages; empty where there are none.
        gone: whether there are none because the file is not kept any more.

    """
    blocks = blocks_of(source)
    cut = len(source.text) > WINDOW
    if cut:
        middle = marks[0].start if marks else 0
        low, high = middle - WINDOW // 2, middle + WINDOW // 2
        blocks = tuple(block for block in blocks if block.end > low and block.start < high)
    groups = _groups(source, blocks, marks)
    pages = _pages(source, marks, pictures) if pictures else None
    return render(
        "source.html", source=source, groups=groups, title=title, cut=cut, current=current, pages=pages, gone=gone
    )


def _pages(source: Source, marks: Sequence[Mark], pictures: str) -> Pages:
    first = source.page(marks[0].start) if marks else 1
    return Pages(pictures, len(source.pages), first or 1, leaves(source, marks))


def _groups(source: Source, blocks: Sequence[Block], marks: Sequence[Mark]) -> list[Group]:
    seen: set[str] = set()
    groups = []
    for is_table, members in groupby(blocks, key=lambda b: b.group if b.kind is BlockKind.TABLE_ROW else None):
        if is_table is None:
            groups.append(Group([], [_shown(source, block, marks, seen) for block in members]))
        else:
            rows = [_row(source, block, marks, seen)._replace(line=source.line(block.start)) for block in members]
            groups.append(Group(rows, []))
    return groups


def _shown(source: Source, block: Block, marks: Sequence[Mark], seen: set[str]) -> Shown:
    # A bullet is shown beside its item; every mark of an item covers more than its bullet.
    start = block.content.start if block.kind is BlockKind.LIST_ITEM else block.start
    words = pieces(source.text, start, block.end, marks, seen, block_styles(source, block))
    bullet = source.text[block.start : start].strip()
    return Shown(block.kind.value, source.line(block.start), words, block.level, bullet)


def _names(blocks: Sequence[Block], row: Block) -> list[Block]:
    """The rows that name the columns of a row's table, those of its last names alone."""
    names: list[Block] = []
    before: Block | None = None
    for block in blocks:
        if block.group == row.group and block.is_header and block is not row:
            names = [*names, block] if before is not None and before.is_header and names else [block]
        before = block
    return names


def _row(source: Source, block: Block, marks: Sequence[Mark], seen: set[str]) -> Row:
    styles = block_styles(source, block)
    cells = [pieces(source.text, cell.start, cell.end, marks, seen, styles) for cell in block.cells]
    return Row(cells, block.is_header)


def rows_with_header(
    source: Source,
    starts: Sequence[int],
    marks: Sequence[Mark],
    numbers: Sequence[int] = (),
    columns: Sequence[str] = (),
) -> list[Row]:
    """Rows of one table, the names of its columns above; none where they are not that.

    Args:
        source: where they stand.
        starts: first character of each row.
        marks: words to mark in them.
        numbers: of the quotes that they are, shown behind them; such rows have no mark where all that they say is one.
        columns: their names as they were indexed. A page or a sheet may say what names columns where its text does not,
            as by a rule; then these stand above.

    """
    blocks = blocks_of(source)
    by_start = {block.start: block for block in blocks if block.kind is BlockKind.TABLE_ROW}
    rows = [by_start[start] for start in starts if start in by_start]
    if len(rows) < len(starts) or len({row.group for row in rows}) != 1:
        return []
    names = _names(blocks, rows[0])
    if numbers and all(_says_all(row, marks) for row in rows):
        marks = ()
    shown = [_row(source, row, marks, set()) for row in rows]
    if numbers:
        shown = [row._replace(numbers=(n,)) for row, n in zip(shown, numbers, strict=True)]
    above = [_row(source, block, (), set()) for block in names]
    if not above and any(columns) and all(len(row.cells) == len(columns) for row in rows):
        above = [Row([[Piece(name, (), "", ())] for name in columns], is_header=True)]
    return [*above, *shown]


def _says_all(row: Block, marks: Sequence[Mark]) -> bool:
    filled = [cell for cell in row.cells if cell.end > cell.start]
    return all(any(mark.start <= cell.start and mark.end >= cell.end for mark in marks) for cell in filled)
