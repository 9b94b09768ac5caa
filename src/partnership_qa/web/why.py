"""How an answer came about, as HTML: what was found, what was read in it, how sure, how long; and the search bench."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..answering.outcome import Answer
from .markup import esc, plural

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..answering.candidates import Assessment
    from ..retrieval import Hit
    from ..trace import Part, Stage
    from .turns import Turn

_SHOWN = 90
SPANS_SHOWN = 8
# The features that a reader of the page can follow; `confidence.Features` says what each of them is.
_EVIDENCE = {
    "margin": "Reader: these words rather than none", "support": "Reader: this quote is part of the answer",
    "answerable": "Reader: this passage answers", "proposed": "Quick look: this passage answers",
    "lead": "Lead over other words",
    "similarity": "Similarity of question and passage", "passage_coverage": "Question words in the passage",
    "sentence_coverage": "Question words in the quote", "missing_names": "Names and numbers missing",
    "unknown": "Words unknown to the texts", "agreement": "Said elsewhere too",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Considered:
    """Words that the reader pointed at: their passage's rank, the words, and its score for them."""

    rank: int
    words: str
    score: float


def hits_table(hits: Sequence[Hit]) -> str:
    """Ranked passages with what each half of the search gave them."""
    rows = "".join(
        f"<tr><td>{rank}</td><td dir='auto'>{_short(hit.passage.text)}<br><span class='pq-hint'>"
        f"<bdi>{esc(hit.passage.document)}</bdi>, line {hit.passage.line}</span></td>"
        f"<td>{hit.score:.3f}</td><td>{hit.similarity:.3f}</td>"
        f"<td>{'–' if hit.lexical is None else f'{hit.lexical:.2f}'}</td></tr>"  # noqa: RUF001
        for rank, hit in enumerate(hits, 1)
    )
    return (
        "<div class='pq-table pq-scores' tabindex='0' role='region' aria-label='Passages found'><table><thead><tr>"
        "<th scope='col'>Rank</th><th scope='col'>Passage</th><th scope='col'>Score</th>"
        "<th scope='col'>Similarity</th><th scope='col'>Words</th></tr></thead>"
        f"<tbody>{rows}</tbody></table></div>"
        "<p class='pq-hint'>Similarity is the cosine of question and passage, Words their BM25 score; "
        "Score puts both together and orders the list.</p>"
    )


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return esc(flat if len(flat) <= _SHOWN else flat[:_SHOWN].rsplit(" ", 1)[0] + " …")


def considered(turn: Turn) -> list[Considered]:
    """The words that the reader pointed at for a turn, best first."""
    found = [
        Considered(rank, hit.passage.between(span.start, span.end), span.score)
        for part in (turn.trace.parts if turn.trace is not None else ())
        for rank, (hit, reading) in enumerate(zip(part.hits, part.readings, strict=False), 1)  # or none is read
        for span in reading.spans
    ]
    return sorted(found, key=lambda one: -one.score)[:SPANS_SHOWN]


def why_panel(turn: Turn) -> str:
    """Everything that one outcome rests on; nothing was searched or read again for it."""
    result, trace = turn.result, turn.trace
    if result is None or trace is None:
        return ""
    outcome = "Answered" if isinstance(result, Answer) else "Declined"
    facts = {
        "Outcome": f"{outcome}: confidence {result.confidence:.3f}, threshold {turn.threshold:.3f}",
        "Searched for": " / ".join(part.text for part in trace.parts),
        "Searched": f"{plural(turn.passages, 'passage')} of {plural(turn.documents, 'document')}",
        "Time": milliseconds(trace.seconds),
        "Generation": turn.generation,
    }
    if isinstance(result, Answer) and result.note:
        facts["Structure"] = result.note
    listed = "".join(f"<dt>{esc(name)}</dt><dd dir='auto'>{esc(value)}</dd>" for name, value in facts.items())
    parts = "".join(_part(part, alone=len(trace.parts) == 1) for part in trace.parts)
    return (
        f"<div class='pq-why' tabindex='0' role='region' aria-label='How this came about'><h2>How this came about</h2>"
        f"<dl>{listed}</dl>{parts}{_spans(considered(turn))}</div>"
    )


def milliseconds(seconds: Mapping[Stage, float]) -> str:
    """Each stage with its time, and their sum."""
    stages = ", ".join(f"{stage.value} {spent * 1000:.0f}" for stage, spent in seconds.items())
    return f"{sum(seconds.values()) * 1000:.0f} ms ({stages})"


def _part(part: Part, *, alone: bool) -> str:
    title = "" if alone else f": <q dir='auto'>{esc(part.text)}</q>"
    return f"<h3>Passages found{title}</h3>{hits_table(part.hits)}{_evidence(part.assessment)}"


def _evidence(found: Assessment | None) -> str:
    """What the confidence was worked out from, as a small table; nothing where a list or a table answers whole."""
    if found is None:
        return ""
    rows = "".join(
        f"<tr><th scope='row'>{_EVIDENCE[name]}</th><td>{getattr(found.evidence, name):.2f}</td></tr>"
        for name in _EVIDENCE
    )
    return (
        "<h3>Evidence</h3><div class='pq-table pq-scores' tabindex='0' role='region' aria-label='Evidence'>"
        f"<table><tbody>{rows}</tbody></table></div>"
    )


def _spans(found: Sequence[Considered]) -> str:
    if not found:
        return ""
    spans = "".join(
        f"<li><span dir='auto'>{_short(one.words)}</span> <span class='pq-hint'>in passage {one.rank}, "
        f"margin {one.score:+.2f}</span></li>"
        for one in found
    )
    return (
        f"<h3>Read in them</h3><ol class='pq-spans'>{spans}</ol>"
        "<p class='pq-hint'>A margin above 0 means: rather these words than none.</p>"
    )
