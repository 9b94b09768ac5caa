"""The characters of a page with their places: asked of PDFium one by one, and computed all at once."""

from __future__ import annotations

import ctypes
import math
import unicodedata
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from .encoding import NotTextError
from .layout import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from .pdf_page import Shown

Box = tuple[int, int, int, int]
WHOLE = 65_535  # a box is in these parts of the page's width and height, see `boxes`
MAX_PAGE_CHARACTERS = 2_000_000
HYPHEN = 0x2  # what PDFium gives for a hyphen at a line's end
# Of a font's size, from the baseline: no letter reaches further, though some fonts claim it of their letters.
ASCENT, DESCENT = 0.95, 0.25
_SPACES = frozenset(" \t\r\n\f\v\u00a0\u2002\u2003\u2009\u200b\u3000")


class Glyph(NamedTuple):
    """A character as it stands on the page.

    Attributes:
        text: one character, or those of a ligature.
        x0, x1: left and right end.
        base: baseline.
        size: of the font as it is shown.
        bold: whether the font is.
        spaced: whether white space stands before it.
        angle: quarter turns of the text, clockwise.
        box: see `boxes`.

    """

    text: str
    x0: float
    x1: float
    base: float
    size: float
    bold: bool
    spaced: bool
    angle: int
    box: Box


class _Font(NamedTuple):
    size: float
    bold: bool
    angle: int


def glyphs_of(raw: Any, text: Any, shown: Shown) -> list[Glyph]:
    """Characters that stand on the page, in the file's order, white space left out.

    Raises:
        NotTextError: there are more than are read.

    """
    count = raw.FPDFText_CountChars(text)
    if count > MAX_PAGE_CHARACTERS:
        raise NotTextError(f"a page of it holds {count:,} characters, which is more than is read")
    found = list(_characters(raw, text, count))
    if not found:
        return []
    indices, chars, spaces = zip(*found, strict=True)
    boxes, origins = np.zeros((len(indices), 4), np.float32), np.zeros((len(indices), 2), np.float64)
    box_of = _by_address(raw.FPDFText_GetLooseCharBox, 1)
    origin_of = _by_address(raw.FPDFText_GetCharOrigin, 2)
    owner_of = _by_address(raw.FPDFText_GetTextObject, 0)
    page = ctypes.cast(text, ctypes.c_void_p).value or 0
    box_at, origin_at = boxes.ctypes.data, origins.ctypes.data
    fonts: dict[int, _Font] = {}
    held: list[_Font] = []
    for index in indices:
        box_of(page, index, box_at)
        origin_of(page, index, origin_at, origin_at + 8)
        box_at, origin_at = box_at + 16, origin_at + 16
        key = owner_of(page, index) or 0
        font = fonts.get(key)
        if font is None:
            font = fonts[key] = _font(raw, text, index, shown)
        held.append(font)
    return _placed(chars, boxes.astype(np.float64), origins, held, spaces, shown)


def _by_address(function: Any, outputs: int) -> Any:
    """A function of a page's text, a character's number and places to write to, all given and returned as numbers.

    It is called for every character, and pointers as objects take twice as long.
    """
    address = ctypes.cast(function, ctypes.c_void_p).value or 0
    types = [ctypes.c_void_p, ctypes.c_int, *[ctypes.c_void_p] * outputs]
    return ctypes.CFUNCTYPE(ctypes.c_void_p if not outputs else ctypes.c_int, *types)(address)


def _characters(raw: Any, text: Any, count: int) -> Iterator[tuple[int, str, bool]]:
    """Number of each character that is no white space, the character, and whether white space stands before it."""
    spaced, high = False, 0
    code_of = raw.FPDFText_GetUnicode
    for index in range(count):
        code = code_of(text, index)
        if 0x20 < code < 0x7F:  # most are
            yield index, chr(code), spaced
            spaced, high = False, 0
            continue
        if 0xD800 <= code < 0xDC00:  # half of a character beyond the first plane
            high = code
            continue
        if high and 0xDC00 <= code < 0xE000:
            code = 0x10000 + ((high - 0xD800) << 10) + code - 0xDC00
        high = 0
        char = "-" if code in (HYPHEN, 0xFFFE) else clean(chr(code)) if 0 < code < 0x110000 else ""
        if char in _SPACES:
            spaced = True
            continue
        if not char or (code == HYPHEN and not raw.FPDFText_IsHyphen(text, index)):
            continue
        # The ligatures of Latin letters; other compatibility forms, such as ², mean something of their own.
        yield index, unicodedata.normalize("NFKC", char) if "\ufb00" <= char <= "\ufb06" else char, spaced
        spaced = False


