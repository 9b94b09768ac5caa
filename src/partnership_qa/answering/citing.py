"""A quote and its address, compared with the stored source before it leaves."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from .. import notebook
from ..document import BlockKind
from ..errors import CitationError
from ..proof.wording import where
from ..text import Span
from .proving import proof

if TYPE_CHECKING:
    from ..chunking import Passage
    from ..index import Store
    from ..proof import Proof


@dataclass(frozen=True, slots=True)
class Citation:
    """A quote and its address. Invariant: `source.text[start:end] == quote`.

    Attributes:
        document: path relative to the corpus folder, with `/`.
        start, end: characters of the document.
        quote: the sentence, list item or table row that supports the answer.
        highlights: spans inside the quote that are the answer's words, in characters of the document.
        line: 1-based line of `start`.
        page: page of a paginated source, else `None`.
        section: headings above, outermost first.
        sha256: of the source file's bytes when it was indexed.
        context: characters of the document before the quote that help to understand it, such as the sentence before;
            shown beside it, never part of it; `None` where there is nothing.
        place: address of the source's own kind, such as `Prices!C7`; `None` where line and page say it all.
        columns: of a table row, names of its columns, in order; empty where the table has no header, or it is no row.
        cells: of a table row, its cells in order, in characters of the document; else empty.
        proof: by which the quote can be checked against the file alone; `None` of a citation that was kept without.

    """

    document: str
    start: int
    end: int
    quote: str
    highlights: tuple[Span, ...]
    line: int
    page: int | None
    section: tuple[str, ...]
    sha256: str
    context: Span | None = None
    place: str | None = None
    columns: tuple[str, ...] = ()
    cells: tuple[Span, ...] = ()
    proof: Proof | None = field(default=None, repr=False, compare=False)

    @property
    def where(self) -> str:
        """Where the quote stands in its document, in words: the place of its own kind, else the page, else the line."""
        return where(self.place, self.page, self.line)

    def to_dict(self) -> dict[str, object]:
        """Plain values for JSON."""
        return {
            "document": self.document, "start": self.start, "end": self.end, "quote": self.quote,
            "highlights": [list(span) for span in self.highlights], "line": self.line, "page": self.page,
            "section": list(self.section), "sha256": self.sha256,
            "context": list(self.context) if self.context else None, "place": self.place,
            "columns": list(self.columns), "cells": [list(cell) for cell in self.cells],
            "proof": None if self.proof is None else replace(self.proof, marks=self.highlights).to_dict(),
        }  # fmt: skip

    def html(self, number: int = 0) -> str:
        """The quote with its address, for a notebook; `number` is shown before it, unless it is 0."""
        marks = [(start - self.start, end - self.start) for start, end in self.highlights]
        return notebook.quote(self.quote, marks, self.document, self.where, self.section, number)

    def _repr_html_(self) -> str:
        return notebook.boxed(self.html())


def citation(index: Store, passage: Passage, number: int, highlights: tuple[Span, ...]) -> Citation:
    """The citation of unit `number` of a passage, compared with the stored source before it leaves.

    Raises:
        CitationError: the source does not hold these characters there.

    """
    unit = passage.units[number]
    source = index.sources[passage.document]
    quote = passage.between(unit.start, unit.end)
    first = highlights[0].start if highlights else unit.start
    inside = all(unit.start <= start < end <= unit.end for start, end in highlights)
    if not quote or source.text[unit.start : unit.end] != quote or not inside:
        raise CitationError(passage.document, unit.start, unit.end)
    return Citation(
        passage.document,
        unit.start,
        unit.end,
        quote,
        highlights,
        source.line(unit.start),
        source.page(unit.start),
        passage.section,
        source.sha256,
        _before(passage, number),
        source.place(first),
        unit.columns if unit.cells else (),
        unit.cells,
        proof(index, passage.document, unit.start, unit.end, first),
    )


def _before(passage: Passage, number: int) -> Span | None:
    """The sentence before a sentence of running text, in its paragraph."""
    if number == 0:
        return None
    before, unit = passage.units[number - 1 : number + 1]
    if not before.kind == unit.kind == BlockKind.PARAGRAPH:
        return None
    # An empty line ends a paragraph.
    return Span(before.start, before.end) if passage.between(before.end, unit.start).count("\n") < 2 else None
