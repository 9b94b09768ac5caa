"""Where Markdown's signs stand in a block, and which of its words they make bold, slanted, code or a link's text.

The signs stay in the quote and count in its offsets; only a page leaves them out. The parser says what is a sign, and
each thing that it gives is looked for in the source from left to right. Where one is not found, the rest of the block
is shown as it stands.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from ..text import MARKDOWN

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from markdown_it import MarkdownIt
    from markdown_it.token import Token

SIGN = "sign"
_TAGS = {"strong": "strong", "em": "em", "link": "link"}
_SPACE = re.compile(r"\s*")


class Style(NamedTuple):
    """Characters `[start, end)` and how they are shown: `strong`, `em`, `code`, `link`, or `sign` for not at all."""

    start: int
    end: int
    kind: str


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    # Signs behind a backslash stay tokens of their own, with what stands in the source.
    return MarkdownIt("commonmark").disable(["text_join"])


@lru_cache(maxsize=1024)
def styles(text: str) -> tuple[Style, ...]:
    """Styles of the words of one block."""
    tokens = _parser().parseInline(text)[0].children or []
    return tuple(_Walk(text).walk(tokens))


def unsigned(text: str, document: str) -> str:
    """Words in one line as they are shown: without Markdown's signs where their document is Markdown."""
    if document.lower().endswith(MARKDOWN):
        signs = {at for one in styles(text) if one.kind == SIGN for at in range(one.start, one.end)}
        text = "".join(char for at, char in enumerate(text) if at not in signs)
    return " ".join(text.split())


class _Walk:
    """One pass over the tokens of a block beside its text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._open: list[int] = []

    def walk(self, tokens: Sequence[Token]) -> Iterator[Style]:
        """Styles in the order in which they end."""
        try:
            for token in tokens:
                yield from self._take(token)
        except ValueError:
            return

    def _take(self, token: Token) -> Iterator[Style]:
        name, _, side = token.type.partition("_")
        if token.info == "auto":
            yield from self._signs("<" if side == "open" else ">")
        elif name in _TAGS and side == "open":
            yield from self._signs(token.markup or "[")
            self._open.append(self._at)
        elif name in _TAGS:
            began, end = self._open.pop(), self._at
            yield from self._signs(token.markup) if token.markup else self._address()
            yield Style(began, end, _TAGS[name])
        elif token.type == "code_inline":
            yield from self._code(token.markup)
        elif token.type == "image":
            yield from self._signs("![")
            yield from self._pass(token.content)
            yield from self._address()
        elif token.type == "text_special" and token.info == "escape":
            yield from self._signs("\\")
            yield from self._pass(token.content)
        elif token.type == "hardbreak":
            if self._text[self._at : self._at + 1] == "\\":
                yield from self._signs("\\")
        else:
            yield from self._pass(token.markup if token.type == "text_special" else token.content)

    def _signs(self, signs: str) -> Iterator[Style]:
        start = self._text.index(signs, self._at)
        self._at = start + len(signs)
        yield Style(start, self._at, SIGN)

    def _pass(self, words: str) -> Iterator[Style]:
        if words:
            self._at = self._text.index(words, self._at) + len(words)
        yield from ()

    def _code(self, fence: str) -> Iterator[Style]:
        yield from self._signs(fence)
        start = self._at
        closing = re.compile(rf"(?<!`){fence}(?!`)").search(self._text, start)
        if closing is None:
            raise ValueError
        self._at = closing.end()
        yield Style(start, closing.start(), "code")
        yield Style(closing.start(), closing.end(), SIGN)

    def _address(self) -> Iterator[Style]:
        """What stands between the text of a link and the text behind it: `](address "title")`."""
        from markdown_it.helpers import parseLinkDestination, parseLinkTitle

        text, start = self._text, self._text.index("](", self._at)
        limit = len(text)
        found = parseLinkDestination(text, self._skip(start + 2), limit)
        at = self._skip(found.pos if found.ok else start + 2)
        title = parseLinkTitle(text, at, limit)
        if title.ok:
            at = self._skip(title.pos)
        if text[at : at + 1] != ")":
            raise ValueError
        self._at = at + 1
        yield Style(start, self._at, SIGN)

    def _skip(self, at: int) -> int:
        found = _SPACE.match(self._text, at)
        return found.end() if found else at
