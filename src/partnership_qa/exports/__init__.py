"""Answers as files that other programs read, each with its quotes and their addresses.

    export([answer], "markdown")                                   # one answer
    export([Exchange("When?", answer, within=("*.pdf",))], "csl")  # with what it was asked within

All formats stand in `FORMATS`. A quote has one number through all answers of a file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ..errors import ExportError
from .annotations import to_annotations
from .data import to_json
from .exchange import Exchange
from .fragments import page_link
from .markdown import exchange_markdown, to_markdown
from .references import to_bibtex, to_csl

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ..answering.outcome import Answer, NoAnswer

__all__ = ["FORMATS", "Exchange", "Format", "exchange_markdown", "export", "page_link"]


class Format(NamedTuple):
    """A format of `FORMATS`.

    Attributes:
        title: what it is called where people choose it.
        file: name of a file of that format.
        media_type: of its text.
        write: exchanges to text.

    """

    title: str
    file: str
    media_type: str
    write: Callable[[Sequence[Exchange]], str]


FORMATS = {
    "markdown": Format("Markdown", "conversation.md", "text/markdown", to_markdown),
    "json": Format("JSON", "conversation.json", "application/json", to_json),
    "csl": Format("CSL-JSON", "quotes.csl.json", "application/vnd.citationstyles.csl+json", to_csl),
    "bibtex": Format("BibTeX", "quotes.bib", "application/x-bibtex", to_bibtex),
    "w3c": Format("W3C annotations", "quotes.jsonld", "application/ld+json", to_annotations),
}


def export(answers: Iterable[Exchange | Answer | NoAnswer], format: str) -> str:  # noqa: A002 - what users call it
    """Answers and refusals, in their order, as the text of one file.

    Args:
        answers: outcomes alone, or with what is known of how they came about.
        format: a key of `FORMATS`.

    Raises:
        ExportError: there is no such format.

    """
    if format not in FORMATS:
        raise ExportError(f"No format is called {format!r}; there are {', '.join(FORMATS)}.")
    exchanges = [one if isinstance(one, Exchange) else Exchange(one.question, one) for one in answers]
    return FORMATS[format].write(exchanges)
