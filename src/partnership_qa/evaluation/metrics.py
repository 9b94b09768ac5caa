"""Questions with known answers put to an index: how well it finds, reads, quotes and declines.

The questions are those of `question_set`, words and places are compared by `matching`, and `figures` adds up.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from .figures import (
    BINS,
    RECALL_AT,
    Evaluation,
    Row,
    auroc,
    calibration_error,
    figures_of,
    means,
    reliability,
    risk_coverage,
)
from .matching import Place, normalize, overlaps, token_f1
from .question_set import Question, load_questions
from .squad import said

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from ..answering.outcome import Answer, NoAnswer
    from ..qa import QA

__all__ = [
    "BINS", "RECALL_AT", "Evaluation", "Place", "Question", "Row", "auroc", "calibration_error", "evaluate",
    "figures_of", "load_questions", "normalize", "overlaps", "reliability", "risk_coverage", "token_f1",
]  # fmt: skip


def evaluate(
    qa: QA,
    set_dir: Path,
    questions: Iterable[Question],
    *,
    threshold: float | None = None,
    progress: Callable[[int], None] | None = None,
) -> Evaluation:
    """Ask every question and score what comes back.

    Args:
        qa: an index of `set_dir/corpus`.
        set_dir: the question set.
        questions: of that set.
        threshold: `no_answer_threshold` of every question; `None` takes the calibrated one.
        progress: called with the number of questions asked so far.
    """
    sources: dict[str, str] = {}

    def source(name: str) -> str:
        if name not in sources:
            sources[name] = (set_dir / "corpus" / name).read_bytes().decode("utf-8")
        return sources[name]

    rows = []
    for question in questions:
        rows.append(_ask(qa, question, source, threshold))
        if progress is not None:
            progress(len(rows))
    by_type = {kind: means([row for row in rows if row.type == kind]) for kind in sorted({row.type for row in rows})}
    return Evaluation(set_dir.name, tuple(rows), figures_of(rows), by_type)


def _ask(qa: QA, question: Question, source: Callable[[str], str], threshold: float | None) -> Row:
    begun = time.perf_counter()
    result = qa.answer(question.question, history=question.history, no_answer_threshold=threshold)
    spent = (time.perf_counter() - begun) * 1e3
    cited = [(c.document, c.start, c.end) for c in result.citations]
    verbatim = [source(c.document)[c.start : c.end] == c.quote for c in result.citations]
    row = Row(
        question.id, question.type, question.question, result.text, result.answered, result.confidence, spent, verbatim,
        judged=question.judged,
    )  # fmt: skip
    if question.judged == "down":
        _judge_again(qa, question, result, row)
        return row
    if not question.evidence:
        return row
    ways = (question.evidence, *question.alternatives)
    row.recall = max(sum(any(overlaps(gold, c) for c in cited) for gold in way) / len(way) for way in ways)
    if cited:
        row.precision = sum(any(overlaps(gold, c) for gold in question.places) for c in cited) / len(cited)
    several = question.type in ("list", "multi")
    if several:
        row.complete = float(row.recall == 1.0)
    elif question.answers:
        shown = result.text if result.answered else ""
        row.f1 = max(token_f1(shown, answer) for answer in question.answers)
        row.em = float(any(normalize(shown) == normalize(answer) for answer in question.answers))
        padded = f" {' '.join(normalize(shown))} "
        row.contains = float(any(f" {' '.join(normalize(answer))} " in padded for answer in question.answers))
    _find(qa, question, result.standalone_question or question.question, row)
    # An answer counts as right where half of its words are, or, without accepted words, where its evidence is cited.
    # The best guess of a refused question counts too: the confidence is about that guess.
    row.right = _best_guess_right(qa, question, result.answered, row)
    return row


def _judge_again(qa: QA, question: Question, result: Answer | NoAnswer, row: Row) -> None:
    """What is known of an outcome of a question of which only a wrong one is: that it is wrong where it is the same."""
    guess = result
    if question.rejected and not result.answered:
        guess = qa.answer(question.question, history=question.history, no_answer_threshold=0.0)
    places = [(c.document, c.highlights[0].start, c.highlights[-1].end) for c in said(guess)]
    again = any(overlaps(wrong, place) for wrong in question.rejected for place in places)
    row.right = False if again else None
    if (again and result.answered) or not (question.rejected or result.answered):
        row.em = row.f1 = row.contains = 0.0


def _best_guess_right(qa: QA, question: Question, answered: bool, row: Row) -> bool:
    if answered:
        return row.f1 >= 0.5 if row.f1 is not None else (row.recall or 0.0) >= 0.5
    guess = qa.answer(question.question, history=question.history, no_answer_threshold=0.0)
    if question.answers and row.complete is None:
        return max(token_f1(guess.text if guess.answered else "", answer) for answer in question.answers) >= 0.5
    cited = [(c.document, c.start, c.end) for c in guess.citations]
    return any(overlaps(gold, c) for gold in question.places for c in cited)


def _find(qa: QA, question: Question, query: str, row: Row) -> None:
    """Where the evidence stands among the passages found."""
    places = [(h.passage.document, h.passage.start, h.passage.end) for h in qa.search(query, k=max(RECALL_AT))]
    holds = [[overlaps(gold, place) for gold in question.evidence] for place in places]
    row.rank = next((number for number, held in enumerate(holds, 1) if any(held)), None)
    for k in RECALL_AT:
        row.found[k] = sum(any(h[g] for h in holds[:k]) for g in range(len(question.evidence))) / len(question.evidence)
