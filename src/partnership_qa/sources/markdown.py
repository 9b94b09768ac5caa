"""Markdown into blocks, parsed by markdown-it-py (CommonMark with tables); offsets are those of the source."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt

from ..document import Block, BlockKind
from ..text import Span
from .lines import Line, bullet, heading, split_lines, table_blocks, table_length, trimmed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it.token import Token

_QUOTE = " \t>"


@cache
def _parser() -> MarkdownIt:
    # Inline markup is left as it stands: what is quoted is the source.
    return MarkdownIt("commonmark").enable("table").disable("inline")


def read_markdown(text: str) -> list[Block]:
    """Blocks of a Markdown text, in order."""
    walk = _Walk(split_lines(text))
    # markdown-it ends lines as we do, but turns NUL into another character; lengths of lines do not matter to it.
    for token in _parser().parse(text):
        walk.take(token)
    return walk.blocks


@dataclass(slots=True)
class _Walk:
    """State of one pass over the tokens."""

    lines: list[Line]
    blocks: list[Block] = field(default_factory=list)
    group: int = -1
    list_depth: int = 0
    item_first: bool = False
    list_group: int = -1
    done: int = 0

    def take(self, token: Token) -> None:
        if token.type in ("bullet_list_open", "ordered_list_open"):
            if self.list_depth == 0:
                self.group += 1
                self.list_group = self.group
            self.list_depth += 1
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            self.list_depth -= 1
        elif token.type == "list_item_open":
            self.item_first = True
        elif token.map is not None and token.type in _LEAVES:
            lines = [line for line in self.lines[max(token.map[0], self.done) : token.map[1]] if not line.blank]
            self.done = max(self.done, token.map[1])
            if lines:
                self._leaf(token, lines)

    def _leaf(self, token: Token, lines: list[Line]) -> None:
        if token.type == "heading_open":
            span = _span(lines)
            content = marked[1] if (marked := heading(lines[0])) else _span(lines[:1])
            self.blocks.append(Block(BlockKind.HEADING, content.start, content.end, content, int(token.tag[1:])))
            del span
        elif token.type == "table_open":
            self.group += 1
            self.blocks.extend(table_blocks(lines, self.group))
        elif token.type in ("fence", "code_block"):
            inside = lines[1:-1] if token.type == "fence" and len(lines) > 2 else lines
            self.blocks.append(Block(BlockKind.CODE, *_span(inside), _span(inside)))
        else:
            self._flow(lines)

    def _flow(self, lines: Sequence[Line]) -> None:
        """Lines of a paragraph: pipe rows without a delimiter and wiki headings in it are told apart."""
        at, begun = 0, 0
        while at < len(lines):
            marked = heading(lines[at])
            length = 0 if marked else table_length(lines, at)
            if not marked and not length:
                at += 1
                continue
            self._paragraph(lines[begun:at])
            if marked:
                self.blocks.append(Block(BlockKind.HEADING, *marked[1], marked[1], marked[0]))
            else:
                self.group += 1
                self.blocks.extend(table_blocks(lines[at : at + length], self.group))
            at += max(1, length)
            begun = at
        self._paragraph(lines[begun:])

    def _paragraph(self, lines: Sequence[Line]) -> None:
        if not lines:
            return
        start, end = _span(lines)
        if self.list_depth and self.item_first:
            skip = bullet(lines[0])
            content = Span(max(start, lines[0].start + skip), end)
            self.blocks.append(Block(BlockKind.LIST_ITEM, start, end, content, self.list_depth - 1, self.list_group))
            self.item_first = False
        else:
            self.blocks.append(Block(BlockKind.PARAGRAPH, start, end, Span(start, end)))


_LEAVES = frozenset(("heading_open", "paragraph_open", "table_open", "fence", "code_block", "html_block"))


def _span(lines: Sequence[Line]) -> Span:
    """Characters from the first line to the last, without white space and quote marks at the outer ends."""
    first, last = lines[0], lines[-1]
    body = first.text.lstrip(_QUOTE + "\ufeff")
    start = first.start + len(first.text) - len(body) if body else first.start
    return Span(start, max(start, last.start + trimmed(last).end))
