"""Scored tokens to scored spans of the source.

A span's score is its start logit plus its end logit less the same of "no answer" (position 0), as in the SQuAD 2.0
baseline of Devlin et al. (2019): above 0 the reader prefers the span to saying that there is none.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
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

    """

    spans: tuple[ReadSpan, ...]
    answerable: float

    @property
    def score(self) -> float:
        """Score of the best span, or minus infinity."""
        return self.spans[0].score if self.spans else float("-inf")


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


class Reader(Protocol):
    """Points at the words of passages that answer a question."""

    @property
    def name(self) -> str:
        """How reports call it."""
        ...

    def read(self, question: str, passages: Sequence[Passage]) -> list[Reading]:
        """One reading a passage, in the order of the passages."""
        ...


def best_spans(passage: Passage, shown: View, scores: Scores) -> tuple[ReadSpan, ...]:
    """The best spans of a passage that do not overlap; `shown` is what the reader saw of it."""
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
    for _ in range(SPANS_PER_PASSAGE):
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


def mean_scores(shown: View, scores: Scores, other: View, others: Scores, weight: float) -> Scores:
    """Scores of a view's tokens with those of another view that shows the same characters of the source.

    A token that both saw gets the mean of its two scores; `weight`, in [0, 1], is that of the other view.
    """
    places = {other.source_of(token.start): number for number, token in enumerate(others.tokens)}
    found = [places.get(shown.source_of(token.start), -1) for token in scores.tokens]
    here = np.array([n for n, place in enumerate(found) if place >= 0], dtype=np.int64)
    there = np.array([place for place in found if place >= 0], dtype=np.int64)
    starts, ends = scores.starts.copy(), scores.ends.copy()
    for mixed, again in ((starts, others.starts), (ends, others.ends)):
        mixed[here] += weight * (again[there] - mixed[here])
    return Scores(scores.tokens, starts, ends)


def read_twice(
    spans: tuple[ReadSpan, ...], second: tuple[ReadSpan, ...], both: tuple[ReadSpan, ...], weight: float
) -> tuple[ReadSpan, ...]:
    """A passage's spans with those of one unit exchanged for what two readings of it gave.

    Args:
        spans: of the first reading, best first.
        second: the best of the unit when it was read by itself.
        both: the unit's by the mean of both readings, best first.
        weight: of the second reading beside the first in the score of the unit's best span, in [0, 1].

    """
    if not second or not both:
        return spans
    first = next(span.score for span in spans if span.unit == both[0].unit)
    shift = (1 - weight) * first + weight * second[0].score - both[0].score
    moved = [replace(span, score=span.score + shift) for span in both]
    others = [span for span in spans if span.unit != both[0].unit]
    return tuple(sorted((*moved, *others), key=lambda span: -span.score))


def _word_borders(passage: Passage, start: int, end: int, limit: Span) -> Span:
    """The span widened to whole words, inside its segment: word pieces may begin and end within one."""
    text, base = passage.text, passage.start
    end = min(end, limit.end)
    while start > limit.start and text[start - base].isalnum() and text[start - 1 - base].isalnum():
        start -= 1
    while end < limit.end and text[end - 1 - base].isalnum() and text[end - base].isalnum():
        end += 1
    return Span(start, end)