def _font(raw: Any, text: Any, index: int, shown: Shown) -> _Font:
    """Size, weight and direction of the text that a character belongs to."""
    size = raw.FPDFText_GetFontSize(text, index)
    matrix = raw.FS_MATRIX()
    angle = 0
    if raw.FPDFText_GetMatrix(text, index, matrix):
        size *= math.hypot(matrix.c, matrix.d)
        from_x, from_y = shown.point(0, 0)
        turned = -1 if size < 0 else 1  # a negative size turns letters by half, as some writers turn them back
        to_x, to_y = shown.point(turned * matrix.a, turned * matrix.b)
        angle = round(math.degrees(math.atan2(to_y - from_y, to_x - from_x)) / 90) % 4
    name = ctypes.create_string_buffer(200)
    raw.FPDFText_GetFontInfo(text, index, name, 200, None)
    bold = raw.FPDFText_GetFontWeight(text, index) >= 600 or b"bold" in name.value.lower()
    return _Font(abs(size) or 1.0, bold, angle)


def _placed(
    chars: tuple[str, ...],
    loose: NDArray[np.float64],
    origins: NDArray[np.float64],
    fonts: list[_Font],
    spaces: tuple[bool, ...],
    shown: Shown,
) -> list[Glyph]:
    """Characters in coordinates in which their lines run from left to right, those that are not on the page left out.

    Args:
        chars: the characters.
        loose: of each, its left, top, right and bottom in the page's own coordinates.
        origins: of each, where it stands on its baseline.
        fonts: of each.
        spaces: of each, whether white space stands before it.
        shown: the page.

    """
    width, height = shown.width, shown.height
    one_x, one_y = shown.part(loose[:, 0], loose[:, 1])
    two_x, two_y = shown.part(loose[:, 2], loose[:, 3])
    left, right = np.minimum(one_x, two_x), np.maximum(one_x, two_x)
    top, bottom = np.minimum(one_y, two_y), np.maximum(one_y, two_y)
    x, y = shown.part(origins[:, 0], origins[:, 1])
    size = np.array([font.size for font in fonts])
    angle = np.array([font.angle for font in fonts])
    near = (left > -1e6) & (right < 1e6) & (top > -1e6) & (bottom < 1e6)  # NaN is not
    rise, fall = ASCENT * size, DESCENT * size
    turns = [angle == turn for turn in range(4)]  # 1 reads downwards
    base = np.select(turns, [y * height, (1 - x) * width, (1 - y) * height, x * width])
    x0 = np.select(turns, [left * width, top * height, (1 - right) * width, (1 - bottom) * height])
    x1 = np.select(turns, [right * width, bottom * height, (1 - left) * width, (1 - top) * height])
    upright, sideways = angle % 2 == 0, angle % 2 == 1
    # How far a letter reaches to the page's upper edge or left, and to its lower edge or right.
    less = np.where((angle == 0) | (angle == 3), rise, fall)
    more = np.where((angle == 0) | (angle == 3), fall, rise)
    top = np.where(upright, np.maximum(top, y - less / height), top)
    bottom = np.where(upright, np.minimum(bottom, y + more / height), bottom)
    left = np.where(sideways, np.maximum(left, x - less / width), left)
    right = np.where(sideways, np.minimum(right, x + more / width), right)
    on_page = near & (right > 0) & (left < 1) & (bottom > 0) & (top < 1)
    edges = [_wholes(edge).tolist() for edge in (left, top, right, bottom)]
    sizes, bolds, angles = zip(*fonts, strict=True)
    glyphs = map(
        Glyph, chars, x0.tolist(), x1.tolist(), base.tolist(), sizes, bolds, spaces, angles, zip(*edges, strict=True)
    )
    if on_page.all():
        return list(glyphs)
    kept: list[Glyph] = []
    spaced = False  # white space before what is left out stands before what follows it
    for glyph, seen in zip(glyphs, on_page.tolist(), strict=True):
        spaced = spaced or glyph.spaced
        if seen:
            kept.append(glyph._replace(spaced=spaced))
            spaced = False
    return kept


def _wholes(parts: NDArray[np.float64]) -> NDArray[np.int64]:
    """`whole` of each."""
    return (np.clip(np.nan_to_num(parts), 0, 1) * WHOLE + 0.5).astype(np.int64)


def whole(part: float) -> int:
    """A part of the page's width or height as a box has it."""
    return 0 if part <= 0 else WHOLE if part >= 1 else int(part * WHOLE + 0.5)
