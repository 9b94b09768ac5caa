"""A whole document as HTML, laid out by its structure, with the quoted words marked where they stand."""

from __future__ import annotations

from functools import lru_cache
from itertools import groupby
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from ..document import Block, BlockKind
from ..sources import read_blocks
from .markup import Mark, esc, marked, number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..index import Source

# A browser lays out this much at once without a pause; of a longer text, the part around the marks is shown.
WINDOW = 120_000


@lru_cache(maxsize=8)
def blocks_of(source: Source) -> tuple[Block, ...]:
    """The blocks of a stored source; the same that it was indexed by."""
    return tuple(read_blocks(source.text, PurePosixPath(source.name).suffix))


def document_html(source: Source, marks: Sequence[Mark] = (), *, title: str = "") -> str:
    """The document with its marks, each line's number beside it.

    Args:
        source: what is stored of it in the index.
        marks: the first one decides which part of a very long text is shown.
        title: a line above the text.

    """
    blocks, cut = _window(source, marks)
    seen: set[str] = set()
    parts = []
    for _, group in groupby(blocks, key=lambda block: (block.kind is BlockKind.TABLE_ROW, block.group)):
        rows = list(group)
        if rows[0].kind is BlockKind.TABLE_ROW:
            parts.append(_table(source, rows, marks, seen))
        else:
            parts += [_block(source, block, marks, seen) for block in rows]
    notice = "<p class='pq-hint'>This text is long: the part around the quote is shown.</p>" if cut else ""
    caption = f"<p class='pq-hint'>{esc(title)}</p>" if title else ""
    return (
        f"<header class='pq-source-head'><h2><bdi>{esc(source.name)}</bdi></h2>"
        f"<p class='pq-hint'>{number(len(source.line_starts))} lines · {number(len(source.text))} characters · "
        f"sha256 <span title='{esc(source.sha256)}'>{esc(source.sha256[:12])}…</span></p>{caption}{notice}</header>"
        f"<div class='pq-text' dir='auto' tabindex='0' role='region' aria-label='Text of the document'>"
        f"{''.join(parts)}</div>"
    )


def _window(source: Source, marks: Sequence[Mark]) -> tuple[list[Block], bool]:
    blocks = blocks_of(source)
    if len(source.text) <= WINDOW:
        return list(blocks), False
    middle = marks[0].start if marks else 0
    low, high = middle - WINDOW // 2, middle + WINDOW // 2
    return [block for block in blocks if block.end > low and block.start < high], True


def _block(source: Source, block: Block, marks: Sequence[Mark], seen: set[str]) -> str:
    # A bullet is shown beside its item; every mark of an item covers more than its bullet.
    start = block.content.start if block.kind is BlockKind.LIST_ITEM else block.start
    text = marked(source.text, start, block.end, marks, seen)
    line = _line(source, block)
    if block.kind is BlockKind.HEADING:
        return f"<p class='pq-h' role='heading' aria-level='{min(block.level + 2, 6)}'>{line}{text}</p>"
    if block.kind is BlockKind.LIST_ITEM:
        depth = min(block.level, 5)
        bullet = source.text[block.start : block.content.start].strip()
        return f"<p class='pq-li pq-depth-{depth}'>{line}<span class='pq-bullet'>{esc(bullet)}</span> {text}</p>"
    if block.kind is BlockKind.CODE:
        return f"<pre class='pq-code' tabindex='0'>{line}{text}</pre>"
    return f"<p>{line}{text}</p>"


def _table(source: Source, rows: list[Block], marks: Sequence[Mark], seen: set[str]) -> str:
    body = "".join(table_row(source, row, marks, seen, _line(source, row)) for row in rows)
    return f"<div class='pq-table' tabindex='0' role='region' aria-label='Table'><table>{body}</table></div>"


def table_row(
    source: Source, row: Block, marks: Sequence[Mark], seen: set[str], line: str = "", after: str = ""
) -> str:
    """One row; the number of its line stands in its first cell, what comes `after` in its last."""
    tag, close = ("th scope='col'", "th") if row.is_header else ("td", "td")
    last = len(row.cells) - 1
    cells = [
        f"<{tag}>{'' if place else line}{marked(source.text, cell.start, cell.end, marks, seen)}"
        f"{'' if place < last else after}</{close}>"
        for place, cell in enumerate(row.cells)
    ]
    return f"<tr>{''.join(cells)}</tr>"


def _line(source: Source, block: Block) -> str:
    return f"<span class='pq-line' aria-hidden='true'>{source.line(block.start)}</span>"


def rows_with_header(source: Source, starts: Sequence[tuple[int, str]], marks: Sequence[Mark] = ()) -> str:
    """Rows of one table under the names of its columns, as a small table; empty where they are not that.

    Args:
        source: where they stand.
        starts: first character of each row, and HTML to put behind it.
        marks: words to mark in them.

    """
    blocks = blocks_of(source)
    by_start = {block.start: block for block in blocks if block.kind is BlockKind.TABLE_ROW}
    rows = [(by_start[start], after) for start, after in starts if start in by_start]
    if len(rows) < len(starts) or len({row.group for row, _ in rows}) != 1:
        return ""
    names = [b for b in blocks if b.group == rows[0][0].group and b.is_header and b is not rows[0][0]][-1:]
    head = "".join(table_row(source, block, (), set()) for block in names)
    body = "".join(table_row(source, row, marks, set(), after=f" {after}" if after else "") for row, after in rows)
    label = "Row of a table" if len(rows) == 1 else "Rows of a table"
    return f"<div class='pq-table' tabindex='0' role='region' aria-label='{label}'><table>{head}{body}</table></div>"


def source_panel_empty() -> str:
    """The panel before the first answer."""
    return (
        "<div class='pq-empty'><p><strong>The source stands here</strong></p>"
        "<p>Each answer is quoted word for word. Press its number, and the text opens at the quote.</p></div>"
    )
