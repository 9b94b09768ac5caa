"""What PDFium knows of a page: its characters with their places, and its rules.

Coordinates are points from the upper left corner of the page as it is shown, turned and cropped as the file says.
PDFium is not safe for threads; the worker process has one.
"""

from __future__ import annotations

import ctypes
import math
import unicodedata
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import OptionalDependencyError
from .encoding import NotTextError
from .layout import clean
from .pdf_rules import Rule, rules_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .ocr import Recogniser

Box = tuple[int, int, int, int]
WHOLE = 65_535  # a box is in these parts of the page's width and height, see `boxes`
MAX_PAGES = 10_000
MAX_PAGE_CHARACTERS = 2_000_000
HYPHEN = 0x2  # what PDFium gives for a hyphen at a line's end
SOFT_HYPHEN = "\u00ad"
# Of a font's size, from the baseline: no letter reaches further, though some fonts claim it of their letters.
ASCENT, DESCENT = 0.95, 0.25
_SPACES = frozenset(" \t\r\n\f\v\u00a0\u2002\u2003\u2009\u200b\u3000")
_REASONS = {4: "it is protected by a password", 5: "it is protected in a way that cannot be opened"}


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


class Page(NamedTuple):
    """Characters in the file's order, horizontal and vertical rules, and the size in points."""

    glyphs: list[Glyph]
    across: list[Rule]
    down: list[Rule]
    width: float
    height: float


def load() -> Any:
    """PDFium's own functions.

    Raises:
        OptionalDependencyError: pypdfium2 is not installed.

    """
    try:
        from pypdfium2 import raw
    except ImportError as error:
        raise OptionalDependencyError("pypdfium2", "pdf", "Reading PDF") from error
    return raw


@contextmanager
def opened(raw: Any, data: bytes) -> Iterator[Any]:
    """A document for as long as it is needed.

    Raises:
        NotTextError: it is protected, or no PDF that could be mended.

    """
    document = raw.FPDF_LoadMemDocument64(data, len(data), None)
    if not document:
        raise NotTextError(_REASONS.get(raw.FPDF_GetLastError(), "it is a damaged PDF file"))
    try:
        yield document
    finally:
        raw.FPDF_CloseDocument(document)


def read_pages(raw: Any, document: Any, recogniser: Recogniser) -> Iterator[Page | None]:
    """Each page, `None` for one that is damaged; one without text is given to the recogniser.

    Raises:
        NotTextError: there are more pages than are read, or more characters on one.

    """
    count = raw.FPDF_GetPageCount(document)
    if count > MAX_PAGES:
        raise NotTextError(f"it has {count:,} pages, more than the {MAX_PAGES:,} that are read")
    for number in range(count):
        page = raw.FPDF_LoadPage(document, number)
        if not page:
            yield None
            continue
        try:
            yield _read_page(raw, page, recogniser)
        finally:
            raw.FPDF_ClosePage(page)


def _read_page(raw: Any, page: Any, recogniser: Recogniser) -> Page | None:
    width, height = raw.FPDF_GetPageWidthF(page), raw.FPDF_GetPageHeightF(page)
    text = raw.FPDFText_LoadPage(page)
    if not text or not (width > 0 and height > 0):
        return None
    shown = Shown(raw, page, width, height)
    try:
        glyphs = list(_glyphs(raw, text, shown))
    finally:
        raw.FPDFText_ClosePage(text)
    across: list[Rule] = []
    down: list[Rule] = []
    if not glyphs:
        glyphs = recogniser.glyphs(raw, page, width, height)
    if glyphs:
        for rule in rules_of(raw, page, shown):
            (across if rule.x1 - rule.x0 > rule.y1 - rule.y0 else down).append(rule)
    return Page(glyphs, across, down, width, height)


class Shown:
    """The way from a page's own coordinates to those of the page as it is shown.

    Attributes:
        width, height: in points.
        matrix: a, b, c, d, e, f, so that `(e + a x + c y, f + b x + d y)` is a point in parts of the width and height.

    """

    def __init__(self, raw: Any, page: Any, width: float, height: float) -> None:
        self.width, self.height = width, height
        fine = 2**24
        x, y = ctypes.c_int(), ctypes.c_int()

        def at(left: float, up: float) -> tuple[float, float]:
            raw.FPDF_PageToDevice(page, 0, 0, fine, fine, 0, left, up, x, y)
            return x.value / fine, y.value / fine

        (e, f), right, up = at(0, 0), at(100, 0), at(0, 100)
        self.matrix = (
            (right[0] - e) / 100, (right[1] - f) / 100, (up[0] - e) / 100, (up[1] - f) / 100, e, f,
        )  # fmt: skip

    def part(self, x: float, y: float) -> tuple[float, float]:
        """A point in parts of the page's width and height."""
        a, b, c, d, e, f = self.matrix
        return e + a * x + c * y, f + b * x + d * y

    def point(self, x: float, y: float) -> tuple[float, float]:
        """A point in points from the upper left corner."""
        across, down = self.part(x, y)
        return across * self.width, down * self.height


