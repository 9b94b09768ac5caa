"""Which of the spans that were read answers best, what else is quoted beside it, and what speaks against it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..question.definitions import Definition, definition_in
from ..text import FUNCTION_WORDS, Span, fold
from .confidence import Features, Ranking, clipped, features
from .disagreement import Said, disagree
from .structure import label_stems
from .whole import whole

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..chunking import Passage
    from ..question.form import QuestionWords
    from ..reading import Reading, ReadSpan
    from ..retrieval import Hit

# What it is worth, in units of the reader's margin, that the question names an item or a row, and that a unit gives the
# meaning it asks for; twice that where it does so in the label's own words or explicitly.
LABEL_BONUS = 3.0
# Further quotes for a question that asks for a fact: how likely it must be that one answers though the best does not,
# and how many.
FURTHER_CHANCE = 0.14
FURTHER_QUOTES = 2
# For one that asks for several things or for an account: how probable beside the best one, and how many.
WIDE_SHARE = 0.75
WIDE_QUOTES = 5
WEIGHED_UNITS = 8  # of the other places, the best of which are weighed
RIVAL_MARGIN = 5.0
MAX_RIVALS = 3


PLAIN = Ranking()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A span of one of the hits; `score` orders candidates of all passages."""

    hit: int
    span: ReadSpan
    score: float


def candidates(
    words: QuestionWords, hits: Sequence[Hit], readings: Sequence[Reading], ranking: Ranking = PLAIN
) -> list[Candidate]:
    """Every span of every reading, best first.

    A span counts by the reader's margin, by what the reader says of its passage and its unit, by the passage's place in
    the search, and by whether its item or row is named in the question (`What is the data governance concern?` names
    the item `Data Governance: ...`) or its unit gives the meaning that is asked for. A meaning that is given explicitly
    is the span itself.
    """
    found = []
    for number, (hit, reading) in enumerate(zip(hits, readings, strict=True)):
        for read in reading.spans:
            span = whole(hit.passage, read)
            bonus = named(words, hit.passage, span.unit)
            if given := defined(words, hit.passage, span.unit):
                bonus = max(bonus, 2 if given.explicit else 1)
                start, end = given.meaning or (span.start, span.end)
                span = replace(span, start=start, end=end)
            score = (
                span.score
                + ranking.place * hit.score
                + ranking.answerable * clipped(reading.answerable)
                + ranking.support * clipped(reading.support_of(span.unit))
            )
            found.append(Candidate(number, span, score + LABEL_BONUS * bonus))
    return sorted(found, key=lambda candidate: (-candidate.score, candidate.hit, candidate.span.start))


def defined(words: QuestionWords, passage: Passage, number: int) -> Definition | None:
    """How a unit gives the meaning that a question asks for, in characters of the document."""
    if not words.term:
        return None
    first, last = passage.units[number].content
    given = definition_in(passage.between(first, last), words.term)
    if given is None or given.meaning is None:
        return given
    return replace(given, meaning=Span(first + given.meaning.start, first + given.meaning.end))


def with_meaning(words: QuestionWords, hits: Sequence[Hit], k: int) -> tuple[Hit, ...]:
    """The best `k` hits; where none of them says what the term means that is asked for, the next that does is the last.

    Args:
        words: of the question.
        hits: best first, more than `k` of them where there are.
        k: how many to give, at least 1.

    """
    if not words.term:
        return tuple(hits[:k])
    saying = [n for n, hit in enumerate(hits) if explains(words, hit.passage)]
    last = saying[0] if saying and saying[0] >= k else k - 1
    return (*hits[: k - 1], *hits[last : last + 1])


def explains(words: QuestionWords, passage: Passage) -> bool:
    """Whether a unit of a passage says explicitly what the term means that is asked for, and leaves it to no list."""
    texts = (passage.between(unit.start, unit.end) for unit in passage.units)
    givens = (None if text.endswith(":") else defined(words, passage, n) for n, text in enumerate(texts))
    return any(given is not None and given.explicit for given in givens)


def named(words: QuestionWords, passage: Passage, unit: int) -> int:
    """How a question names an item or a row: 2 by its label of several words in a row, 1 by its words, 0 not at all."""
    label = label_stems(passage, unit)
    content = frozenset(label) - FUNCTION_WORDS
    if not content or not content <= words.stems:
        return 0
    places = range(len(words.sequence) - len(label) + 1)
    return 2 if len(label) > 1 and any(words.sequence[n : n + len(label)] == label for n in places) else 1


