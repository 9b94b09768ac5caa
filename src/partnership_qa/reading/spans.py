"""Scored tokens to scored spans of the source.

A span's score is its start logit plus its end logit less the same of "no answer" (position 0), as in the SQuAD 2.0
baseline of Devlin et al. (2019): above 0 the reader prefers the span to saying that there is none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from ..text import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ..chunking import Passage
    from .view import View

    Floats = NDArray[np.float32]

MAX_ANSWER_TOKENS = 40
SPANS_PER_PASSAGE = 12
SPANS_PER_UNIT = 2
# Passages that are read closely at a time: as many as two cores read side by side.
CLOSELY = 2


@dataclass(frozen=True, slots=True)
class ReadSpan:
    """Words of the source that may answer.

    Attributes:
        start, end: characters of the document.
        unit: number of the passage's unit that holds them.
        score: margin over "no answer" in this passage; orders spans, of all passages of one question alike.

    """

    start: int
    end: int
    unit: int
    score: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader makes of one passage.

    Attributes:
        spans: best first, without overlaps; empty where nothing of the passage could be quoted.
        answerable: the reader's logit that the passage answers the question, from its own head if it has one.
        support: of every unit of the passage the logit that it is part of the answer; empty where a reader has no such
            head. A unit that was not shown to the reader has the lowest of all.

    """

    spans: tuple[ReadSpan, ...]
    answerable: float
    support: tuple[float, ...] = ()

    @property
    def score(self) -> float:
        """Score of the best span, or minus infinity."""
        return self.spans[0].score if self.spans else float("-inf")

    def support_of(self, unit: int) -> float:
        """The support of a unit; 0 where the reader has no such head."""
        return self.support[unit] if self.support else 0.0


@dataclass(frozen=True, slots=True)
class Scores:
    """What a reader makes of the tokens of a view.

    Attributes:
        tokens: of the view's body, in its characters, in order.
        starts, ends: logits of those tokens less those of "no answer", float32 of shape (len(tokens),).

    """

    tokens: Sequence[Span]
    starts: Floats
    ends: Floats


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a quick look at a passage says.

    Attributes:
        answerable: logit that the passage answers; orders the passages of one question.
        margin: score of its best span over "no answer".
        scores: of its tokens; `None` where the look gave none.

    """

    answerable: float
    margin: float
    scores: Scores | None = None


class Reader(Protocol):
    """Points at the words of passages that answer a question."""

    @property
    def name(self) -> str:
        """How reports call it."""
        ...

    def propose(self, question: str, passages: Sequence[Passage]) -> list[Proposal]:
        """A quick look at every passage, to choose which are read; empty where the reader has no quicker look."""
        ...

    def read(self, question: str, passages: Sequence[Passage], proposals: Sequence[Proposal] = ()) -> list[Reading]:
        """One reading a passage, in the order of the passages; `proposals` are theirs, if there are any.

        Where there are, they may stand for the reading of all passages but the first `CLOSELY`.
        """
        ...


def best_spans(passage: Passage, shown: View, scores: Scores, most: int = SPANS_PER_PASSAGE) -> tuple[ReadSpan, ...]:
    """The best spans of a passage that do not overlap, at most so many; `shown` is what the reader saw of it."""
    tokens, starts, ends = scores.tokens, scores.starts, scores.ends
    places = np.array([shown.segment_at(token.start) for token in tokens], dtype=np.int64)
    usable = np.flatnonzero(places >= 0)
    if not len(usable):
        return ()
    inside = places[usable]
    total = starts[usable][:, None] + ends[usable][None, :]
    index = np.arange(len(usable))
    length = index[None, :] - index[:, None]
    allowed = (length >= 0) & (length < MAX_ANSWER_TOKENS) & (inside[:, None] == inside[None, :])
    total = np.where(allowed, total, -np.inf)
    units = np.array([segment.unit for segment in shown.segments])[inside]
    found: list[ReadSpan] = []
    for _ in range(most):
        first, last = np.unravel_index(int(np.argmax(total)), total.shape)
        if not np.isfinite(total[first, last]):
            break
        segment = shown.segments[inside[first]]
        shift = segment.source - segment.start
        token_start, token_end = tokens[usable[first]].start + shift, tokens[usable[last]].end + shift
        limit = Span(segment.source, segment.source + segment.end - segment.start)
        start, end = _word_borders(passage, token_start, token_end, limit)
        found.append(ReadSpan(start, end, segment.unit, float(total[first, last])))
        # Whatever shares a token with this span is no other answer; nor is a third one of the same sentence or row.
        taken = (index[:, None] <= last) & (index[None, :] >= first)
        if sum(span.unit == segment.unit for span in found) >= SPANS_PER_UNIT:
            taken |= (units == segment.unit)[:, None]
        total = np.where(taken, -np.inf, total)
    return tuple(found)


def mean_scores(scores: Scores, others: Scores, weight: float) -> Scores:
    """Scores of a view's tokens with those that another reader gave them, which has `weight`, in [0, 1], of the mean.

    Both see the same view. A token that only one of them saw keeps its score.
    """
    places = {token.start: number for number, token in enumerate(others.tokens)}
    found = [places.get(token.start, -1) for token in scores.tokens]
    here = np.array([n for n, place in enumerate(found) if place >= 0], dtype=np.int64)
    there = np.array([place for place in found if place >= 0], dtype=np.int64)
    starts, ends = scores.starts.copy(), scores.ends.copy()
    for mixed, again in ((starts, others.starts), (ends, others.ends)):
        mixed[here] += weight * (again[there] - mixed[here])
    return Scores(scores.tokens, starts, ends)


def support_of_units(passage: Passage, shown: View, tokens: Sequence[Span], logits: Floats) -> tuple[float, ...]:
    """Mean support logit of each unit's tokens; the lowest of all for units that show none.

    Args:
        passage: what is read.
        shown: what the reader saw of it.
        tokens: of the view's body, in its characters.
        logits: one a token, float32 of shape (len(tokens),).

    """
    sums, counts = np.zeros(len(passage.units)), np.zeros(len(passage.units))
    for token, logit in zip(tokens, logits, strict=True):
        place = shown.segment_at(token.start)
        if place >= 0:
            sums[shown.segments[place].unit] += logit
            counts[shown.segments[place].unit] += 1
    means = np.where(counts > 0, sums / np.maximum(counts, 1), np.inf)
    return tuple(float(value) for value in np.where(counts > 0, means, means.min(initial=0.0)))


def _word_borders(passage: Passage, start: int, end: int, limit: Span) -> Span:
    """The span widened to whole words, inside its segment: word pieces may begin and end within one."""
    text, base = passage.text, passage.start
    end = min(end, limit.end)
    while start > limit.start and text[start - base].isalnum() and text[start - 1 - base].isalnum():
        start -= 1
    while end < limit.end and text[end - 1 - base].isalnum() and text[end - base].isalnum():
        end += 1
    return Span(start, end)
