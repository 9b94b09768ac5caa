"""What could be shown: spans of the passages that were read, whole lists and tables, and the evidence for each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..question.words import held_by
from ..text import fold, terms
from .confidence import Features, ListFeatures, clipped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..chunking import Passage, Unit
    from ..question.words import Question
    from ..reading import Reading, ReadSpan
    from ..retrieval import Hit
    from .confidence import Calibration, Ranking
    from .structure import Group, Item, Structure

NOT_LED = -4.0  # the support of a lead that was not read, or is not there
WEIGHED_PLACES = 8  # beside the best one, the best of which are weighed
FURTHER_QUOTES = 3
# Rows of a table that answer together: how far the reader's support of one may be below that of the best, and how many.
ROW_MARGIN = 2.0
MAX_ROWS = 8


@dataclass(frozen=True, slots=True)
class Candidate:
    """Words of a passage that may answer, with all that speaks for them.

    Attributes:
        hit, reading: the passage they stand in, and what was read in it.
        span: the words.
        score: orders the candidates of all passages of a question.

    """

    hit: Hit
    reading: Reading
    span: ReadSpan
    score: float

    @property
    def passage(self) -> Passage:
        """The passage they stand in."""
        return self.hit.passage

    @property
    def unit(self) -> Unit:
        """The sentence, item or row they stand in."""
        return self.passage.units[self.span.unit]

    @property
    def place(self) -> tuple[int, int]:
        """Number of the passage, and of the unit in it."""
        return self.hit.number, self.span.unit

    @property
    def said(self) -> str:
        """The words as the source has them."""
        return self.passage.between(self.span.start, self.span.end)

    @property
    def table(self) -> tuple[str, int] | None:
        """The table they stand in: its document and number; `None` where it is none."""
        return (self.passage.document, self.unit.group) if self.unit.cells else None


def candidates(hits: Sequence[Hit], readings: Sequence[Reading], ranking: Ranking) -> list[Candidate]:
    """Every span that was read, best first: by its margin, and by what search and reader say of passage and unit."""
    found = [
        Candidate(
            hit,
            reading,
            span,
            span.score
            + ranking.place * hit.score
            + ranking.answerable * clipped(reading.answerable)
            + ranking.support * clipped(reading.support_of(span.unit)),
        )
        for hit, reading in zip(hits, readings, strict=True)
        for span in reading.spans
    ]
    return sorted(found, key=lambda one: (-one.score, -one.hit.score, one.span.start))


@dataclass(frozen=True, slots=True)
class ListCandidate:
    """A whole list or table that may answer.

    Attributes:
        group: its items.
        evidence: what speaks for it.

    """

    group: Group
    evidence: ListFeatures


def list_candidates(
    question: Question, structure: Structure, hits: Sequence[Hit], readings: Sequence[Reading], best: Candidate
) -> list[ListCandidate]:
    """The lists and tables of at least two items of which some were read closely; `best` is the first span of all."""
    read = {hit.number: (hit, r) for hit, r in zip(hits, readings, strict=True) if r.support}
    best_support = clipped(best.reading.support_of(best.span.unit))
    # A unit belongs to one list, so that its first one tells lists apart.
    groups = {(group.numbers[0], group.items[0][1]): group for number in read for group in structure.of(number)}
    found = []
    for group in groups.values():
        supports: dict[int, list[float]] = {}
        for number, (_, unit) in zip(group.numbers, group.items, strict=True):
            if number in read:
                supports.setdefault(number, []).append(clipped(read[number][1].support[unit]))
        if len(group.items) < 2 or not supports:
            continue
        # A list that passages cut is judged by its best part: what follows is read without its lead.
        means = {number: sum(values) / len(values) for number, values in supports.items()}
        part = max(means, key=lambda number: means[number])
        hit, reading = read[part]
        lead_number, lead_unit = group.led_from or (-1, 0)
        evidence = ListFeatures(
            support=means[part],
            above=means[part] - best_support,
            led=clipped(read[lead_number][1].support[lead_unit]) if lead_number in read else NOT_LED,
            answerable=clipped(reading.answerable),
            similarity=hit.similarity,
            pointed=float(best.place in group.places or best.place == group.led_from),
            several=question.kind.several,
            table=float(group.table),
        )
        found.append(ListCandidate(group, evidence))
    return found


def rows_beside(
    question: Question, structure: Structure, hits: Sequence[Hit], readings: Sequence[Reading], best: Candidate
) -> tuple[Item, ...]:
    """The rows of the best candidate's table that the reader supports about as much as its own, in their order.

    Of these only such as hold every name and number of the question, where some do and others do not. Empty where
    there is no other row than the best's, or where there are so many that the reader does not tell them apart.
    """
    read = {hit.number: reading for hit, reading in zip(hits, readings, strict=True) if reading.support}
    table = next((group for group in structure.of(best.hit.number) if group.table and best.place in group.places), None)
    if table is None or best.hit.number not in read:
        return ()
    least = max(0.0, clipped(best.reading.support_of(best.span.unit)) - ROW_MARGIN)
    rows = [
        (passage, unit)
        for number, (passage, unit) in zip(table.numbers, table.items, strict=True)
        if (number, unit) == best.place or (number in read and clipped(read[number].support[unit]) >= least)
    ]
    names = question.words.names
    if names:
        rows = [item for item in rows if held_by(names, frozenset(terms(_around(*item, 0))))] or rows
    return tuple(rows) if len(rows) <= MAX_ROWS and rows != [(best.passage, best.span.unit)] else ()


@dataclass(frozen=True, slots=True)
class Assessment:
    """What the outcome of a question rests on.

    Attributes:
        best: the candidate that comes first.
        others: all others, best first.
        evidence: for the best one.
        confidence: that the answer made of it is right.
        whole: the likeliest whole list or table; `None` where none was read.
        whole_confidence: that this one is right; 0 where there is none.
        agreeing: candidates of other passages that say the best one's words.
        rows: the best one and other rows of its table, where several answer together; else empty.

    """

    best: Candidate
    others: tuple[Candidate, ...]
    evidence: Features
    confidence: float
    whole: ListCandidate | None = None
    whole_confidence: float = 0.0
    agreeing: tuple[Candidate, ...] = ()
    rows: tuple[Item, ...] = ()

    @property
    def given_whole(self) -> ListCandidate | None:
        """The whole list or table, where it is at least as likely as the best candidate; else `None`."""
        return self.whole if self.whole_confidence >= self.confidence else None

    @property
    def likelier(self) -> float:
        """The confidence of the likelier of the two."""
        return max(self.confidence, self.whole_confidence)


def assess(
    question: Question,
    structure: Structure,
    hits: Sequence[Hit],
    readings: Sequence[Reading],
    calibration: Calibration,
) -> Assessment | None:
    """Choose the best candidates and weigh them; `None` where nothing could be quoted."""
    ranked = candidates(hits, readings, calibration.ranking)
    if not ranked:
        return None
    rows = rows_beside(question, structure, hits, readings, ranked[0])
    best = next((one for one in ranked if (one.passage, one.span.unit) in rows), None)
    rows = rows if best is not None and len(rows) > 1 else ()
    best = best or ranked[0]
    ranked.remove(best)
    ranked.insert(0, best)
    words = [fold(" ".join(one.said.split())) for one in ranked]
    alike = [one for one, said in zip(ranked, words, strict=True) if said == words[0]]
    agreeing = tuple(one for one in alike if one.hit.number != best.hit.number)
    rival = next((one for one, said in zip(ranked, words, strict=True) if said != words[0]), None)
    lead = best.score - rival.score if rival else 10.0
    lists = [
        (calibration.list_probability(one.evidence), one)
        for one in list_candidates(question, structure, hits, readings, best)
    ]
    chance, whole = max(lists, key=lambda pair: pair[0], default=(0.0, None))
    evidence = evidence_of(question, best, lead)
    confidence = calibration.probability(evidence)
    return Assessment(best, tuple(ranked[1:]), evidence, confidence, whole, chance, agreeing, rows)


def evidence_of(question: Question, one: Candidate, lead: float = 0.0) -> Features:
    """What speaks for a candidate: by itself, or with its lead over other words."""
    numbers = [(word, stems) for word, stems in question.words.names if any(char.isdigit() for char in word)]
    return Features(
        lead=max(0.0, min(10.0, lead)),
        answerable=clipped(one.reading.answerable),
        support=clipped(one.reading.support_of(one.span.unit)),
        place=max(-1.0, min(2.0, one.hit.score)),
        similarity=one.hit.similarity,
        missing_numbers=float(not held_by(numbers, frozenset(terms(_around(one.passage, one.span.unit, 1))))),
        row=float(bool(one.unit.cells)),
    )


def _around(passage: Passage, unit: int, reach: int) -> str:
    """Headings, column names and the text of a unit with `reach` units on either side."""
    near = passage.units[max(0, unit - reach) : unit + reach + 1]
    text = passage.between(near[0].start, near[-1].end)
    return " ".join((passage.heading, " ".join(passage.units[unit].columns), text))


def further_of(question: Question, found: Assessment, calibration: Calibration) -> list[Candidate]:
    """Candidates of other places without which the answer might be missed, or that say the same words; best first.

    What counts is the chance that another place answers and the best one does not, as if neither told of the other: a
    best one that is all but certain needs no other, and beside a doubtful one stand those that may hold the answer.
    """
    places: dict[tuple[int, int], Candidate] = {found.best.place: found.best}
    agreeing = [one for one in found.agreeing if one.span.score > 0]
    for one in (*agreeing, *found.others):
        # Rows of another table say the like of something else.
        if one in agreeing or found.best.table is None or one.table == found.best.table:
            places.setdefault(one.place, one)
    least = calibration.further / max(1.0 - found.confidence, 1e-9)
    others = list(places.values())[1 : WEIGHED_PLACES + 1]
    likely = [one for one in others if one in agreeing or calibration.probability(evidence_of(question, one)) >= least]
    return likely[:FURTHER_QUOTES]
