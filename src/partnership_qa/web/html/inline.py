"""How the words of a block of Markdown are set on the page."""

from __future__ import annotations

from functools import lru_cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from ...document import BlockKind
from ...sources.markdown_inline import Style, styles
from ...text import MARKDOWN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...document import Block
    from ...index import Source


def styles_at(source: Source, blocks: Sequence[Block], start: int) -> tuple[Style, ...]:
    """Styles of the block that holds a character, in characters of the document; none where that is no Markdown."""
    block = next((one for one in blocks if one.start <= start < one.end), None)
    return () if block is None else block_styles(source, block)


@lru_cache(maxsize=4096)
def block_styles(source: Source, block: Block) -> tuple[Style, ...]:
    """Styles of a block, in characters of the document; none where that is no Markdown, or where it is code."""
    if PurePosixPath(source.name).suffix.lower() not in MARKDOWN or block.kind is BlockKind.CODE:
        return ()
    parts = [(cell.start, cell.end) for cell in block.cells] or [(block.content.start, block.content.end)]
    return tuple(
        Style(one.start + start, one.end + start, one.kind)
        for start, end in parts
        for one in styles(source.text[start:end])
    )
