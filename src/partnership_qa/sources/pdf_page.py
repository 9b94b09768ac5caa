"""What PDFium knows of a page: its characters with their places, and its rules.

Coordinates are points from the upper left corner of the page as it is shown, turned and cropped as the file says.
PDFium is not safe for threads; the worker process has one.
"""

from __future__ import annotations

import ctypes
import unicodedata
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from ..errors import OptionalDependencyError
from .encoding import NotTextError
from .pdf_chars import Glyph, glyphs_of
from .pdf_rules import Rule, rules_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from .ocr import Recogniser

MAX_PAGES = 10_000
MIN_GARBLED = 10  # characters of a page of which it is told whether they are letters
SOFT_HYPHEN = "\u00ad"
_REASONS = {4: "it is protected by a password", 5: "it is protected in a way that cannot be opened"}


class Page(NamedTuple):
    """Characters in the file's order, rules, the size in points, and whether the text was recognised in a picture."""

    glyphs: list[Glyph]
    across: list[Rule]
    down: list[Rule]
    width: float
    height: float
    recognised: bool = False


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
        glyphs = glyphs_of(raw, text, shown)
    finally:
        raw.FPDFText_ClosePage(text)
    if is_garbled(glyphs):
        glyphs = []
    across: list[Rule] = []
    down: list[Rule] = []
    recognised = not glyphs
    if recognised:
        glyphs = recogniser.glyphs(raw, page, width, height)
    if glyphs:
        for rule in rules_of(raw, page, shown):
            (across if rule.x1 - rule.x0 > rule.y1 - rule.y0 else down).append(rule)
    return Page(glyphs, across, down, width, height, recognised and bool(glyphs))


def is_garbled(glyphs: list[Glyph]) -> bool:
    """Whether a page's fonts do not say what most of its letters are: then only its picture can be read."""
    unknown = sum(unicodedata.category(glyph.text[0]) in ("Co", "Cn") or glyph.text == "\ufffd" for glyph in glyphs)
    return len(glyphs) >= MIN_GARBLED and 2 * unknown > len(glyphs)


_Number = TypeVar("_Number", float, "NDArray[np.float64]")


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

    def part(self, x: _Number, y: _Number) -> tuple[_Number, _Number]:
        """A point, or an array of them, in parts of the page's width and height."""
        a, b, c, d, e, f = self.matrix
        return e + a * x + c * y, f + b * x + d * y

    def point(self, x: float, y: float) -> tuple[float, float]:
        """A point in points from the upper left corner."""
        across, down = self.part(x, y)
        return across * self.width, down * self.height
