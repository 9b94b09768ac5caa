"""Links that open a web page at its quote: text fragments, `#:~:text=` (WICG, Scroll to Text Fragment).

A browser looks for the words in the page, so what this package has added to them (bullets, bars between cells) is left
out. Of a long quote its first and last words are given, and the page's own words between them are marked.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import quote, urldefrag

from ..proof.annotations import iri_of, is_web_address

if TYPE_CHECKING:
    from ..answering.citing import Citation

DIRECTIVE = ":~:text="
_PAGES = (".html", ".htm", ".xhtml")
_WHOLE = 120  # characters of a quote that are given as they are
_EDGE = 5  # words from the beginning and the end of a longer one
_BULLET = re.compile(r"(?:[-*+•–]|\(?\w{1,4}[.)])\s+")  # noqa: RUF001


def text_fragment(cited: Citation) -> str:
    """The fragment of a quote, from `:~:text=` on."""
    parts = [cited.quote[start - cited.start : end - cited.start] for start, end in cited.cells]
    words = [" ".join(part.split()) for part in parts if part.strip()]
    if not words:
        flat = " ".join(cited.quote.split())
        bullet = _BULLET.match(flat)
        words = _edges(flat[bullet.end() :] if bullet and not cited.quote.startswith(bullet[0].strip() * 2) else flat)
    return DIRECTIVE + ",".join(map(_escaped, dict.fromkeys((words[0], words[-1]))))


def _edges(words: str) -> list[str]:
    split = words.split(" ")
    if len(words) <= _WHOLE or len(split) <= 2 * _EDGE:
        return [words]
    return [" ".join(split[:_EDGE]), " ".join(split[-_EDGE:])]


def _escaped(words: str) -> str:
    # Hyphen, comma and ampersand are signs of the directive; `quote` leaves a hyphen as it is.
    return quote(words, safe="").replace("-", "%2D")


def has_page(document: str) -> bool:
    """Whether a document is a page that a browser opens, by its name: an address in the web, or HTML."""
    return is_web_address(document) or PurePosixPath(document).suffix.lower() in _PAGES


def page_link(cited: Citation) -> str | None:
    """A link to the quote in its page, relative to the corpus where the page is a file; `None` where it is no page."""
    if not has_page(cited.document):
        return None
    address, fragment = urldefrag(iri_of(cited.document))
    return f"{address}#{fragment}{text_fragment(cited)}"
