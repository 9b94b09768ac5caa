"""One page of a PDF as a picture, drawn by pypdfium2 in the process of the parsers (`worker`)."""

from __future__ import annotations

import math
import struct
import zlib
from typing import TYPE_CHECKING

import numpy as np

from ..errors import OptionalDependencyError
from .encoding import NotTextError

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAX_WIDTH = 2400
MAX_PIXELS = 8_000_000  # some 24 MB while it is drawn
SIGNATURE = b"\x89PNG\r\n\x1a\n"
_GREY, _COLOUR = 0, 2
_FAST = 1  # zlib's least effort: a third larger and three times as fast as its usual one


def page_png(data: bytes, number: int, width: int) -> bytes:
    """A page of a PDF as PNG.

    Args:
        data: the file.
        number: of the page, from 1.
        width: in pixels; less where the page would have more than `MAX_PIXELS`.

    Raises:
        NotTextError: it is no PDF, is protected or damaged, or has no such page.
        OptionalDependencyError: pypdfium2 is not installed.

    """
    try:
        import pypdfium2
        from pypdfium2 import raw
    except ImportError as error:
        raise OptionalDependencyError("pypdfium2", "pdf", "Showing a page of a PDF") from error
    if b"%PDF-" not in data[:1024]:
        raise NotTextError("it is no PDF file")
    try:
        document = pypdfium2.PdfDocument(data)
        if not 1 <= number <= len(document):
            raise NotTextError(f"it has no page {number}")
        page = document[number - 1]
        page_width, page_height = page.get_size()
        scale = scale_of(page_width, page_height, width)
        drawn = page.render(scale=scale, force_bitmap_format=raw.FPDFBitmap_BGR, rev_byteorder=True)
    except pypdfium2.PdfiumError as error:
        raise NotTextError(f"its page {number} cannot be shown ({error})") from None
    return png(drawn.to_numpy())


def scale_of(page_width: float, page_height: float, width: int) -> float:
    """By how much a page is made larger, so that it is so many pixels wide and has no more than `MAX_PIXELS`."""
    page_width, page_height = max(page_width, 1.0), max(page_height, 1.0)
    wanted = min(max(width, 1), MAX_WIDTH) / page_width
    few = math.sqrt(MAX_PIXELS / (page_width * page_height))
    return min(wanted, few, MAX_PIXELS / max(page_width, page_height))


def png(pixels: NDArray[np.uint8]) -> bytes:
    """Pixels of shape (height, width, 3), red first, as PNG; in grey where they have no colour.

    Pillow tries filters for every row, which cannot be turned off: it takes twice as long and makes nothing smaller.
    """
    height, width, _ = pixels.shape
    colourless = bool((pixels[..., 0] == pixels[..., 1]).all() and (pixels[..., 1] == pixels[..., 2]).all())
    channels = pixels[..., :1] if colourless else pixels
    rows = np.zeros((height, 1 + width * channels.shape[2]), np.uint8)  # each row begins with its filter: none
    rows[:, 1:] = channels.reshape(height, -1)
    head = struct.pack(">IIBBBBB", width, height, 8, _GREY if colourless else _COLOUR, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(rows.tobytes(), _FAST)), (b"IEND", b""))
    return SIGNATURE + b"".join(_chunk(kind, body) for kind, body in chunks)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
