"""Questions with known answers put to an index: how well it finds, reads, quotes and declines.

A question set is a folder with `corpus/` and `questions.jsonl`, one question a line: `id`, `question`, `type`,
`answers` (short, verbatim), `evidence` (`document`, `start`, `end`), and perhaps `history`. A question without
evidence is unanswerable, unless it was `judged` `down`: then an outcome that says again what is `rejected` is wrong,
and of any other nothing is known. Exact match and token F1 are SQuAD's (Rajpurkar et al. 2016), HasAns and NoAns those
of SQuAD 2.0 (2018), risk and coverage those of selective prediction (El-Yaniv & Wiener 2010), and the calibration
error has ten bins of equal width (Guo et al. 2017).
"""

from __future__ import annotations

import collections
import json
import re
import string
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import PartnershipQAError, QuestionSetError
from ..question.history import checked_history
from .squad import said

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ..answering.outcome import Answer, NoAnswer
    from ..qa import QA

    Place = tuple[str, int, int]

RECALL_AT = (1, 3, 5, 10)
BINS = 10


@dataclass(frozen=True, slots=True)
class Question:
    """One line of a question set.

    Attributes:
        evidence: places that answer, all of them together.
        alternatives: other such lists of places, any one of which answers as well.
        judged: `up` or `down` where it comes from a file of judged answers, else empty.
        rejected: places that an answer which was called wrong said; empty where a refusal was.

    """

    id: str
    question: str
    type: str
    answers: tuple[str, ...]
    evidence: tuple[Place, ...]
    history: tuple[dict[str, object], ...] = ()
    alternatives: tuple[tuple[Place, ...], ...] = ()
    judged: str = ""
    rejected: tuple[Place, ...] = ()

    @property
    def places(self) -> tuple[Place, ...]:
        """Every place that answers, alone or with others."""
        return (*self.evidence, *(place for way in self.alternatives for place in way))


