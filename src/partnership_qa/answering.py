"""Spans to a cited answer or a refusal; the only place that compares a confidence with the threshold."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, ClassVar

from .citing import Citation, citation
from .confidence import Calibration, Features, features
from .questions import asks_for_several, asks_openly
from .structure import Group, chosen_group, label_stems, rows_alike
from .text import FUNCTION_WORDS, Span, fold

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .chunking import Passage, Unit
    from .index import Index
    from .questions import QuestionWords
    from .reading import Reading, ReadSpan
    from .retrieval import Hit
    from .structure import Item, Structure

# What a passage's place in the ranking is worth in units of the reader's margin.
RETRIEVAL_WEIGHT = 2.0
# The same for an item or a row that the question names.
LABEL_BONUS = 3.0
# Further quotes: how far behind the best, in units of the reader's margin, and how many. A question that asks for
# several things or for an account takes more than one that asks for a fact, whose further quotes must agree.
FURTHER_MARGIN = 5.0
FURTHER_QUOTES = 5
AGREEING_QUOTES = 2
CELL_SEPARATOR = " · "


class Reason(str, Enum):
    """Why a question is declined."""

    NOTHING_RELATED = "nothing_related"
    NOT_ANSWERED = "not_answered"
    DOUBTFUL = "doubtful"


@dataclass(frozen=True, slots=True)
class Answer:
    """Words of the corpus that answer, with their address.

    Attributes:
        question: as asked.
        standalone_question: completed from the conversation; `None` where it stood on its own.
        text: the answer's own words; of a list, its items one a line.
        confidence: calibrated probability in [0, 1] that the answer is right.
        citations: one or more.
        note: what the structure of the text adds, such as how many items of which list; empty where nothing.

    """

    answered: ClassVar[bool] = True
    question: str
    standalone_question: str | None
    text: str
    confidence: float
    citations: tuple[Citation, ...]
    note: str = ""

    def to_dict(self) -> dict[str, object]:
        """Plain values for JSON."""
        return {
            "answered": True, "question": self.question, "standalone_question": self.standalone_question,
            "text": self.text, "confidence": round(self.confidence, 6),
            "citations": [citation.to_dict() for citation in self.citations], "note": self.note,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """The text does not hold the answer, as far as can be told.

    Attributes:
        question: as asked.
        standalone_question: completed from the conversation; `None` where it stood on its own.
        text: one sentence that says why.
        confidence: probability in [0, 1] that the best candidate would have been right.
        reason: why it is declined.
        nearest: the closest hits, best first.
        unknown_words: content words of the question that occur nowhere in the corpus.
        citations: always empty.

    """

    answered: ClassVar[bool] = False
    citations: ClassVar[tuple[Citation, ...]] = ()
    question: str
    standalone_question: str | None
    text: str
    confidence: float
    reason: Reason
    nearest: tuple[Hit, ...]
    unknown_words: tuple[str, ...]

    def to_dict(self) -> dict[str, object]:
        """Plain values for JSON."""
        return {
            "answered": False, "question": self.question, "standalone_question": self.standalone_question,
            "text": self.text, "confidence": round(self.confidence, 6), "reason": self.reason.value,
            "nearest": [hit.to_dict() for hit in self.nearest], "unknown_words": list(self.unknown_words),
            "citations": [],
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """A question on its way to an answer.

    Attributes:
        question: as the user put it.
        standalone: completed from the conversation; `None` where it stood on its own.
        text: what is searched and read.
        words: its content words.
    """

    question: str
    standalone: str | None
    text: str
    words: QuestionWords


@dataclass(frozen=True, slots=True)
class Candidate:
    """A span of one of the hits; `score` orders candidates of all passages."""

    hit: int
    span: ReadSpan
    score: float


def candidates(words: QuestionWords, hits: Sequence[Hit], readings: Sequence[Reading]) -> list[Candidate]:
    """Every span of every reading, best first.

    A span counts by the reader's margin, its passage's place in the ranking, and whether its item or row is named in
    the question (`What is the data governance concern?` names the item `Data Governance: ...`).
    """
    asked = frozenset(stem for _, stems in words.content for stem in stems)
    found = []
    for number, (hit, reading) in enumerate(zip(hits, readings, strict=True)):
        for span in reading.spans:
            label = label_stems(hit.passage, span.unit) - FUNCTION_WORDS
            bonus = LABEL_BONUS if label and label <= asked else 0.0
            found.append(Candidate(number, span, span.score + RETRIEVAL_WEIGHT * hit.score + bonus))
    return sorted(found, key=lambda candidate: (-candidate.score, candidate.hit, candidate.span.start))


@dataclass(frozen=True, slots=True)
class Assessment:
    """The best candidate of a question, those of other passages that say the same, all others, and the evidence."""

    best: Candidate
    same: tuple[Candidate, ...]
    others: tuple[Candidate, ...]
    evidence: Features


def assess(words: QuestionWords, index: Index, hits: Sequence[Hit], readings: Sequence[Reading]) -> Assessment | None:
    """Choose the best span and weigh it; `None` where nothing could be quoted."""
    ranked = candidates(words, hits, readings)
    if not ranked:
        return None
    best = ranked[0]
    said = {candidate: _words(index, hits, candidate) for candidate in ranked}
    same = tuple(c for c in ranked[1:] if c.hit != best.hit and said[c] == said[best])
    rival = next((c for c in ranked[1:] if said[c] != said[best]), None)
    lead = best.score - rival.score if rival else 10.0
    evidence = features(words, hits[best.hit], readings[best.hit], best.span, bool(same), lead)
    return Assessment(best, same, tuple(ranked[1:]), evidence)


def compose(
    asked: Asked,
    index: Index,
    structure: Structure,
    hits: Sequence[Hit],
    readings: Sequence[Reading],
    calibration: Calibration,
    threshold: float,
    observe: Callable[[Assessment], None] | None = None,
) -> Answer | NoAnswer:
    """Answer one question from what was read, or decline.

    `observe` is given the assessment that the outcome rests on, where there is one.

    Raises:
        CitationError: a quote is not what its source holds.
    """
    group = chosen_group(asked.text, asked.words, structure, [hit.number for hit in hits])
    if group is not None and group.coverage >= threshold:
        return _list_answer(asked, index, group.group, group.coverage)
    found = assess(asked.words, index, hits, readings)
    if found is None:
        return decline(asked, hits, 0.0, Reason.NOTHING_RELATED)
    if observe is not None:
        observe(found)
    confidence = calibration.probability(found.evidence)
    if confidence < threshold:
        return decline(asked, hits, confidence, _reason(asked.words, found.best, hits))
    best, passage = found.best, hits[found.best.hit].passage
    alike = rows_alike(structure, hits[best.hit].number, passage, best.span.unit, asked.words)
    if alike:
        return _rows_answer(asked, index, (passage, best.span), alike, confidence)
    several = asks_for_several(asked.text)
    further = _further(found, wide=several or asks_openly(asked.text))
    cited = [_cite(index, hits, candidate) for candidate in (best, *further)]
    shown = [best]
    if several and _is_item(hits, best):
        # Of several rows or items each says its part; of several sentences the best one says it.
        items = [candidate for candidate in (best, *further) if _is_item(hits, candidate)]
        shown = sorted(items, key=lambda c: (c.hit, c.span.start))
    text = "\n".join(dict.fromkeys(_text(index, hits, candidate) for candidate in shown))
    return Answer(asked.question, asked.standalone, text, confidence, tuple(cited))


def _rows_answer(
    asked: Asked, index: Index, best: tuple[Passage, ReadSpan], alike: Sequence[Item], confidence: float
) -> Answer:
    """The best row with those that hold the same words of the question: of each the cell of the best one's column."""
    passage, span = best
    cells = passage.units[span.unit].cells
    column = next((n for n, cell in enumerate(cells) if cell.start <= span.start < cell.end), 0)
    cited = [citation(index, passage, span.unit, (Span(span.start, span.end),))]
    for other, number in alike:
        unit = other.units[number]
        cell = unit.cells[column] if column < len(unit.cells) else unit.content
        cited.append(citation(index, other, number, (cell if cell.end > cell.start else unit.content,)))
    text = "\n".join(index.sources[c.document].text[slice(*c.highlights[0])] for c in cited)
    return Answer(asked.question, asked.standalone, text, confidence, tuple(cited), f"{len(cited)} rows")


