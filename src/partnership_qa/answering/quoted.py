"""What an outcome quotes, and under which numbers: the same on its card, in its source and in every export."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from .outcome import Kind

if TYPE_CHECKING:
    from .citing import Citation
    from .outcome import Answer

ALSO = "Also quoted"


@dataclass(frozen=True, slots=True)
class Line:
    """Words of one part of an answer, with the numbers of its quotes, ascending."""

    text: str
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Quoted:
    """The quotes of an answer, each once, numbered from 1 in the order in which they are read.

    Attributes:
        lines: one a part.
        own: the quotes of the parts, by number.
        others: quotes that may hold more of the answer, by number.
        listed: whether the lines stand for their own quotes: items or rows of one place, and nothing else is quoted.

    """

    lines: tuple[Line, ...]
    own: dict[int, Citation]
    others: dict[int, Citation]
    listed: bool = False

    @property
    def all(self) -> dict[int, Citation]:
        """Every quote by its number."""
        return self.own | self.others


def quoted(answer: Answer) -> Quoted:
    """Number the quotes of an answer; one that two parts share is one quote, with the words of both marked in it."""
    quotes: dict[tuple[str, int, int], Citation] = {}
    of_parts = [citation for part in answer.parts for citation in part.citations]
    for citation in (*of_parts, *answer.citations):
        there = quotes.setdefault(_place(citation), citation)
        highlights = tuple(sorted({*there.highlights, *citation.highlights}))
        quotes[_place(citation)] = replace(there, highlights=highlights)
    numbers = {place: number for number, place in enumerate(quotes, 1)}
    lines = tuple(
        Line(part.text, tuple(sorted({numbers[_place(citation)] for citation in part.citations})))
        for part in answer.parts
    )
    own = max((number for line in lines for number in line.numbers), default=0)
    by_number = dict(enumerate(quotes.values(), 1))
    of_lines = {number: citation for number, citation in by_number.items() if number <= own}
    others = {number: citation for number, citation in by_number.items() if number > own}
    places = {(citation.document, citation.section) for citation in of_lines.values()}
    listed = answer.kind in (Kind.LIST, Kind.ROWS) and not others and len(places) == 1
    return Quoted(lines, of_lines, others, listed)


def _place(citation: Citation) -> tuple[str, int, int]:
    return citation.document, citation.start, citation.end
