"""PDF into text with its pages, taken out by pypdf; headings and lists are told by their shape, as in plain text.

Lines that stand at the head or the foot of most pages are left out. What is only a picture of a text holds none.
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
MAX_RUNNING_LINES = 3  # at an end of a page
MIN_TIMES = 3  # that a line must stand at the end of a page to be a running one
MAX_DIGITS = 6  # of a page's number
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
    """The pages without the lines at their heads and feet that most of them have, left and right pages their own."""
    if len(pages) < MIN_PAGES_WITH_RUNNING_LINES:
        return pages
    for turn in range(2 * MAX_RUNNING_LINES):
        end = -(turn % 2)
        least = 0 if turn < 2 else 1  # a page may be nothing but its head and foot; of further lines one is its own
        lines = [page[end].strip() if len(page) > least else "" for page in pages]
        seen = Counter(shape for number, line in enumerate(lines) for shape in (line, *_counting(line, number)) if line)
        often = {shape for shape, times in seen.items() if times >= max(MIN_TIMES, len(pages) / 4)}
        # Where the count begins again, as in an annex, the line is still known by its words.
        numbered = {
            _DIGITS.sub("#", line) for number, line in enumerate(lines) if not often.isdisjoint(_counting(line, number))
        }
        running = [line in often or _DIGITS.sub("#", line) in numbered for line in lines]
        if 2 * sum(running) > len(pages):
            rest = slice(1, None) if end == 0 else slice(None, -1)
            pages = [page[rest] if drop else page for page, drop in zip(pages, running, strict=True)]
    return pages


def _counting(line: str, number: int) -> list[str]:
    """The line with one figure as its distance from the number of its page, a form for each figure in it."""
    return [
        f"{line[: figure.start()]}#{int(figure.group()) - number}#{line[figure.end() :]}"
        for figure in _DIGITS.finditer(line)
        if len(figure.group()) <= MAX_DIGITS
    ]


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
