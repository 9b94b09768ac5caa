"""A query to ranked passages: dense and lexical scores, each brought to [0, 1], and their weighted mean.

Min-max normalised scores against reciprocal rank fusion (Cormack et al. 2009): `benchmarks/retrieval.py` measures both
on the question sets; the figures stand in ARCHITECTURE.md.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, cast, get_args

import numpy as np

from . import notebook
from .errors import PartnershipQAError
from .index.dense import ranked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from .chunking import Passage
    from .embedding import Encoder, Vectors
    from .index import Store
    from .selection import Selection

Fusion = Literal["minmax", "rrf", "dense", "lexical"]

POOL = 50
# What was said before counts this much beside the question, where the two are at all alike (cosine).
CONTEXT_WEIGHT = 0.35
CONTEXT_SIMILARITY = 0.1
DENSE_WEIGHT = 0.65
_RRF_K = 60
_SAME = 1e-6  # beyond six digits similarities depend on the processor


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage found for a query.

    Attributes:
        passage: what was found.
        number: its number in the index.
        score: fused, orders one list, higher is better.
        similarity: cosine of query and passage, in [-1, 1].
        lexical: BM25 score, 0 and up; `None` where they share no word.

    """

    passage: Passage
    number: int
    score: float
    similarity: float
    lexical: float | None

    def to_dict(self) -> dict[str, object]:
        """Plain values for JSON; scores rounded to six digits, below which they depend on the processor."""
        return self.passage.to_dict() | {
            "score": round(self.score, 6),
            "similarity": round(self.similarity, 6),
            "lexical": None if self.lexical is None else round(self.lexical, 6),
        }

    def _repr_html_(self) -> str:
        found = self.passage
        where = f"line {found.line}" if found.page is None else f"page {found.page}"
        lexical = "none" if self.lexical is None else f"{self.lexical:.2f}"
        scores = f"score {self.score:.3f}, similarity {self.similarity:.3f}, BM25 {lexical}"
        quoted = notebook.quote(found.text, (), found.document, where, found.section)
        return notebook.boxed(quoted, notebook.line(scores, dim=True))


def checked_fusion(name: str) -> Fusion:
    """The fusion of that name.

    Raises:
        PartnershipQAError: there is none.
    """
    if name not in get_args(Fusion):
        raise PartnershipQAError(f"No fusion is called {name!r}; there are {', '.join(get_args(Fusion))}.")
    return cast("Fusion", name)


@dataclass(frozen=True, slots=True)
class Query:
    """What is searched for.

    Attributes:
        text: a question or words.
        vector: of it, shape (dimension,).
        context: what was said before and its vector; `None` where nothing was, or where it has nothing to do with the
            text, so that a change of subject is one.

    """

    text: str
    vector: Vectors
    context: tuple[str, Vectors] | None = None


def query_of(encoder: Encoder, text: str, context: str = "") -> Query:
    """A query with its vectors; `context` is what was said before it, which may be empty."""
    vector = encoder.encode([text])[0]
    said = encoder.encode([context])[0] if context else None
    related = said is not None and float(said @ vector) > CONTEXT_SIMILARITY
    return Query(text, vector, (context, said) if said is not None and related else None)


def search(
    index: Store, query: Query, k: int, fusion: Fusion = "minmax", within: Selection | None = None
) -> tuple[Hit, ...]:
    """The best passages for a query.

    Args:
        index: where to look, built with the encoder that made the query.
        query: what for. Its context reorders what the text itself finds.
        k: how many hits at most.
        fusion: how the two halves are put together; `dense` and `lexical` take one alone.
        within: the documents to search; the others take no part, neither in the ranking nor in the scores' range.
            How rare a word is stays what it is in the whole index.

    Returns:
        Hits, best first, ties in the order of the passages.

    """
    return search_in_context(index, query, k, fusion, within=within)[0]


def search_in_context(
    index: Store, query: Query, k: int, fusion: Fusion = "minmax", first: int = 0, within: Selection | None = None
) -> tuple[tuple[Hit, ...], bool]:
    """The hits of `search`, and whether the query's context changed the order of the `first` best ones."""
    pool = max(k, POOL)
    among = None if within is None else within.numbers
    dense, _ = index.dense.search(query.vector, pool, among)
    # As `np.union1d`, whose first call imports numpy.ma.
    numbers = np.array(sorted({*dense.tolist(), *index.lexical.best(query.text, pool, among).tolist()}), dtype=np.int64)
    bm25 = index.lexical.scores(query.text, numbers)
    vectors = index.dense.vectors(numbers)
    similarities = vectors @ query.vector
    plain = scores = _fuse(similarities, bm25, fusion)
    if query.context is not None:
        text, vector = query.context
        said = _fuse(vectors @ vector, index.lexical.scores(text, numbers), fusion)
        scores = (scores + CONTEXT_WEIGHT * said) / (1 + CONTEXT_WEIGHT)
    order, before = (ranked(values, numbers)[:k] for values in (scores, plain))
    hits = tuple(
        Hit(
            index.passages[int(numbers[i])], int(numbers[i]), float(scores[i]), float(similarities[i]),
            float(bm25[i]) if bm25[i] > 0 else None,
        )
        for i in order
    )  # fmt: skip
    return hits, not np.array_equal(order[:first], before[:first])


def reordered(hits: Sequence[Hit], logits: Sequence[float], weight: float) -> tuple[Hit, ...]:
    """Hits in the order of their scores and `weight` times these logits, one a hit; ties keep their order."""
    scored = [replace(hit, score=hit.score + weight * logit) for hit, logit in zip(hits, logits, strict=True)]
    return tuple(sorted(scored, key=lambda hit: -hit.score))


def _fuse(similarities: Vectors, bm25: Vectors, fusion: Fusion) -> NDArray[np.float64]:
    if fusion == "rrf":
        return _reciprocal(similarities) + np.where(bm25 > 0, _reciprocal(bm25), 0.0)
    if fusion == "dense":
        return similarities.astype(np.float64)
    if fusion == "lexical":
        return bm25.astype(np.float64)
    return DENSE_WEIGHT * _minmax(similarities) + (1 - DENSE_WEIGHT) * _minmax(bm25)


def _minmax(values: Vectors) -> NDArray[np.float64]:
    """Values brought to [0, 1]; where they do not differ all are the best, or none is where they say nothing."""
    low, high = float(values.min()), float(values.max())
    if high - low < _SAME:
        return np.full(len(values), float(high > 0))
    return (values.astype(np.float64) - low) / (high - low)


def _reciprocal(values: Vectors) -> NDArray[np.float64]:
    ranks = np.empty(len(values))
    ranks[np.argsort(-values, kind="stable")] = np.arange(1, len(values) + 1)
    scores: NDArray[np.float64] = 1.0 / (_RRF_K + ranks)
    return scores
