"""What the tools of the MCP server give: text with addresses, and beside it what programs read of the same."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

from ..errors import OptionalDependencyError, QuestionError
from ..index import Originals
from ..proof import verify as check
from ..proof.given import parse
from .metadata import citation_metadata, hit_metadata
from .opening import MAX_READ, shown_citations, text_of

try:
    from mcp_types import CallToolResult, TextContent
    from pydantic import Field
except ImportError as error:
    raise OptionalDependencyError("mcp", "mcp", "Serving the Model Context Protocol") from error

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..answering.citing import Citation
    from ..qa import QA

NAME = "partnership_qa"
LISTER = "list_documents"
MAX_K = 20

Documents = Annotated[
    list[str] | None, Field(description="Names, folders or patterns of the documents to look in; all if left out.")
]
Passages = Annotated[int, Field(ge=1, le=MAX_K, description="How many passages.")]


class ReadingTools:
    """The tools that only read; each method is one, its arguments are the tool's."""

    def __init__(self, current: Callable[[], QA]) -> None:
        """Take what gives that which answers; it is asked anew by each call."""
        self._current = current

    def ask(self, question: str, documents: Documents = None, k: Passages = 4) -> CallToolResult:
        """Answer, or decline."""
        qa = self._current()
        trace = qa.trace(question, k=k, documents=documents or ())
        outcome = trace.outcome
        cited = shown_citations(trace)
        lines = [outcome.text, getattr(outcome, "note", "")]
        if not outcome.answered and cited:
            lines.append("Not certain; the closest quotes:")
        lines += [f"[{number}] {_cited(one)}" for number, one in enumerate(cited, 1)]
        if outcome.answered:
            lines.append(f"Probability that this is right: {outcome.confidence:.2f}")
        quotes = [citation_metadata(one, qa.index, trace.hits) for one in cited]
        meta = {"answered": outcome.answered, "confidence": round(outcome.confidence, 6), "citations": quotes}
        return result("\n".join(filter(None, lines)), meta)

    def search(self, query: str, k: Passages = 5, documents: Documents = None) -> CallToolResult:
        """The passages that fit best."""
        qa = self._current()
        hits = qa.search(query, k=k, documents=documents or ())
        told = []
        for number, hit in enumerate(hits, 1):
            where = hit_metadata(hit, qa.index)
            place = _address(where["document"], where["line"], where["page"], where["start"], where["end"])
            told.append(f"[{number}] {place}\n{hit.passage.text}")
        return result("\n\n".join(told) or "Nothing was found.", {"hits": [hit_metadata(h, qa.index) for h in hits]})

    def read(self, document: str, start: int = 0, end: int | None = None) -> CallToolResult:
        """Characters of a document."""
        text = text_of(self._current().index, document, LISTER)
        last = min(len(text), start + MAX_READ if end is None else end, start + MAX_READ)
        if not 0 <= start < max(1, len(text)) or last < start:
            raise QuestionError(f"{document} has characters 0 to {len(text)}: give start and end within them.")
        more = f"\n(read on from start={last})" if last < len(text) else ""
        return result(f"{document}, characters {start} to {last} of {len(text)}:\n{text[start:last]}{more}")

    def verify(self, answers: str) -> CallToolResult:
        """What has become of the quotes of answers."""
        verdicts = check(parse(answers.encode("utf-8", "replace")), Originals(self._current().index))
        several = len({one.answer for one in verdicts}) > 1
        lines = [f"{one.label(several)} {one.text}" for one in verdicts]
        return result("\n".join(lines) or "Nothing is quoted.", {"verdicts": [one.to_dict() for one in verdicts]})

    def list_documents(self) -> CallToolResult:
        """All documents."""
        index = self._current().index
        lines = [f"{one.name}  ({one.characters:,} characters)" for one in index.generation.manifest.sources]
        return result("\n".join(lines), {"generation": index.generation.name})


def result(text: str, meta: dict[str, Any] | None = None) -> CallToolResult:
    """A text, with plain values in `_meta`, which clients do not show."""
    own = {NAME: json.loads(json.dumps(meta))} if meta else None
    return CallToolResult(content=[TextContent(type="text", text=text)], _meta=own)


def _cited(one: Citation) -> str:
    return f"“{one.quote}” ({_address(one.document, one.line, one.page, one.start, one.end)})"


def _address(document: str, line: int, page: int | None, start: int, end: int) -> str:
    where = f"line {line}" if page is None else f"page {page}"
    return f"{document}, {where}, characters {start}-{end}"