def _is_item(hits: Sequence[Hit], candidate: Candidate) -> bool:
    """Whether a candidate stands in a list item or a table row."""
    return hits[candidate.hit].passage.units[candidate.span.unit].group >= 0


def _further(found: Assessment, *, wide: bool) -> list[Candidate]:
    """Candidates of other units that agree with the best one or, for a wide question, come near it; best first."""
    if not wide:
        return [candidate for candidate in found.same if candidate.span.score > 0][:AGREEING_QUOTES]
    chosen: dict[tuple[int, int], Candidate] = {(found.best.hit, found.best.span.unit): found.best}
    for candidate in found.others:
        if candidate.score >= found.best.score - FURTHER_MARGIN:
            chosen.setdefault((candidate.hit, candidate.span.unit), candidate)
    return list(chosen.values())[1 : FURTHER_QUOTES + 1]


def join(asked: Asked, answers: Sequence[Answer | NoAnswer], texts: Sequence[str]) -> Answer | NoAnswer:
    """One answer from those of a question's parts, each quoted in its turn; a part without one is named."""
    given = [answer for answer in answers if isinstance(answer, Answer)]
    if not given:
        return max(answers, key=lambda answer: answer.confidence)
    citations = tuple(dict.fromkeys(citation for answer in given for citation in answer.citations))
    missing = [text for text, answer in zip(texts, answers, strict=True) if not answer.answered]
    note = f"Not in the text: {' '.join(missing)}" if missing else f"{len(given)} parts"
    confidence = min(answer.confidence for answer in given)
    return Answer(asked.question, asked.standalone, "\n".join(a.text for a in given), confidence, citations, note)


