"""PDF into text with its pages, taken out by pypdf; headings and lists are told by their shape, as in plain text.

A line that stands at the head or the foot of most pages is left out. What is only a picture of a text holds none.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from ..errors import OptionalDependencyError
from .encoding import NotTextError
from .layout import Extracted, clean
from .lines import TERMINAL
from .plain import read_plain

if TYPE_CHECKING:
    from collections.abc import Iterator

MIN_PAGES_WITH_RUNNING_LINES = 4
MIN_GAP = 160  # thousandths of an em; a narrow space has 200, letters that are set closer or wider seldom 100
MAX_TITLE = 60
_NUMBERED_TITLE = re.compile(r"\d{1,2}(?:\.\d{1,2})*\.?\s+[^\W\d_]")
_DIGITS = re.compile(r"\d+")


def read_pdf(data: bytes) -> Extracted:
    """Text, blocks and pages of a PDF file.

    Raises:
        NotTextError: it is no PDF, is protected, is damaged, or holds no text.
        OptionalDependencyError: pypdf is not installed.

    """
    try:
        from pypdf import PdfReader
        from pypdf.errors import DependencyError, PyPdfError
    except ImportError as error:
        raise OptionalDependencyError("pypdf", "pdf", "Reading PDF") from error
    if b"%PDF-" not in data[:1024]:
        raise NotTextError("it is no PDF file")
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise NotTextError("it is protected by a password")
        texts = [_lines(page.extract_text(visitor_operand_before=_widen_gaps)) for page in reader.pages]
    except DependencyError:
        raise NotTextError("it is protected in a way that cannot be opened") from None
    except PyPdfError as error:
        raise NotTextError(f"it is a damaged PDF file ({error})") from None
    if not any(texts):
        raise NotTextError("it holds no text (it may be a scan: run a text recognition over it)")
    text, pages = _joined(_without_running_lines(texts))
    return Extracted(text, read_plain(text, _width(texts)), pages)


def _width(pages: list[list[str]]) -> int:
    """Characters of a full line. They differ with the letters, so that a narrow one of the full lines is taken."""
    lengths = sorted(len(line) for page in pages for line in page)
    return int(0.85 * lengths[-1 - len(lengths) // 20])


def _widen_gaps(operator: bytes, operands: list[Any], *_: object) -> None:
    """Make the gaps between words wide enough to be seen.

    pypdf takes a gap for a space where it is half as wide as the font's space; a font that was cut down to the letters
    in use may claim that its space is an em wide, and all words of the page would run together. The gap is made wider
    and taken back at once, so that what follows stays in its place.
    """
    if operator == b"TJ" and operands and isinstance(operands[0], list):
        pieces: list[Any] = []
        for piece in operands[0]:
            gap = isinstance(piece, (int, float)) and -1000 < piece <= -MIN_GAP
            pieces += [-1000.0, 1000.0 + float(piece)] if gap else [piece]
        operands[0][:] = pieces


def _lines(text: str) -> list[str]:
    """Lines of a page without white space at their ends, and without empty ones at the page's."""
    lines = [clean(line).rstrip() for line in re.split(r"[\r\n\f\v]+", text)]
    return [line for line in lines if line]


def _without_running_lines(pages: list[list[str]]) -> list[list[str]]:
    """The pages without the heads and feet that most of them have; figures in them may differ."""
    if len(pages) < MIN_PAGES_WITH_RUNNING_LINES:
        return pages
    for end in (0, -1):
        seen = Counter(_DIGITS.sub("#", page[end]).strip() for page in pages if page)
        line, count = seen.most_common(1)[0] if seen else ("", 0)
        if 2 * count > len(pages):
            pages = [
                (page[1:] if end == 0 else page[:-1]) if page and _DIGITS.sub("#", page[end]).strip() == line else page
                for page in pages
            ]
    return pages


def _spaced(page: list[str]) -> Iterator[str]:
    """Lines of a page, with an empty one before what looks like a numbered title."""
    for line in page:
        if _NUMBERED_TITLE.match(line) and len(line) <= MAX_TITLE and not TERMINAL.search(line.rstrip("?")):
            yield ""
        yield line


def _joined(pages: list[list[str]]) -> tuple[str, tuple[int, ...]]:
    """One text, and where in it each page begins; a sentence that goes on over the page's end is not cut by it."""
    parts, starts, length = [], [0], 0
    for page, following in pairwise([*pages, []]):
        goes_on = bool(page and following) and not TERMINAL.search(page[-1]) and following[0].lstrip()[:1].islower()
        part = "\n".join(_spaced(page)) + ("\n" if goes_on or not page else "\n\n")
        parts.append(part)
        length += len(part)
        starts.append(length)
    return "".join(parts), tuple(starts[:-1])
