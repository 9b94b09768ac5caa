"""Figures over the outcomes of questions.

HasAns and NoAns are those of SQuAD 2.0 (Rajpurkar et al. 2018), risk and coverage those of selective prediction
(El-Yaniv & Wiener 2010), and the calibration error has ten bins of equal width (Guo et al. 2017).
"""

from __future__ import annotations

import collections
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

RECALL_AT = (1, 3, 5, 10)
BINS = 10


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


def _is_right(row: Row) -> bool:
    return row.right is True


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def means(rows: Sequence[Row]) -> dict[str, float]:
    """The figures that are given by type: how many rows, and the means of what is known of them."""
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