def _text(index: Index, hits: Sequence[Hit], candidate: Candidate) -> str:
    """A candidate's words, as the source has them."""
    return index.sources[hits[candidate.hit].passage.document].text[candidate.span.start : candidate.span.end]


def _words(index: Index, hits: Sequence[Hit], candidate: Candidate) -> str:
    """A candidate's words in their comparison form."""
    return fold(" ".join(_text(index, hits, candidate).split()))


def _cite(index: Index, hits: Sequence[Hit], candidate: Candidate) -> Citation:
    span = Span(candidate.span.start, candidate.span.end)
    return citation(index, hits[candidate.hit].passage, candidate.span.unit, (span,))


def _list_answer(asked: Asked, index: Index, group: Group, confidence: float) -> Answer:
    cited = [citation(index, passage, unit, _words_of(passage.units[unit])) for passage, unit in group.items]
    lines = [
        CELL_SEPARATOR.join(" ".join(index.sources[c.document].text[s:e].split()) for s, e in c.highlights)
        for c in cited
    ]
    under = f" under “{group.section[-1]}”" if group.section else ""
    note = f"{len(cited)} of {len(cited)} {group.noun}{under}, lines {cited[0].line}–{cited[-1].line}"  # noqa: RUF001
    return Answer(asked.question, asked.standalone, "\n".join(lines), confidence, tuple(cited), note)


def _words_of(unit: Unit) -> tuple[Span, ...]:
    """What an item says, without bullet or bars: its content, or the cells that hold something."""
    return tuple(cell for cell in unit.cells if cell.end > cell.start) or (unit.content,)


def decline(asked: Asked, hits: Sequence[Hit], confidence: float, reason: Reason) -> NoAnswer:
    """A refusal in one sentence, with the nearest hits."""
    text = _sentence(reason, asked.words, hits)
    return NoAnswer(asked.question, asked.standalone, text, confidence, reason, tuple(hits[:3]), asked.words.unknown)


def _reason(words: QuestionWords, best: Candidate, hits: Sequence[Hit]) -> Reason:
    hit = hits[best.hit]
    known = len(words.content) - len(words.unknown)
    if not known or (hit.lexical is None and hit.similarity < 0.3):
        return Reason.NOTHING_RELATED
    return Reason.NOT_ANSWERED if best.span.score < 0 else Reason.DOUBTFUL


def _sentence(reason: Reason, words: QuestionWords, hits: Sequence[Hit]) -> str:
    missing = ", ".join(f"“{word}”" for word in words.unknown[:4])
    tail = f" These words of the question occur nowhere in it: {missing}." if missing else ""
    place = (
        f" The nearest passage stands under “{hits[0].passage.section[-1]}”."
        if hits and hits[0].passage.section
        else ""
    )
    said = {
        Reason.NOTHING_RELATED: "nothing in it is related to this question.",
        Reason.NOT_ANSWERED: "related passages were read, but none answers the question.",
        Reason.DOUBTFUL: "the best candidate is too doubtful to be quoted.",
    }[reason]
    return f"Not in the text: {said}{tail}{'' if reason is Reason.NOTHING_RELATED else place}"