@dataclass(frozen=True, slots=True)
class Assessment:
    """The best candidate of a question, those of other passages that say the same, all others, and the evidence."""

    best: Candidate
    same: tuple[Candidate, ...]
    others: tuple[Candidate, ...]
    evidence: Features


def assess(
    words: QuestionWords, hits: Sequence[Hit], readings: Sequence[Reading], ranking: Ranking = PLAIN
) -> Assessment | None:
    """Choose the best span and weigh it; `None` where nothing could be quoted."""
    ranked = candidates(words, hits, readings, ranking)
    if not ranked:
        return None
    best = ranked[0]
    said = {candidate: fold(" ".join(said_by(hits, candidate).split())) for candidate in ranked}
    same = tuple(c for c in ranked[1:] if c.hit != best.hit and said[c] == said[best])
    rival = next((c for c in ranked[1:] if said[c] != said[best]), None)
    lead = best.score - rival.score if rival else 10.0
    evidence = evidence_of(words, hits, readings, best, agreement=bool(same), lead=lead)
    return Assessment(best, same, tuple(ranked[1:]), evidence)


def evidence_of(
    words: QuestionWords,
    hits: Sequence[Hit],
    readings: Sequence[Reading],
    candidate: Candidate,
    *,
    agreement: bool = False,
    lead: float = 0.0,
) -> Features:
    """What speaks for a candidate: by itself, or with its lead over the next and whether another place agrees."""
    return features(words, hits[candidate.hit], readings[candidate.hit], candidate.span, agreement, lead)


def said_by(hits: Sequence[Hit], candidate: Candidate) -> str:
    """A candidate's words, as the source has them."""
    passage = hits[candidate.hit].passage
    return passage.between(candidate.span.start, candidate.span.end)


def further_of(
    found: Assessment,
    hits: Sequence[Hit],
    confidence: float,
    probability: Callable[[Candidate], float],
    *,
    wide: bool,
) -> list[Candidate]:
    """Candidates of other units that are worth a look beside the best one, or say the same words; best first.

    `confidence` is that of the best, `probability` gives that of another, by itself. Where a fact is asked for, a best
    one that is all but certain needs no other, and beside a doubtful one stand those without which the answer might be
    missed: what counts is the chance that another answers and the best does not, as if neither told of the other.
    Where more is asked for, others that are nearly as probable add to it.
    """
    most = WIDE_QUOTES if wide else FURTHER_QUOTES
    table = table_of(hits, found.best)
    places: dict[tuple[int, int], Candidate] = {(found.best.hit, found.best.span.unit): found.best}
    agreeing = [] if wide else [candidate for candidate in found.same if candidate.span.score > 0]
    for candidate in (*agreeing, *found.others):
        # Rows of another table say the like of something else.
        if candidate in agreeing or table is None or table_of(hits, candidate) == table:
            places.setdefault((candidate.hit, candidate.span.unit), candidate)
    others = list(places.values())[1 : WEIGHED_UNITS + 1]
    least = WIDE_SHARE * confidence if wide else FURTHER_CHANCE / max(1.0 - confidence, 1e-9)
    return [other for other in others if other in agreeing or probability(other) >= least][:most]


def rivals_of(hits: Sequence[Hit], found: Assessment) -> list[Candidate]:
    """Candidates of other places that answer differently than the best one in otherwise like words."""

    def said(candidate: Candidate) -> Said:
        passage = hits[candidate.hit].passage
        unit = passage.units[candidate.span.unit]
        quote = passage.between(unit.start, unit.end)
        return Said(quote, said_by(hits, candidate))

    best, table = found.best, table_of(hits, found.best)
    rivals: dict[tuple[int, int], Candidate] = {}
    for candidate in found.others:
        place = (candidate.hit, candidate.span.unit)
        near = candidate.span.score > 0 and candidate.span.score >= best.span.score - RIVAL_MARGIN
        if not near or place == (best.hit, best.span.unit) or (table and table_of(hits, candidate) == table):
            continue
        if disagree(said(best), said(candidate)):
            rivals.setdefault(place, candidate)
    return list(rivals.values())[:MAX_RIVALS]


def table_of(hits: Sequence[Hit], candidate: Candidate) -> tuple[str, int] | None:
    """The table that a candidate is a row of: its document and number; `None` where it is no row."""
    passage = hits[candidate.hit].passage
    unit = passage.units[candidate.span.unit]
    return (passage.document, unit.group) if unit.cells else None
