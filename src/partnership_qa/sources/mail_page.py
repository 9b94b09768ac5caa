"""The HTML of a message told apart: its own words, and what it quotes of earlier messages between or below them.

A mail program marks what it quotes as a `blockquote`, or writes a few lines like headers over it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from .html import read_html
from .mail_text import MAX_QUOTED, looks_like_headers

if TYPE_CHECKING:
    from .layout import Extracted

# Where the mail programs of many begin what they quote in HTML.
_QUOTATION = re.compile(
    r"<blockquote\b[^>]{0,300}\btype\s*=\s*[\"']?cite|"
    r"<div\b[^>]{0,300}\b(?:class\s*=\s*[\"'][^\"']{0,200}\b(?:gmail_quote|moz-cite-prefix|yahoo_quoted)|id\s*=\s*[\"']?(?:appendonsend|divRplyFwdMsg))",
    re.IGNORECASE,
)
_MARK = re.compile(r"<(/?)blockquote\b[^>]{0,2000}>", re.IGNORECASE)
_MAX_MARKS = 500  # of a message; with more it is read as one


class PagePart(NamedTuple):
    """Some of a message's page.

    Attributes:
        read: its text and blocks.
        depth: 0 for the message's own words, else how many messages back.

    """

    read: Extracted
    depth: int


class MailPage(NamedTuple):
    """A message's page in order: its own words with what it quotes between them, and the quotation at its foot."""

    parts: list[PagePart]
    foot: Extracted | None


def mail_page(page: str) -> MailPage:
    """A message's page told apart.

    Raises:
        NotTextError: it is nested too deeply.

    """
    found = _QUOTATION.search(page)
    if found is None:
        return _by_headers(_read(page))
    parts = [PagePart(_read(page[: found.start()]), 0), *_parts(page[found.start() :])]
    kept = [part for part in parts if part.read.blocks]
    quoted = [number for number, part in enumerate(kept) if part.depth]
    if quoted and not kept[-1].depth:
        return MailPage(kept, None)
    foot = _read(page[found.start() :])
    return MailPage([part for part in parts[:1] if part.read.blocks], foot if foot.blocks else None)


def _read(page: str) -> Extracted:
    return read_html(page.encode("utf-8"))


def _parts(page: str) -> list[PagePart]:
    """The page cut where a quotation begins or ends."""
    marks = list(_MARK.finditer(page))
    if len(marks) > _MAX_MARKS:
        return [PagePart(_read(page), 1)]
    out: list[PagePart] = []
    depth = at = 0
    for mark in marks:
        out.append(PagePart(_read(page[at : mark.start()]), min(depth, MAX_QUOTED)))
        depth = max(0, depth + (-1 if mark.group(1) else 1))
        at = mark.end()
    return [*out, PagePart(_read(page[at:]), min(depth, MAX_QUOTED))]


def _by_headers(read: Extracted) -> MailPage:
    """A page without marks, cut above the first lines that look like headers of a message below other words."""
    for number, block in enumerate(read.blocks):
        if number and looks_like_headers(read.text[block.start : block.end]):
            own, foot = read.blocks[:number], read.blocks[number:]
            return MailPage([PagePart(read._replace(blocks=own), 0)], read._replace(blocks=foot))
    return MailPage([PagePart(read, 0)], None)
