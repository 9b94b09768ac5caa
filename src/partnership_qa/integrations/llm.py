"""A plugin of the command line tool `llm`: tools for a model, and fragments for a prompt.

    llm -T 'PartnershipQA("my_index/")' "When does the contract end? Quote the contract."
    llm -f 'partnership-qa:my_index/::When does the contract end?' "Answer from these passages alone."

`llm` finds it by the entry point of this package: what is installed with `partnership_qa[llm]` is enough.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ..errors import OptionalDependencyError, PartnershipQAError
from .metadata import citation_metadata, hit_metadata
from .opening import MAX_READ, Opening, shown_citations, text_of

try:
    import llm
except ImportError as error:
    raise OptionalDependencyError("llm", "llm", "The plugin of llm") from error

if TYPE_CHECKING:
    from collections.abc import Callable

PREFIX = "partnership-qa"
_PASSAGES = 5


class PartnershipQA(llm.Toolbox):
    """Tools over one index; each gives JSON as text, in which every quote has its address."""

    def __init__(self, index: str = "", collection: str = "") -> None:
        """Name an index by its folder or a collection; the default index if neither is given."""
        self._opening = Opening(index or None, collection or None)

    def ask(self, question: str) -> str:
        """Answer a question from the documents in their own words, with quotes and their addresses, or decline."""
        qa = self._opening.qa
        trace = qa.trace(question)
        outcome = trace.outcome
        quotes = [
            {"quote": one.quote, **citation_metadata(one, qa.index, trace.hits)} for one in shown_citations(trace)
        ]
        said = {
            "answered": outcome.answered, "text": outcome.text, "confidence": round(outcome.confidence, 6),
            "quotes" if outcome.answered else "closest": quotes,
        }  # fmt: skip
        return _dumped(said)

    def search(self, words: str, passages: int = _PASSAGES) -> str:
        """Find the passages of the documents that fit some words or a question best, with their addresses."""
        qa = self._opening.qa
        hits = qa.search(words, k=passages)
        return _dumped([{"text": hit.passage.text, **hit_metadata(hit, qa.index)} for hit in hits])

    def read(self, document: str, start: int = 0, end: int = MAX_READ) -> str:
        """Read characters [start, end) of a document by its name, at most 20,000 of them."""
        text = text_of(self._opening.qa.index, document, "the tool `documents`")
        start = max(0, start)
        end = min(end, len(text), start + MAX_READ)
        said = {"document": document, "start": start, "end": max(start, end), "characters": len(text)}
        return _dumped(said | {"text": text[start:end]})

    def documents(self) -> str:
        """List the documents: name, number of characters, and the SHA-256 of the file."""
        sources = self._opening.qa.index.sources.values()
        return _dumped([{"document": s.name, "characters": len(s.text), "sha256": s.sha256} for s in sources])


def passages(argument: str) -> list[llm.Fragment]:
    """The passages that fit a question best, each a fragment whose source is its address.

    Args:
        argument: `QUESTION`, of the default index, or `INDEX::QUESTION`.

    Raises:
        ValueError: they cannot be searched; the message says why. It is what `llm` shows.

    """
    place, given, question = argument.rpartition("::")
    try:
        qa = Opening(place or None if given else None).qa
        hits = qa.search(question, k=_PASSAGES)
    except PartnershipQAError as error:
        raise ValueError(str(error)) from error
    found = [(hit.passage.text, hit_metadata(hit, qa.index)) for hit in hits]
    return [
        llm.Fragment(text, f"{m['document']}:{m['line']} [{m['start']}:{m['end']}] sha256:{m['sha256']}")
        for text, m in found
    ]


@llm.hookimpl
def register_tools(register: Callable[..., Any]) -> None:
    """Offer the tools."""
    register(PartnershipQA)


@llm.hookimpl
def register_fragment_loaders(register: Callable[..., Any]) -> None:
    """Offer the fragments."""
    register(PREFIX, passages)


def _dumped(values: object) -> str:
    return json.dumps(values, ensure_ascii=False)
