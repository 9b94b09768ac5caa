"""What every hit and citation carries into other people's programs: one dictionary with the same keys everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..answering.citing import Citation
    from ..index import Store
    from ..retrieval import Hit
    from ..trace import Trace


class Metadata(TypedDict):
    """The address of some words, and what they were found by; plain values, fit for JSON.

    Attributes:
        document: path relative to the corpus folder, with `/`.
        start, end: characters of the document's text, `[start, end)`.
        line: 1-based line of `start`.
        page: 1-based page of `start`; `None` where the source has no pages.
        section: headings above, outermost first.
        sha256: of the source file's bytes when it was indexed, in hexadecimal.
        generation: name of the generation of the index that was asked.
        score: of the passage that the words stand in: fused, orders one list, higher is better; `None` where the words
            were not searched for.
        similarity: cosine of query and passage, in [-1, 1]; `None` as above.
        lexical: BM25 score, above 0; `None` as above, or where query and passage share no word.

    """

    document: str
    start: int
    end: int
    line: int
    page: int | None
    section: list[str]
    sha256: str
    generation: str
    score: float | None
    similarity: float | None
    lexical: float | None


def hit_metadata(hit: Hit, index: Store) -> Metadata:
    """The address of a passage that was found in an index, and its scores, rounded as in `Hit.to_dict`."""
    passage = hit.passage
    return {
        "document": passage.document, "start": passage.start, "end": passage.end, "line": passage.line,
        "page": passage.page, "section": list(passage.section), "sha256": index.sources[passage.document].sha256,
        "generation": index.generation.name, "score": round(hit.score, 6), "similarity": round(hit.similarity, 6),
        "lexical": None if hit.lexical is None else round(hit.lexical, 6),
    }  # fmt: skip


def citation_metadata(citation: Citation, index: Store, hits: Iterable[Hit] = ()) -> Metadata:
    """The address of a quote, and the scores of the passage that it stands in.

    Args:
        citation: of an answer, or a candidate of a refusal.
        index: that was asked.
        hits: those of the answer's trace (`Trace.hits`); the best one that holds the quote lends its scores.

    """
    found = next((hit for hit in hits if _holds(hit, citation)), None)
    return {
        "document": citation.document, "start": citation.start, "end": citation.end, "line": citation.line,
        "page": citation.page, "section": list(citation.section), "sha256": citation.sha256,
        "generation": index.generation.name, "score": None if found is None else round(found.score, 6),
        "similarity": None if found is None else round(found.similarity, 6),
        "lexical": None if found is None or found.lexical is None else round(found.lexical, 6),
    }  # fmt: skip


def hit_values(hit: Hit, index: Store) -> dict[str, Any]:
    """A hit as plain values: what `Hit.to_dict` gives, with its metadata."""
    return hit.to_dict() | dict(hit_metadata(hit, index))


def outcome_values(trace: Trace, index: Store) -> dict[str, Any]:
    """An outcome as plain values: what its `to_dict` gives, each quote with its metadata, and the generation."""
    values: dict[str, Any] = trace.outcome.to_dict()
    for name in ("citations", "candidates"):
        if name in values:
            cited = getattr(trace.outcome, name)
            values[name] = [one.to_dict() | dict(citation_metadata(one, index, trace.hits)) for one in cited]
    return values | {"generation": index.generation.name}


def _holds(hit: Hit, citation: Citation) -> bool:
    passage = hit.passage
    return passage.document == citation.document and passage.start <= citation.start and citation.end <= passage.end
