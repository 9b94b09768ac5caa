"""Markdown into blocks, parsed by markdown-it-py (CommonMark with tables); offsets are those of the source."""

from __future__ import annotations

import re
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


@cache
def _parser() -> MarkdownIt:
    # Inline markup is left as it stands, and so are link references: what is quoted is the source.
    return MarkdownIt("commonmark").enable("table").disable(["inline", "reference"])


def read_markdown(text: str) -> list[Block]:
    """Blocks of a Markdown text, in order."""
    walk = _Walk(split_lines(text))
    above = _front_matter(walk.lines)
    if above:
        walk.add(BlockKind.PARAGRAPH, _span(walk.lines[1 : above - 1]))
    # What tokens say of places is their lines alone, so that lines already taken may be given empty.
    for token in _parser().parse(
        "\n" * above + text[walk.lines[above].start :] if above else text.removeprefix("\ufeff")
    ):
        walk.take(token)
    contents = _contents(walk.blocks, text)
    return [block for block in walk.blocks if block.group not in contents] if contents else walk.blocks


@dataclass(slots=True)
class _Walk:
    """State of one pass over the tokens.

    `items` holds the first lines of the list items that were opened since the last leaf.
    """

    lines: list[Line]
    blocks: list[Block] = field(default_factory=list)
    group: int = -1
    quote_depth: int = 0
    list_depth: int = 0
    list_group: int = -1
    items: list[int] = field(default_factory=list)
    done: int = 0

    def take(self, token: Token) -> None:
        if token.type in ("bullet_list_open", "ordered_list_open"):
            if self.list_depth == 0:
                self.group += 1
                self.list_group = self.group
            self.list_depth += 1
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            self.list_depth -= 1
        elif token.type in ("blockquote_open", "blockquote_close"):
            self.quote_depth += token.nesting
        elif token.type == "list_item_open" and token.map is not None:
            self.items.append(token.map[0])
        elif token.map is not None and token.type in _LEAVES:
            lines = [line for line in self.lines[max(token.map[0], self.done) : token.map[1]] if not line.blank]
            self.done = max(self.done, token.map[1])
            if lines:
                self._leaf(token, lines)
            self.items.clear()

    def _leaf(self, token: Token, lines: list[Line]) -> None:
        # Signs of quotes and list items are no part of what follows them, save an item's own at its start.
        signs = [self.items.count(token.map[0]) if token.map else 0] + [0] * (len(lines) - 1)
        leads = [_lead(line, self.quote_depth, count) for line, count in zip(lines, signs, strict=True)]
        bare = [_from(line, content) for line, (_, content) in zip(lines, leads, strict=True)]
        if token.type == "paragraph_open":
            self._flow([_from(lines[0], leads[0][0]), *bare[1:]], leads[0][1] - leads[0][0])
            return
        bare = [line for line in bare if not line.blank]
        if token.type == "heading_open":
            self.add(BlockKind.HEADING, _title(token, bare), int(token.tag[1:]))
        elif token.type == "table_open":
            self.group += 1
            self.blocks.extend(table_blocks(bare, self.group))
        elif token.type == "fence":
            closed = len(bare) > 1 and not bare[-1].text.strip().strip(token.markup[0])
            self.add(BlockKind.CODE, _span(bare[1 : -1 if closed else None]))
        else:
            self.add(BlockKind.CODE if token.type == "code_block" else BlockKind.PARAGRAPH, _span(bare))

    def add(self, kind: BlockKind, span: Span, level: int = 0) -> None:
        if span.end > span.start:
            self.blocks.append(Block(kind, *span, span, level))

    def _flow(self, lines: Sequence[Line], sign: int) -> None:
        """Lines of a paragraph: pipe rows without a delimiter and wiki headings in it are told apart.

        The first line opens with `sign` characters that mark it as a list item.
        """
        at, begun = 0, 0
        while at < len(lines):
            marked = heading(lines[at])
            length = 0 if marked or (sign and not at) else table_length(lines, at)
            if not marked and not length:
                at += 1
                continue
            self._paragraph(lines[begun:at], 0 if begun else sign)
            if marked:
                self.add(BlockKind.HEADING, marked[1], marked[0])
            else:
                self.group += 1
                self.blocks.extend(table_blocks(lines[at : at + length], self.group))
            at += max(1, length)
            begun = at
        self._paragraph(lines[begun:], 0 if begun else sign)

    def _paragraph(self, lines: Sequence[Line], sign: int) -> None:
        start, end = _span(lines)
        if end <= start:
            return
        if self.items and self.list_depth:
            content = Span(min(max(start, lines[0].start + sign), end), end)
            self.blocks.append(Block(BlockKind.LIST_ITEM, start, end, content, self.list_depth - 1, self.list_group))
            self.items.clear()
        else:
            self.add(BlockKind.PARAGRAPH, Span(start, end))


def _contents(blocks: Sequence[Block], text: str) -> set[int]:
    """The lists that are tables of contents: links to places of the same file, and nothing else.

    What they say stands there again as a heading, with what it is the heading of.
    """
    items: dict[int, list[str]] = {}
    for block in blocks:
        if block.kind is BlockKind.LIST_ITEM:
            items.setdefault(block.group, []).append(text[slice(*block.content)])
    return {group for group, said in items.items() if len(said) > 1 and all(map(_POINTS_WITHIN.fullmatch, said))}


def _front_matter(lines: Sequence[Line]) -> int:
    """Lines of the `name: value` block between rulers that a file may begin with; 0 where it has none."""
    if not lines or lines[0].text.rstrip() != "---":
        return 0
    for number, line in enumerate(lines[1:100], 1):
        if line.text.rstrip() == "---":
            return number + 1 if number > 1 and ":" in lines[1].text and number + 1 < len(lines) else 0
        if line.blank:
            return 0
    return 0


_POINTS_WITHIN = re.compile(r"(?:\d+(?:\.\d+)*\.?\s+)?\[[^\n]+\]\(#[^\s()]+\)")
_LEAVES = frozenset(("heading_open", "paragraph_open", "table_open", "fence", "code_block", "html_block"))


def _lead(line: Line, quotes: int, items: int) -> tuple[int, int]:
    """Where the signs of list items begin on a line, and where its content does, counted from its start."""
    first, at = -1, trimmed(line).start
    while True:
        rest = line.text[at:]
        if quotes and rest.startswith(">"):
            quotes, skip = quotes - 1, 1
        elif items and (skip := bullet(Line(0, len(rest), rest))):
            items, first = items - 1, at if first < 0 else first
        else:
            return at if first < 0 else first, at
        at += skip + len(rest[skip:]) - len(rest[skip:].lstrip())


def _from(line: Line, at: int) -> Line:
    return Line(line.start + at, line.end, line.text[at:])


def _title(token: Token, lines: Sequence[Line]) -> Span:
    """Characters of a heading without its signs; its ruler, should it have one, is the last line."""
    if not token.markup.startswith("#"):
        return _span(lines[:-1] or lines)
    marked = heading(lines[0]) if lines else None
    return marked[1] if marked else Span(0, 0)


def _span(lines: Sequence[Line]) -> Span:
    """Characters from the first line to the last, without white space at the outer ends; empty for no lines."""
    if not lines:
        return Span(0, 0)
    return Span(lines[0].start + trimmed(lines[0]).start, lines[-1].start + trimmed(lines[-1]).end)