@dataclass(slots=True)
class Row:
    """What became of one question; `None` where a figure does not apply to it, or where it is not known."""

    id: str
    type: str
    question: str
    text: str
    answered: bool
    confidence: float
    milliseconds: float
    verbatim: list[bool]
    recall: float | None = None
    precision: float | None = None
    em: float | None = None
    f1: float | None = None
    contains: float | None = None
    complete: float | None = None
    right: bool | None = False
    judged: str = ""
    rank: int | None = None
    found: dict[int, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Rows of one set and the figures over them, each in [0, 1] unless its name says otherwise."""

    name: str
    rows: tuple[Row, ...]
    figures: dict[str, float | None]
    by_type: dict[str, dict[str, float]]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON, rounded to four digits."""
        rounded = {k: None if v is None else round(v, 4) for k, v in self.figures.items()}
        types = {t: {k: round(v, 4) for k, v in figures.items()} for t, figures in self.by_type.items()}
        return {"set": self.name, **rounded, "by_type": types}


def normalize(text: str) -> list[str]:
    """Words of an answer in SQuAD's normal form: lower case, no ASCII punctuation, no articles."""
    kept = "".join(char for char in text.lower() if char not in string.punctuation)
    return re.sub(r"\b(a|an|the)\b", " ", kept).split()


def token_f1(prediction: str, gold: str) -> float:
    """Harmonic mean of word precision and recall, in [0, 1]."""
    words, wanted = normalize(prediction), normalize(gold)
    if not words or not wanted:
        return float(words == wanted)
    same = sum((collections.Counter(words) & collections.Counter(wanted)).values())
    return 2 * same / (len(words) + len(wanted))


def overlaps(one: Place, other: Place) -> bool:
    """Whether two ranges of one document share at least half of the shorter."""
    if one[0] != other[0]:
        return False
    shared = min(one[2], other[2]) - max(one[1], other[1])
    return shared > 0 and shared >= 0.5 * min(one[2] - one[1], other[2] - other[1])


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float | None:
    """Chance that a positive is above a negative, ties half (Mann-Whitney); `None` where a side is empty."""
    if not positive or not negative:
        return None
    ranked = sorted([(value, 1) for value in positive] + [(value, 0) for value in negative])
    total, at = 0.0, 0
    while at < len(ranked):
        end = at
        while end < len(ranked) and ranked[end][0] == ranked[at][0]:
            end += 1
        total += sum(label for _, label in ranked[at:end]) * (at + 1 + end) / 2
        at = end
    n, m = len(positive), len(negative)
    return (total - n * (n + 1) / 2) / (n * m)


def risk_coverage(rows: Sequence[Row]) -> list[tuple[float, float]]:
    """Coverage and risk (share of wrong answers) as the threshold falls, over all questions of which that is known."""
    points, wrong = [], 0
    ordered = sorted((row for row in rows if row.right is not None), key=lambda row: -row.confidence)
    for number, row in enumerate(ordered, 1):
        wrong += not row.right
        points.append((number / len(ordered), wrong / number))
    return points


def reliability(rows: Sequence[Row]) -> list[tuple[float, float, int]]:
    """Mean confidence, share of right answers and number of questions of each bin that is not empty."""
    bins: dict[int, list[Row]] = collections.defaultdict(list)
    for row in rows:
        if row.right is not None:
            bins[min(BINS - 1, int(row.confidence * BINS))].append(row)
    return [
        (sum(r.confidence for r in members) / len(members), sum(map(_is_right, members)) / len(members), len(members))
        for _, members in sorted(bins.items())
    ]


def calibration_error(rows: Sequence[Row]) -> float | None:
    """Expected calibration error: distance of confidence and share of right answers, weighted by bin size."""
    bins = reliability(rows)
    known = sum(count for _, _, count in bins)
    return sum(count * abs(sure - right) for sure, right, count in bins) / known if known else None


def load_questions(set_dir: Path) -> list[Question]:
    """Questions of a set.

    Raises:
        QuestionSetError: the folder holds no `questions.jsonl`, that holds no question, or a line of it is none; the
            message names it.
    """
    path = set_dir / "questions.jsonl"
    if not path.is_file():
        what = f"{set_dir} holds no questions.jsonl" if set_dir.is_dir() else f"There is no question set at {set_dir}"
        raise QuestionSetError(f"{what}: give a folder with corpus/ and questions.jsonl, or a SQuAD 2.0 file.")
    try:
        lines = path.read_text("utf-8").split("\n")
    except ValueError as error:
        raise QuestionSetError(f"{path} is not UTF-8 text ({error}); save it as UTF-8.") from None
    questions = [_question(path, number, line) for number, line in enumerate(lines, 1) if line.strip()]
    if not questions:
        raise QuestionSetError(f"{path} holds no question: write one a line, as JSON.")
    return questions


def _question(path: Path, number: int, line: str) -> Question:
    try:
        row = json.loads(line)
        ways = tuple(tuple(map(_place, way)) for way in (row["evidence"], *row.get("alternatives", ())))
        return Question(
            str(row["id"]), _string(row["question"]), _string(row["type"]), tuple(map(_string, row["answers"])),
            ways[0], tuple(dict(message) for message in checked_history(row.get("history", []))), ways[1:],
            _string(row.get("judged", "")), tuple(map(_place, row.get("rejected", ()))),
        )  # fmt: skip
    except KeyError as error:
        what = f"{error} is missing"
    except (ValueError, TypeError, AttributeError, RecursionError, PartnershipQAError) as error:
        what = str(error)
    raise QuestionSetError(f"{path}, line {number}, is not a question ({what.rstrip('.')}); mend or remove it.")


def _place(value: dict[str, Any]) -> Place:
    document, start, end = value["document"], value["start"], value["end"]
    if not (isinstance(document, str) and isinstance(start, int) and isinstance(end, int)):
        raise TypeError("a place is a document with start and end, two whole numbers")
    return document, start, end


def _string(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no string")
    return value


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
    by_type = {kind: _means([row for row in rows if row.type == kind]) for kind in sorted({row.type for row in rows})}
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


def _is_right(row: Row) -> bool:
    return row.right is True


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _means(rows: Sequence[Row]) -> dict[str, float]:
    names = ("recall", "precision", "f1", "contains", "complete")
    figures = {"questions": float(len(rows))} | {name: _mean(getattr(row, name) for row in rows) for name in names}
    return {
        name: value
        for name, value in (figures | {"answered": _mean(r.answered for r in rows)}).items()
        if value is not None
    }


def figures_of(rows: Sequence[Row]) -> dict[str, float | None]:
    """Every figure over some rows; `None` where none of them has it."""
    answerable = [row for row in rows if row.recall is not None]
    unanswerable = [row for row in rows if row.recall is None and row.judged != "down"]
    judged = any(row.judged for row in rows)
    down = [row for row in rows if row.judged == "down"]
    times = sorted(row.milliseconds for row in rows)
    risks = risk_coverage(rows)
    return {
        "questions": len(rows),
        "answerable": len(answerable),
        "unanswerable": len(unanswerable),
        "thumbs_up": len(rows) - len(down) if judged else None,
        "thumbs_down": len(down) if judged else None,
        "wrong_again": sum(row.f1 is not None for row in down) if judged else None,
        "verbatim": _mean(v for row in rows for v in row.verbatim),
        "evidence_recall": _mean(row.recall for row in answerable),
        "evidence_precision": _mean(row.precision for row in answerable if row.answered),
        "em": _mean(row.em for row in rows),
        "f1": _mean(row.f1 for row in rows),
        "contains": _mean(row.contains for row in rows),
        "complete": _mean(row.complete for row in rows),
        "answered": _mean(row.answered for row in answerable),
        "refused": _mean(not row.answered for row in unanswerable),
        "auroc": auroc([row.confidence for row in answerable], [row.confidence for row in unanswerable]),
        "has_answer_f1": _mean(row.f1 for row in answerable),
        "no_answer_accuracy": _mean(not row.answered for row in unanswerable),
        **{f"retriever_recall@{k}": _mean(row.found.get(k) for row in answerable) for k in RECALL_AT},
        "retriever_mrr": _mean(1 / row.rank if row.rank else 0.0 for row in answerable),
        **{f"risk@{int(c * 100)}%": _risk_at(risks, c) for c in (0.5, 0.8, 1.0)},
        "calibration_error": calibration_error(rows),
        "p50_ms": times[len(times) // 2] if times else None,
        "p95_ms": times[int(len(times) * 0.95)] if times else None,
    }


def _risk_at(points: Sequence[tuple[float, float]], coverage: float) -> float | None:
    """Risk of the smallest coverage that is at least the one asked for."""
    return next((risk for covered, risk in points if covered >= coverage - 1e-9), None)
