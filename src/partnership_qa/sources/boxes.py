"""Where each character stands on its page, packed beside the text.

A box is left, top, right and bottom in 65,535ths of the page's width and height, measured from its upper left corner as
the page is shown; four zeros where a character has none (line breaks, and what was added between words).
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

WHOLE = 65_535


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
