"""Spans to a cited answer or a refusal; the only place that compares a confidence with the threshold."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..question.form import asks_for_several, asks_openly, asks_to_compute
from ..text import Span
from .candidates import Candidate, assess, evidence_of, explains, further_of, rivals_of, said_by, table_of
from .citing import Citation, citation
from .leaning import first_of
from .outcome import Answer, NoAnswer, Reason
from .rows import rows_asked
from .structure import Group, chosen_group, rows_of
from .whole import enumeration

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..chunking import Passage, Unit
    from ..index import Index
    from ..question.form import QuestionWords
    from ..reading import Reading, ReadSpan
    from ..retrieval import Hit
    from .candidates import Assessment
    from .confidence import Calibration
    from .structure import Item, Structure

CELL_SEPARATOR = " · "
NOT_COMPUTED = "Rows are quoted as they stand: nothing is added up, counted or compared."


@dataclass(frozen=True, slots=True)
class Asked:
    """A question on its way to an answer.

    Attributes:
        question: as the user put it.
        standalone: completed from the conversation; `None` where it stood on its own.
        text: what is searched for.
        reading: what the reader is asked.
        words: content words of `text`.
    """

    question: str
    standalone: str | None
    text: str
    reading: str
    words: QuestionWords


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
    # What a term means is no list, though `What are the System Libraries?` asks like one.
    if (
        group is not None
        and group.coverage >= threshold
        and not any(explains(asked.words, hit.passage) for hit in hits)
    ):
        return _list_answer(asked, index, group.group, group.coverage)
    found = assess(asked.words, hits, readings, calibration.ranking)
    if found is None:
        return decline(asked, hits, 0.0, Reason.NOTHING_RELATED)
    if observe is not None:
        observe(found)
    confidence = calibration.probability(found.evidence)
    if confidence < threshold:
        return decline(asked, hits, confidence, _reason(asked.words, found.best, hits))
    best, passage = found.best, hits[found.best.hit].passage
    row = (passage, best.span.unit)
    rows = rows_asked(rows_of(structure, hits[best.hit].number, row), row, asked.text, asked.words)
    if len(rows) > 1:
        return _rows_answer(asked, index, (passage, best.span), rows, confidence)
    several = asks_for_several(asked.text)
    if several:
        best = replace(best, span=enumeration(passage, best.span))
    elif rivals := rivals_of(hits, found):
        return _disagreement(asked, index, hits, (best, *rivals), confidence)

    def probability(candidate: Candidate) -> float:
        return calibration.probability(evidence_of(asked.words, hits, readings, candidate))

    further = further_of(found, hits, confidence, probability, wide=several or asks_openly(asked.text))
    cited = _cite(index, hits, (best, *further))
    shown = [best]
    if several and _is_item(hits, best):
        # Of several rows or items each says its part; of several sentences the best one says it.
        items = [candidate for candidate in (best, *further) if _is_item(hits, candidate)]
        shown = sorted(items, key=lambda c: (c.hit, c.span.start))
    text = "\n".join(dict.fromkeys(said_by(hits, candidate) for candidate in shown))
    note = NOT_COMPUTED if table_of(hits, best) and asks_to_compute(asked.text, cited[0].quote) else ""
    return Answer(asked.question, asked.standalone, text, confidence, cited, note)


def _rows_answer(
    asked: Asked, index: Index, best: tuple[Passage, ReadSpan], rows: Sequence[Item], confidence: float
) -> Answer:
    """Several rows of a table in its order: of the best one the span, of the others the cell of its column."""
    passage, span = best
    cells = passage.units[span.unit].cells
    column = next((n for n, cell in enumerate(cells) if cell.start <= span.start < cell.end), 0)
    cited = []
    for other, number in rows:
        unit = other.units[number]
        cell = unit.cells[column] if column < len(unit.cells) else unit.content
        shown = Span(span.start, span.end) if (other, number) == (passage, span.unit) else cell
        cited.append(citation(index, other, number, (shown if shown.end > shown.start else unit.content,)))
    text = "\n".join(index.sources[c.document].text[slice(*c.highlights[0])] for c in cited)
    return Answer(asked.question, asked.standalone, text, confidence, tuple(cited), f"{len(cited)} rows")


def _is_item(hits: Sequence[Hit], candidate: Candidate) -> bool:
    """Whether a candidate stands in a list item or a table row."""
    return hits[candidate.hit].passage.units[candidate.span.unit].group >= 0


def _disagreement(
    asked: Asked, index: Index, hits: Sequence[Hit], places: Sequence[Candidate], confidence: float
) -> Answer:
    """Every place with its own answer, none of them preferred in words."""
    text = "\n".join(said_by(hits, place) for place in places)
    cited = _cite(index, hits, places)
    note = f"{len(places)} places answer differently."
    return Answer(asked.question, asked.standalone, text, confidence, cited, note, disagreement=True)


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


def _cite(index: Index, hits: Sequence[Hit], candidates: Sequence[Candidate]) -> tuple[Citation, ...]:
    """A quote a candidate, each from the sentence on that it leans on, unless that one is quoted by itself."""
    cited = []
    for candidate in candidates:
        passage, unit = hits[candidate.hit].passage, candidate.span.unit
        taken = {other.span.unit for other in candidates if other.hit == candidate.hit}
        highlights = (Span(candidate.span.start, candidate.span.end),)
        cited.append(citation(index, passage, unit, highlights, first_of(passage, unit, taken)))
    return tuple(cited)


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
