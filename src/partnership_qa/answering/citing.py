"""A quote and its address, compared with the stored source before it leaves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import CitationError

if TYPE_CHECKING:
    from ..chunking import Passage, Unit
    from ..index import Index
    from ..text import Span


@dataclass(frozen=True, slots=True)
class Citation:
    """A quote and its address. Invariant: `source.text[start:end] == quote`.

    Attributes:
        document: path relative to the corpus folder, with `/`.
        start, end: characters of the document.
        quote: the sentence, list item or table row that supports the answer, from the sentence on that it leans on.
        highlights: spans inside the quote that are the answer's words, in characters of the document.
        line: 1-based line of `start`.
        page: page of a paginated source, else `None`.
        section: headings above, outermost first.
        sha256: of the source file's bytes when it was indexed.

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

    def to_dict(self) -> dict[str, object]:
        """Plain values for JSON."""
        return {
            "document": self.document, "start": self.start, "end": self.end, "quote": self.quote,
            "highlights": [list(span) for span in self.highlights], "line": self.line, "page": self.page,
            "section": list(self.section), "sha256": self.sha256,
        }  # fmt: skip


def citation(
    index: Index, passage: Passage, unit_number: int, highlights: tuple[Span, ...], first: int | None = None
) -> Citation:
    """The citation of one unit, from unit `first` on where given, compared with the stored source before it leaves.

    Raises:
        CitationError: the source does not hold these characters there.

    """
    unit: Unit = passage.units[unit_number]
    begin = unit.start if first is None else passage.units[first].start
    source = index.sources[passage.document]
    quote = passage.between(begin, unit.end)
    inside = all(unit.start <= start < end <= unit.end for start, end in highlights)
    if not quote or source.text[begin : unit.end] != quote or not inside:
        raise CitationError(passage.document, begin, unit.end)
    return Citation(
        passage.document,
        begin,
        unit.end,
        quote,
        highlights,
        source.line(begin),
        source.page(begin),
        passage.section,
        source.sha256,
    )
