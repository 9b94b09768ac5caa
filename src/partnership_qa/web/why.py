"""How an answer came about, as HTML: what was found, what was read in it, how sure, how long; and the search bench."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..answering import Answer
from .markup import esc, plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..retrieval import Hit
    from .turns import Turn

_SHOWN = 90


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


def why_panel(turn: Turn, considered: Sequence[Considered]) -> str:
    """Everything that one outcome rests on.

    Args:
        turn: question and outcome.
        considered: what the reader pointed at, best first; empty where the index has changed since.

    """
    result = turn.result
    if result is None:
        return ""
    outcome = "Answered" if isinstance(result, Answer) else "Declined"
    facts = {
        "Outcome": f"{outcome}: confidence {result.confidence:.3f}, threshold {turn.threshold:.3f}",
        "Searched for": turn.asked,
        "Searched": f"{plural(turn.passages, 'passage')} of {plural(turn.documents, 'document')}",
        "Time": f"{turn.seconds * 1000:.0f} ms",
        "Generation": turn.generation,
    }
    if isinstance(result, Answer) and result.note:
        facts["Structure"] = result.note
    listed = "".join(f"<dt>{esc(name)}</dt><dd dir='auto'>{esc(value)}</dd>" for name, value in facts.items())
    spans = "".join(
        f"<li><span dir='auto'>{_short(one.words)}</span> <span class='pq-hint'>in passage {one.rank}, "
        f"margin {one.score:+.2f}</span></li>"
        for one in considered
    )
    read = f"<h3>Read in them</h3><ol class='pq-spans'>{spans}</ol>" if spans else ""
    hint = "<p class='pq-hint'>A margin above 0 means: rather these words than none.</p>" if spans else ""
    return (
        f"<div class='pq-why' tabindex='0' role='region' aria-label='How this came about'><h2>How this came about</h2>"
        f"<dl>{listed}</dl><h3>Passages found</h3>{hits_table(turn.hits)}{read}{hint}</div>"
    )