class _Font(NamedTuple):
    size: float
    bold: bool
    angle: int


def _font(raw: Any, text: Any, index: int, shown: Shown) -> _Font:
    """Size, weight and direction of the text that a character belongs to."""
    size = raw.FPDFText_GetFontSize(text, index)
    matrix = raw.FS_MATRIX()
    angle = 0
    if raw.FPDFText_GetMatrix(text, index, matrix):
        size *= math.hypot(matrix.c, matrix.d)
        from_x, from_y = shown.point(0, 0)
        to_x, to_y = shown.point(matrix.a, matrix.b)
        angle = round(math.degrees(math.atan2(to_y - from_y, to_x - from_x)) / 90) % 4
    name = ctypes.create_string_buffer(200)
    raw.FPDFText_GetFontInfo(text, index, name, 200, None)
    bold = raw.FPDFText_GetFontWeight(text, index) >= 600 or b"bold" in name.value.lower()
    return _Font(abs(size) or 1.0, bold, angle)


def _glyphs(raw: Any, text: Any, shown: Shown) -> Iterator[Glyph]:
    count = raw.FPDFText_CountChars(text)
    if count > MAX_PAGE_CHARACTERS:
        raise NotTextError(f"a page of it holds {count:,} characters, which is more than is read")
    loose, x, y = raw.FS_RECTF(), ctypes.c_double(), ctypes.c_double()
    fonts: dict[int, _Font] = {}
    spaced, high = False, 0
    for index in range(count):
        code = raw.FPDFText_GetUnicode(text, index)
        if 0xD800 <= code < 0xDC00:  # half of a character beyond the first plane
            high = code
            continue
        if high and 0xDC00 <= code < 0xE000:
            code = 0x10000 + ((high - 0xD800) << 10) + code - 0xDC00
        high = 0
        char = "-" if code in (HYPHEN, 0xFFFE) else _char(code)
        if char in _SPACES:
            spaced = True
            continue
        if not char or (code == HYPHEN and not raw.FPDFText_IsHyphen(text, index)):
            continue
        raw.FPDFText_GetLooseCharBox(text, index, loose)
        raw.FPDFText_GetCharOrigin(text, index, x, y)
        owner = raw.FPDFText_GetTextObject(text, index)
        key = ctypes.addressof(owner.contents) if owner else 0
        font = fonts.get(key)
        if font is None:
            font = fonts[key] = _font(raw, text, index, shown)
        # The ligatures of Latin letters; other compatibility forms, such as ², mean something of their own.
        expanded = unicodedata.normalize("NFKC", char) if "\ufb00" <= char <= "\ufb06" else char
        glyph = _placed(expanded, loose, shown.part(x.value, y.value), font, spaced, shown)
        if glyph is not None:
            yield glyph
            spaced = False


def _char(code: int) -> str:
    """The character of a code; nothing for none."""
    if 0x20 <= code < 0x7F:
        return chr(code)
    return clean(chr(code)) if 0 < code < 0x110000 else ""


def _placed(
    char: str, loose: Any, origin: tuple[float, float], font: _Font, spaced: bool, shown: Shown
) -> Glyph | None:
    """A character in coordinates in which its line runs from left to right; `None` where it is not on the page."""
    left, top = shown.part(loose.left, loose.top)
    right, bottom = shown.part(loose.right, loose.bottom)
    if left > right:
        left, right = right, left
    if top > bottom:
        top, bottom = bottom, top
    width, height = shown.width, shown.height
    if not (-1e6 < left <= right < 1e6 and -1e6 < top <= bottom < 1e6):  # NaN among them
        return None
    rise, fall = ASCENT * font.size, DESCENT * font.size
    if font.angle == 0:
        base, x0, x1 = origin[1] * height, left * width, right * width
        top, bottom = max(top, origin[1] - rise / height), min(bottom, origin[1] + fall / height)
    elif font.angle == 2:
        base, x0, x1 = (1 - origin[1]) * height, (1 - right) * width, (1 - left) * width
        top, bottom = max(top, origin[1] - fall / height), min(bottom, origin[1] + rise / height)
    elif font.angle == 1:  # reads downwards
        base, x0, x1 = (1 - origin[0]) * width, top * height, bottom * height
        left, right = max(left, origin[0] - fall / width), min(right, origin[0] + rise / width)
    else:
        base, x0, x1 = origin[0] * width, (1 - bottom) * height, (1 - top) * height
        left, right = max(left, origin[0] - rise / width), min(right, origin[0] + fall / width)
    if right <= 0 or left >= 1 or bottom <= 0 or top >= 1:
        return None
    box = (whole(left), whole(top), whole(right), whole(bottom))
    return Glyph(char, x0, x1, base, font.size, font.bold, spaced, font.angle, box)


def whole(part: float) -> int:
    """A part of the page's width or height as a box has it."""
    return 0 if part <= 0 else WHOLE if part >= 1 else int(part * WHOLE + 0.5)
