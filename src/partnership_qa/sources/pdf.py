"""PDF into text with its pages, a box for each character, headings, lists and tables; PDFium reads the file.

All pages are read before any is laid out: what stands at the head or the foot of most of them is left out, and the
words of the whole document say which hyphens at line ends belong to their words. What is only a picture of a text
holds none.
"""

from __future__ import annotations

import re
from array import array
from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from ..document import Place
from .encoding import NotTextError
from .ocr import Recogniser
from .pdf_blocks import Piece, Type, body_type, mark_titles_by_shape, pieces_of, type_of
from .pdf_chars import Glyph
from .pdf_columns import in_reading_order
from .pdf_grid import with_grids
from .pdf_lines import Fragment, fragments, line_of, rows
from .pdf_page import Page, load, opened, read_pages
from .pdf_running import MAX_LINES, running_lines
from .pdf_write import Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .layout import Extracted
    from .pdf_rules import Rule

_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")


class _Kept(NamedTuple):
    """A page until all are read, in a tenth of the memory that its glyphs take."""

    texts: tuple[str, ...]  # of each glyph, as the next eight
    x0: array[float]
    x1: array[float]
    base: array[float]
    size: array[float]
    bold: bytes
    spaced: bytes
    angle: bytes
    boxes: array[int]  # four numbers of each
    across: list[Rule]
    down: list[Rule]
    ends: list[str]  # text of the first and the last lines
    types: Counter[Type]
    right: float  # where its text ends
    recognised: bool


def read_pdf(data: bytes, progress: Callable[[], None] | None = None) -> Extracted:
    """Text, blocks, pages and boxes of a PDF file.

    Args:
        data: the file.
        progress: called before each page that is recognised, which then may take as long as a file; without it the
            pages that are recognised share the time of one file.

    Raises:
        NotTextError: it is no PDF, is protected, is damaged, or holds no text.
        OptionalDependencyError: pypdfium2 is not installed.

    """
    raw = load()
    if b"%PDF-" not in data[:1024]:
        raise NotTextError("it is no PDF file")
    words: set[str] = set()
    recogniser = Recogniser(progress)
    with opened(raw, data) as document:
        pages = [page if page is None else _kept(page, words) for page in read_pages(raw, document, recogniser)]
    if not any(pages):
        raise NotTextError("it is a damaged PDF file (no page of it can be read)")
    if not any(page and page.texts for page in pages):
        raise NotTextError(
            "it holds no text (it may be a scan: the extra `ocr` reads its pictures, or run a text recognition over it)"
        )
    extracted = _written(pages, words)
    return extracted._replace(note=recogniser.note, places=_places(pages, extracted.pages))


def _places(pages: list[_Kept | None], starts: tuple[int, ...]) -> tuple[Place, ...]:
    """Addresses that say of each page whether it was recognised; none where no page was."""
    recognised = [page is not None and page.recognised for page in pages]
    if not any(recognised):
        return ()
    return tuple(
        Place(start, f"page {number}, recognised text" if by_picture else f"page {number}")
        for number, (start, by_picture) in enumerate(zip(starts, recognised, strict=True), 1)
    )


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
    texts, x0, x1, base, size, bold, spaced, angle, boxes = zip(*glyphs, strict=True) if glyphs else ((),) * 9
    types: Counter[Type] = Counter()
    for (points, heavy), count in Counter(zip(size, bold, strict=True)).items():
        types[type_of(points, heavy)] += count
    return _Kept(
        texts,
        array("f", x0),
        array("f", x1),
        array("f", base),
        array("f", size),
        bytes(bold),
        bytes(spaced),
        bytes(angle),
        array("H", chain.from_iterable(boxes)),
        page.across,
        page.down,
        [line_of(line).text for line in ends],
        types,
        max(x1, default=0.0),
        page.recognised,
    )


def _angle(glyphs: list[Glyph]) -> int:
    """The direction in which most of a page is set."""
    return max(Counter(glyph.angle for glyph in glyphs).items(), key=lambda item: (item[1], -item[0]), default=(0, 0))[
        0
    ]


def _glyphs(page: _Kept) -> Iterator[Glyph]:
    boxes = zip(*(page.boxes[side::4] for side in range(4)), strict=True)
    bold, spaced = map(bool, page.bold), map(bool, page.spaced)
    return map(Glyph, page.texts, page.x0, page.x1, page.base, page.size, bold, spaced, page.angle, boxes)


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
