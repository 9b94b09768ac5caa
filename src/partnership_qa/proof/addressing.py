"""The proof of some characters of a text, made from the text and what is known of its file."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

from ..document import place_of
from ..sources.boxes import MIN_BOXED, WHOLE, line_rectangles, page_parts, share_boxed, unpack
from ..sources.encoding import byte_span
from ..text import Span
from .record import AROUND, PageBox, Proof

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..document import Place
    from .record import Extraction


class Text(Protocol):
    """What a `Document` and the index's `Source` have in common; the attributes are those of `Document`."""

    @property
    def name(self) -> str:
        """Path relative to the corpus folder."""

    @property
    def text(self) -> str:
        """Decoded characters."""

    @property
    def sha256(self) -> str:
        """Of the file's bytes."""

    @property
    def pages(self) -> tuple[int, ...]:
        """Offsets at which the pages begin."""

    @property
    def places(self) -> tuple[Place, ...]:
        """Addresses of the source's own kind."""

    @property
    def boxes(self) -> bytes:
        """Where its characters stand on their pages, packed."""

    def line(self, offset: int) -> int:
        """1-based line of a character."""

    def page(self, offset: int) -> int | None:
        """1-based page of a character."""


def proof_of(source: Text, start: int, end: int, extraction: Extraction, size: int, at: int | None = None) -> Proof:
    """The proof of the characters `[start, end)` of a source.

    Args:
        source: where they stand.
        start, end: at least one character.
        extraction: how the text came out of the file's bytes.
        size: bytes of the file; 0 where that is not known, and it is no plain text in UTF-8.
        at: the character whose place is given, where the source has places; `None` takes the first.

    """
    text, quote = source.text, source.text[start:end]
    octets = None
    if extraction.encoding is not None:
        octets = byte_span(text, start, end, extraction.encoding, size)
    place = place_of(source.places, start if at is None else at)
    return Proof(
        source.name, start, end, quote, source.sha256, extraction, Span(*octets) if octets else None,
        source.line(start), start - _line_start(text, start) + 1, source.page(start), place,
        None if place is None else (start if at is None else at), tuple(_boxes(source, start, end)),
        text[max(0, start - AROUND) : start], text[end : end + AROUND],
        text.count(quote, 0, start) + 1, max(1, text.count(quote)),
    )  # fmt: skip


def _line_start(text: str, at: int) -> int:
    # As `document.line_starts`: `\r\n` ends one line, and so does either alone. Between the two is the line's end.
    last = max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1
    if last and text[last - 1] == "\r" and text[last : last + 1] == "\n":
        last = max(text.rfind("\n", 0, last - 1), text.rfind("\r", 0, last - 1)) + 1
    return last


def _boxes(source: Text, start: int, end: int) -> list[PageBox]:
    """One box a line of a page; none where too few of the letters have one."""
    if not source.boxes or not source.pages:
        return []
    boxes = _unpacked(source.boxes, len(source.text))
    if boxes is None or share_boxed(source.text, boxes, start, end) < MIN_BOXED:
        return []
    return [
        PageBox(page, *(round(side / WHOLE, 5) for side in rectangle))
        for page, here, there in page_parts(source.text, source.pages, start, end)
        for rectangle in line_rectangles(boxes[here:there])
    ]


@lru_cache(maxsize=4)
def _unpacked(boxes: bytes, characters: int) -> NDArray[np.uint16] | None:
    try:
        return unpack(boxes, characters)
    except ValueError:
        return None
