"""How an answer came about: what was found, what was read in it, how sure, how long; and the search bench."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...answering.confidence import FEATURES, LIST_FEATURES, load_calibration
from ...answering.outcome import Answer
from ...index import when
from ...sources.markdown_inline import unsigned
from .rendering import plural, render

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ...answering.candidates import Assessment
    from ...retrieval import Hit
    from ...trace import Stage
    from ..turns import Turn

SPANS_SHOWN = 8
# The features that a reader of the page can follow; `answering.confidence` says what each of them is.
_EVIDENCE = {
    "support": "Reader: this quote is part of the answer", "answerable": "Reader: this passage answers",
    "lead": "Lead over other words", "place": "Place of the passage in the search",
    "similarity": "Similarity of question and passage",
    "missing_numbers": "A number missing near the quote", "row": "In a row of a table",
}  # fmt: skip
_LIST_EVIDENCE = {
    "support": "Reader: its items are part of the answer, in the mean",
    "above": "Reader: more so than the best words", "led": "Reader: so is its lead",
    "answerable": "Reader: its passages answer", "similarity": "Similarity of question and passage",
    "pointed": "Reader: its best words stand there", "several": "Several things are asked for",
    "table": "Its items are rows of a table",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Considered:
    """Words that the reader pointed at: their passage's rank, the words, and its score for them."""

    rank: int
    words: str
    score: float


def hits_table(hits: Sequence[Hit]) -> str:
    """Ranked passages with what each half of the search gave them."""
    return render("hits.html", hits=hits)


def considered(turn: Turn) -> list[Considered]:
    """The words that the reader pointed at for a turn, best first."""
    found = [
        Considered(rank, unsigned(hit.passage.between(span.start, span.end), hit.passage.document), span.score)
        for part in (turn.trace.parts if turn.trace is not None else ())
        for rank, (hit, reading) in enumerate(zip(part.hits, part.readings, strict=False), 1)  # or none is read
        for span in reading.spans
    ]
    return sorted(found, key=lambda one: -one.score)[:SPANS_SHOWN]


def why_panel(turn: Turn, place: int = 0) -> str:
    """Everything that the outcome of the turn at `place` rests on; nothing was searched or read again for it."""
    result, trace = turn.result, turn.trace
    if result is None or trace is None:
        return ""
    outcome = "Answered" if isinstance(result, Answer) else "Declined"
    facts = {
        "Outcome": f"{outcome}: confidence {result.confidence:.3f}, threshold {turn.threshold:.3f}",
        "Searched for": " / ".join(part.text for part in trace.parts),
        "Searched": f"{plural(turn.passages, 'passage')} of {plural(turn.documents, 'document')}",
        "Time": milliseconds(trace.seconds),
        "Version of the texts": when(turn.generation) or turn.generation,
    }
    if isinstance(result, Answer) and result.note:
        facts["Structure"] = result.note
    parts = [(part, _evidence(part.assessment)) for part in trace.parts]
    return render("why.html", place=place, facts=facts, parts=parts, considered=considered(turn))


def milliseconds(seconds: Mapping[Stage, float]) -> str:
    """Each stage with its time, and their sum."""
    stages = ", ".join(f"{stage.value} {spent * 1000:.0f}" for stage, spent in seconds.items())
    return f"{sum(seconds.values()) * 1000:.0f} ms ({stages})"


def _evidence(found: Assessment | None) -> dict[str, float]:
    """What the confidence rests on and what weighs in it: of a list or table where that is the likelier answer."""
    if found is None:
        return {}
    calibration = load_calibration()
    if found.given_whole is not None:
        weights = dict(zip(LIST_FEATURES, calibration.list_weights, strict=True))
        whole = found.given_whole.evidence
        return {words: getattr(whole, name) for name, words in _LIST_EVIDENCE.items() if weights[name]}
    weights = dict(zip(FEATURES, calibration.weights, strict=True))
    return {words: getattr(found.evidence, name) for name, words in _EVIDENCE.items() if weights[name]}
