"""Quotes as a card shows them: the words before, the words themselves with their marks, as a row where they are one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ...sources.markdown_inline import Style
from .inline import styles_at
from .marks import Mark, Piece, pieces
from .source_view import Row, blocks_of, rows_with_header

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from ...answering.citing import Citation
    from ...index import Source


class Quote(NamedTuple):
    """One quote of a card.

    Attributes:
        number: that it is shown with.
        key: by which its link asks for its source, such as `1` or `cand1`.
        cited: its address.
        context: words of the text before it; empty where there are none or the text has changed.
        words: its characters with their marks.
        rows: the same as rows of a table, with a header; empty where it is none.

    """

    number: int
    key: str
    cited: Citation
    context: list[Piece]
    words: list[Piece]
    rows: list[Row]


def unchanged(cited: Citation, sources: Mapping[str, Source]) -> Source | None:
    """The source of a quote, if the one that is loaded is still the one that was quoted."""
    source = sources.get(cited.document)
    return source if source is not None and source.sha256 == cited.sha256 else None


def quotes_of(
    cited: Mapping[int, Citation], sources: Mapping[str, Source], kind: str = "answer", key: str = ""
) -> dict[int, Quote]:
    """The quotes of a card by their numbers.

    Args:
        cited: by number.
        sources: of the index that is loaded.
        kind: of the marks on their words.
        key: what stands before the number in the key.

    """
    return {
        number: Quote(
            number, f"{key}{number}", one, _context(one, cited.values(), sources), *_words(one, sources, kind)
        )
        for number, one in cited.items()
    }


def _context(cited: Citation, shown: Collection[Citation], sources: Mapping[str, Source]) -> list[Piece]:
    """The words before a quote that help to understand it, unless another quote of the card shows them."""
    source = unchanged(cited, sources)
    if source is None or cited.context is None:
        return []
    start, end = cited.context
    quoted = any(one.document == cited.document and one.start < end and one.end > start for one in shown)
    return [] if quoted else pieces(source.text, start, end, (), styles=styles_at(source, blocks_of(source), start))


def _words(cited: Citation, sources: Mapping[str, Source], kind: str) -> tuple[list[Piece], list[Row]]:
    marks = [Mark(start, end, kind) for start, end in cited.highlights]
    source = unchanged(cited, sources)
    rows = rows_with_header(source, [cited.start], marks, (), cited.columns) if source is not None else []
    # The quote carries its own characters, so that an earlier answer reads the same after a rebuild.
    moved = [Mark(mark.start - cited.start, mark.end - cited.start, kind) for mark in marks]
    found = styles_at(source, blocks_of(source), cited.start) if source is not None else ()
    set_so = [Style(one.start - cited.start, one.end - cited.start, one.kind) for one in found]
    return pieces(cited.quote, 0, len(cited.quote), moved, styles=set_so), rows
