"""PDF into text with its pages, a box for each character, headings, lists and tables; PDFium reads the file.

All pages are read before any is laid out: what stands at the head or the foot of most of them is left out, and the
words of the whole document say which hyphens at line ends belong to their words. What is only a picture of a text
holds none.
"""

from __future__ import annotations

import os
import re
import sys
from array import array
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from .encoding import NotTextError
from .ocr import Recogniser
from .pdf_blocks import Piece, Type, body_type, mark_titles_by_shape, pieces_of, type_of
from .pdf_columns import in_reading_order
from .pdf_grid import with_grids
from .pdf_lines import Fragment, fragments, line_of, rows
from .pdf_page import Glyph, Page, load, opened, read_pages
from .pdf_running import MAX_LINES, running_lines
from .pdf_write import Writer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .layout import Extracted
    from .pdf_rules import Rule

_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")


class _Kept(NamedTuple):
    """A page until all are read, in a tenth of the memory that its glyphs take."""

    texts: list[str]
    numbers: array[float]  # x0, x1, base, size of each glyph
    boxes: array[int]
    flags: bytes  # bold, spaced, angle
    across: list[Rule]
    down: list[Rule]
    ends: list[str]  # text of the first and the last lines
    types: Counter[Type]
    right: float  # where its text ends


def read_pdf(data: bytes) -> Extracted:
    """Text, blocks, pages and boxes of a PDF file.

    Raises:
        NotTextError: it is no PDF, is protected, is damaged, or holds no text.
        OptionalDependencyError: pypdfium2 is not installed.

    """
    if "numpy" not in sys.modules:
        # NumPy starts a thread for each processor, each with its own part of the process's address space.
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        os.environ.setdefault("OMP_NUM_THREADS", "1")
    raw = load()
    if b"%PDF-" not in data[:1024]:
        raise NotTextError("it is no PDF file")
    words: set[str] = set()
    recogniser = Recogniser()
    with opened(raw, data) as document:
        pages = [page if page is None else _kept(page, words) for page in read_pages(raw, document, recogniser)]
    if not any(pages):
        raise NotTextError("it is a damaged PDF file (no page of it can be read)")
    if not any(page and page.texts for page in pages):
        raise NotTextError(
            "it holds no text (it may be a scan: the extra `ocr` reads its pictures, or run a text recognition over it)"
        )
    return _written(pages, words)._replace(note=recogniser.note)


def _written(pages: list[_Kept | None], words: set[str]) -> Extracted:
    body = body_type(page.types for page in pages if page)
    right = max(page.right for page in pages if page)
    left_out = running_lines([page.ends if page else [] for page in pages])
    laid = [
        list(_pieces(page, head, foot, body, right)) if page else []
        for page, (head, foot) in zip(pages, left_out, strict=True)
    ]
    every = [piece for page in laid for piece in page]
    if not any(piece.heading for piece in every):
        mark_titles_by_shape(every)
    writer = Writer(words)
    for page in laid:
        writer.page(page)
    extracted, boxes = writer.extracted
    return extracted._replace(boxes=_packed(boxes))


def _kept(page: Page, words: set[str]) -> _Kept:
    glyphs = page.glyphs
    parts = fragments(glyphs)
    for part in parts:
        text = "".join(f" {glyph.text}" if glyph.spaced else glyph.text for glyph in part.glyphs)
        words.update(word.lower() for word in _WORD.findall(text))
    main = _angle(glyphs)
    lines = rows(part for part in parts if part.glyphs[0].angle == main)
    ends = lines if len(lines) <= 2 * MAX_LINES + 2 else [*lines[: MAX_LINES + 1], *lines[-MAX_LINES - 1 :]]
    return _Kept(
        [glyph.text for glyph in glyphs],
        array("f", [value for glyph in glyphs for value in (glyph.x0, glyph.x1, glyph.base, glyph.size)]),
        array("H", [value for glyph in glyphs for value in glyph.box]),
        bytes(glyph.bold + 2 * glyph.spaced + 4 * glyph.angle for glyph in glyphs),
        page.across,
        page.down,
        [line_of(line).text for line in ends],
        Counter(type_of(glyph) for glyph in glyphs),
        max((glyph.x1 for glyph in glyphs), default=0.0),
    )


def _angle(glyphs: list[Glyph]) -> int:
    """The direction in which most of a page is set."""
    return max(Counter(glyph.angle for glyph in glyphs).items(), key=lambda item: (item[1], -item[0]), default=(0, 0))[
        0
    ]


def _glyphs(page: _Kept) -> Iterator[Glyph]:
    numbers, boxes = page.numbers, page.boxes
    for at, (text, flags) in enumerate(zip(page.texts, page.flags, strict=True)):
        x0, x1, base, size = numbers[4 * at : 4 * at + 4]
        left, top, right, bottom = boxes[4 * at : 4 * at + 4]
        yield Glyph(text, x0, x1, base, size, bool(flags & 1), bool(flags & 2), flags >> 2, (left, top, right, bottom))


def _pieces(page: _Kept, head: int, foot: int, body: Type, right: float) -> Iterator[Piece]:
    """Blocks of a page without its running lines; what is set in another direction comes last."""
    glyphs = list(_glyphs(page))
    main = _angle(glyphs)
    for angle in sorted(range(4), key=lambda angle: angle != main):
        parts: list[Fragment] = fragments(glyph for glyph in glyphs if glyph.angle == angle)
        if not parts:
            continue
        if angle == main and head + foot:
            lines = rows(parts)
            parts = [part for line in lines[head : len(lines) - foot] for part in line]
        upright = angle == 0
        if upright:
            parts = with_grids(parts, page.across, page.down)
        across = page.across if upright else []
        columns = in_reading_order(parts, across)
        for column in columns:
            yield from pieces_of(column, across, body, right if angle == main and len(columns) == 1 else 0.0)


def _packed(boxes: array[int]) -> bytes:
    import numpy as np

    from .boxes import pack

    return pack(np.frombuffer(boxes, np.uint16).reshape(-1, 4))
