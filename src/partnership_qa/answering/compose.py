"""What was found and read to a cited answer or a refusal; the only place that compares a confidence with the threshold.

Three things may come of a question: an answer; the closest passages, where one of them may well hold it and none can be
called the answer; or that it is not in the text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..proof.saying import said_by
from ..proof.wording import NOT_COMPUTED, missing_note, parts_note, refusal, rows_note, whole_note
from ..question.form import asks_to_compute
from ..text import Span
from .candidates import further_of
from .citing import citation
from .outcome import Answer, AnswerPart, Kind, NoAnswer, Reason
from .words import column_of, whole_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..chunking import Unit
    from ..index import Store
    from ..question.words import Question
    from ..retrieval import Hit
    from .candidates import Assessment, Candidate
    from .citing import Citation
    from .confidence import Calibration
    from .structure import Group

CLOSEST = 3  # passages that are shown where none can be called the answer
# Log-odds that a question wants a sentence, from which on the sentence is said and not some words of it.
SENTENCE = 0.5
UNRELATED = 0.3  # cosine of question and passage below which nothing is called related


def compose(
    question: Question,
    index: Store,
    hits: Sequence[Hit],
    found: Assessment | None,
    calibration: Calibration,
    threshold: float,
) -> Answer | NoAnswer:
    """Answer one question from what `assess` made of the passages that were read, or decline.

    Raises:
        CitationError: a quote is not what its source holds.

    """
    if found is None:
        return decline(question, hits, 0.0, Reason.NOTHING_RELATED)
    confidence = found.likelier
    if confidence < threshold:
        reason = _reason(question, found, calibration)
        closest = _closest(index, found) if reason is Reason.DOUBTFUL else ()
        return decline(question, hits, confidence, reason, closest)
    if found.given_whole is not None:
        return _whole_answer(question, index, found.given_whole.group, confidence)
    if found.rows:
        return _rows_answer(question, index, found, confidence)
    best = found.best
    account = question.kind.sentence >= SENTENCE and not best.table
    first = citation(index, best.passage, best.span.unit, (best.unit.content,)) if account else _cite(index, best)
    others = (_cite(index, one) for one in further_of(question, found, calibration))
    note = NOT_COMPUTED if best.table and asks_to_compute(question.text, first.quote) else ""
    said = AnswerPart(_text(first), (first,))
    return _answer(question, confidence, Kind.SENTENCES if account else Kind.WORDS, (said,), note, tuple(others))


def join(question: Question, answers: Sequence[Answer | NoAnswer], texts: Sequence[str]) -> Answer | NoAnswer:
    """One answer from those of a question's parts, each quoted in its turn; a part without one is named."""
    given = [answer for answer in answers if isinstance(answer, Answer)]
    if not given:
        return max(answers, key=lambda answer: answer.confidence)
    said = tuple(part for answer in given for part in answer.parts)
    missing = [text for text, answer in zip(texts, answers, strict=True) if not answer.answered]
    note = missing_note(missing) if missing else parts_note(len(given))
    others = tuple(citation for answer in given for citation in answer.citations)
    return _answer(question, min(answer.confidence for answer in given), Kind.PARTS, said, note, others)


def decline(
    question: Question,
    hits: Sequence[Hit],
    confidence: float,
    reason: Reason,
    candidates: tuple[Citation, ...] = (),
) -> NoAnswer:
    """A refusal in one sentence, with the nearest hits."""
    section = hits[0].passage.section if hits else ()
    nearest, unknown = tuple(hits[:3]), question.words.unknown
    text = refusal(reason, unknown, section[-1] if section else "")
    return NoAnswer(question.asked, question.standalone, text, confidence, reason, nearest, unknown, candidates)


def _answer(
    question: Question,
    confidence: float,
    kind: Kind,
    said: tuple[AnswerPart, ...],
    note: str = "",
    others: tuple[Citation, ...] = (),
) -> Answer:
    """An answer of these parts, their quotes first and each quote once."""
    cited = tuple(dict.fromkeys((*(one for part in said for one in part.citations), *others)))
    text = "\n".join(dict.fromkeys(part.text for part in said))
    return Answer(question.asked, question.standalone, text, confidence, cited, note, kind, said)


def _cite(index: Store, one: Candidate) -> Citation:
    start, end = whole_words(one.passage, one.span)
    return citation(index, one.passage, one.span.unit, (Span(start, end),))


def _text(cited: Citation) -> str:
    """The highlighted words of a citation, in one line and without marks of layout."""
    return said_by(cited.quote, cited.start, cited.highlights, cited.document)


def _rows_answer(question: Question, index: Store, found: Assessment, confidence: float) -> Answer:
    """Several rows of a table in its order: of the best one the words, of the others the cell of its column."""
    best = found.best
    column, said = column_of(best.unit, best.span.start) or 0, []
    for passage, number in found.rows:
        unit = passage.units[number]
        cell = unit.cells[column] if column < len(unit.cells) else unit.content
        shown = whole_words(best.passage, best.span) if unit == best.unit else cell
        cited = citation(index, passage, number, (shown if shown.end > shown.start else unit.content,))
        said.append(AnswerPart(_text(cited), (cited,)))
    return _answer(question, confidence, Kind.ROWS, tuple(said), rows_note(len(said)))


def _whole_answer(question: Question, index: Store, group: Group, confidence: float) -> Answer:
    """Every item of a list, or every row of a table."""
    cited = [citation(index, passage, unit, _words_of(passage.units[unit])) for passage, unit in group.items]
    said = tuple(AnswerPart(_text(one), (one,)) for one in cited)
    kind, ends = Kind.ROWS if group.table else Kind.LIST, (cited[0], cited[-1])
    heading, places = group.section[-1] if group.section else "", [one.where for one in ends] if ends[0].place else ()
    note = whole_note(len(cited), kind, heading, group.nested, (ends[0].line, ends[1].line), places)
    return _answer(question, confidence, kind, said, note)


def _words_of(unit: Unit) -> tuple[Span, ...]:
    """What an item says, without bullet or bars: its content, or the cells that hold something."""
    return tuple(cell for cell in unit.cells if cell.end > cell.start) or (unit.content,)


def _closest(index: Store, found: Assessment) -> tuple[Citation, ...]:
    """The quotes that most likely hold the answer, each place once."""
    places: dict[tuple[int, int], Candidate] = {}
    for one in (found.best, *found.others):
        places.setdefault(one.place, one)
    return tuple(_cite(index, one) for one in list(places.values())[:CLOSEST])


def _reason(question: Question, found: Assessment, calibration: Calibration) -> Reason:
    if found.likelier >= calibration.doubt:
        return Reason.DOUBTFUL
    hit, words = found.best.hit, question.words
    unknown = words.content and len(words.unknown) == len(words.content)
    unrelated = hit.lexical is None and hit.similarity < UNRELATED
    return Reason.NOTHING_RELATED if unknown or unrelated else Reason.NOT_ANSWERED
