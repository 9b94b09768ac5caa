"""Where each character stands on its page, packed beside the text.

A box is left, top, right and bottom in 65,535ths of the page's width and height, measured from its upper left corner as
the page is shown; four zeros where a character has none (line breaks, and what was added between words).
"""

from __future__ import annotations

import bisect
import zlib
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

WHOLE = 65_535
# Words are boxed where this share of their letters has a box; a gap in the rest would make it point at other words.
MIN_BOXED = 0.9


class Rectangle(NamedTuple):
    """A part of a page, in 65,535ths of its width and height from its upper left corner."""

    left: int
    top: int
    right: int
    bottom: int


def pack(boxes: NDArray[np.uint16]) -> bytes:
    """Boxes of shape (characters, 4) as bytes.

    Neighbours differ by little, so differences are compressed: some three bytes a character in place of eight.
    """
    if boxes.dtype != np.uint16 or boxes.ndim != 2 or boxes.shape[1] != 4:
        raise ValueError(f"boxes of shape {boxes.shape} and type {boxes.dtype}")
    steps = np.diff(boxes, axis=0, prepend=np.zeros((1, 4), np.uint16))  # wraps around, as the sum does
    return zlib.compress(np.ascontiguousarray(steps.T.astype("<u2")).tobytes(), 6)


def unpack(data: bytes, characters: int) -> NDArray[np.uint16]:
    """What `pack` packed, shape (characters, 4).

    Raises:
        ValueError: these are not the boxes of that many characters.

    """
    most = 8 * characters
    try:
        unzip = zlib.decompressobj()
        raw = unzip.decompress(data, most + 1)
    except zlib.error as error:
        raise ValueError(f"boxes that cannot be unpacked ({error})") from None
    if len(raw) != most or not unzip.eof:
        raise ValueError(f"boxes of another text, not of {characters} characters")
    return np.cumsum(np.frombuffer(raw, "<u2").reshape(4, characters).T, axis=0, dtype=np.uint16)


def line_rectangles(boxes: NDArray[np.uint16]) -> list[Rectangle]:
    """One rectangle a line around the boxes of characters that follow each other.

    A character stands on the line of the one before it where their heights overlap by at least half of the lower one's
    height. Characters without a box (four zeros) are passed over.

    Args:
        boxes: shape (characters, 4), as `unpack` gives them.

    """
    inked = boxes[boxes.any(axis=1)].astype(np.int64)
    if not len(inked):
        return []
    top, bottom = inked[:, 1], inked[:, 3]
    overlap = np.minimum(bottom[1:], bottom[:-1]) - np.maximum(top[1:], top[:-1])
    height = np.minimum(bottom[1:] - top[1:], bottom[:-1] - top[:-1])
    starts = np.concatenate(([0], np.flatnonzero(2 * overlap < height) + 1))
    least = np.minimum.reduceat(inked[:, :2], starts)
    most = np.maximum.reduceat(inked[:, 2:], starts)
    return [Rectangle(*map(int, sides)) for sides in np.concatenate((least, most), axis=1)]


def page_parts(text: str, pages: Sequence[int], start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Page by page, its number and which of these characters stand on it; pages with white space alone are left out."""
    first = bisect.bisect_right(pages, start)
    ends = [page for page in pages[first:] if page < end]
    for number, (here, there) in enumerate(pairwise([start, *ends, end]), first):
        if text[here:there].strip():
            yield number, here, there


def share_boxed(text: str, boxes: NDArray[np.uint16], start: int, end: int) -> float:
    """Which share of the letters of `text[start:end]` has a box, in [0, 1]."""
    letters = np.array([not char.isspace() for char in text[start:end]], dtype=bool)
    boxed = boxes[start:end].any(axis=1) & letters
    return float(boxed.sum() / letters.sum()) if letters.any() else 0.0
