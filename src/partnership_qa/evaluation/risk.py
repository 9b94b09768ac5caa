"""A risk card: how often answers from one collection are wrong, by the threshold from which on they are shown.

The reader is asked questions that are made from the collection (`made`), those that people judged there, if any, and
from the share of wrong answers among what it would show a threshold is set.

*The interval.* The share wrong among the made questions that are shown at a threshold is a binomial share, and its
interval is Clopper and Pearson's (1934), which holds at any number of questions, without an approximation. Conformal
risk control (Angelopoulos et al. 2022) was not taken: it bounds the mean of a loss that never grows with the threshold,
such as the share of *all* questions that are answered wrongly, and not the share of what is *shown*, which people feel
and which may grow; and it gives no interval for this collection.

*From made to people's questions.* Made questions repeat the words of the text and are easier. No bound that is computed
from them alone holds for what people ask. What people's questions add to the odds of a wrong answer was measured on
sets of questions that people wrote, with a spread from set to set (`SHIFT`, by `benchmarks/risk.py`); the odds that the
made questions give are multiplied by it, and its spread widens the interval. Questions that people judged in this
collection count as they are: they take the place of the shift as they become more.

*The threshold* is the lowest from which on the expected share wrong of people's questions is at most what is asked for,
at it and at every higher one at which enough questions are shown.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

from ..answering.outcome import Answer
from .metrics import Question, normalize, overlaps

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..answering.outcome import NoAnswer
    from ..qa import QA

LEVEL = 0.9  # of the interval
QUESTIONS = 120
MIN_SHOWN = 10  # made questions that must be shown at a threshold for it to be taken
GRID = tuple(round(step / 100, 2) for step in range(2, 100, 2))


@dataclass(frozen=True, slots=True)
class Shift:
    """What people's questions add to the logarithm of the odds of a wrong answer, beside made ones.

    Attributes:
        mean: over collections.
        spread: standard deviation from collection to collection.

    """

    mean: float
    spread: float


# Fitted by `benchmarks/risk.py` on three sets that report nothing of it (handbooks, partnership, tables). Three are too
# few for the spread: it is how far people's log-odds lie from what confidence says, over these and two further sets.
SHIFT = Shift(0.44, 0.8)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that was asked: its kind, the confidence of its best answer, and whether that is right.

    `people` says that a person put it, and not a program.
    """

    kind: str
    confidence: float
    right: bool
    people: bool = False


@dataclass(frozen=True, slots=True)
class Point:
    """What a threshold would do; shares in [0, 1].

    Attributes:
        threshold: least confidence that is shown.
        shown, wrong: of the made questions, how many are shown, and how many of these are wrong.
        coverage: share of the made questions that is shown.
        risk: share wrong that is expected of what people ask.
        low, high: its interval, at `LEVEL`.

    """

    threshold: float
    shown: int
    wrong: int
    coverage: float
    risk: float
    low: float
    high: float


def is_right(question: Question, outcome: Answer | NoAnswer) -> bool:
    """Whether an answer is right: a quote that it says is evidence, a short answer stands in it, lists are whole."""
    if not isinstance(outcome, Answer) or not question.evidence:
        return False
    cited = [(c.document, c.start, c.end) for c in outcome.citations]
    said = cited[: max(1, len(outcome.parts))]
    if not any(overlaps(place, one) for place in question.places for one in said):
        return False
    if question.type in ("list", "multi"):
        ways = (question.evidence, *question.alternatives)
        return any(all(any(overlaps(place, c) for c in cited) for place in way) for way in ways)
    text = f" {' '.join(normalize(outcome.text))} "
    return not question.answers or any(f" {' '.join(normalize(answer))} " in text for answer in question.answers)


def ask(
    qa: QA, questions: Iterable[Question], *, people: bool = False, progress: Callable[[int], None] | None = None
) -> list[Asked]:
    """What comes of questions where everything is shown; a question of which that is not known is left out.

    Of a question that somebody judged wrong (`judged` is "down") only the same wrong answer is known to be wrong.
    """
    asked = []
    for number, question in enumerate(questions, 1):
        outcome = qa.answer(question.question, history=question.history, no_answer_threshold=0.0)
        right: bool | None = is_right(question, outcome)
        if question.judged == "down":
            cited = [(c.document, c.start, c.end) for c in outcome.citations[:1]]
            right = False if any(overlaps(place, c) for place in question.rejected for c in cited) else None
        if right is not None:
            asked.append(Asked(question.type, outcome.confidence if outcome.answered else 0.0, right, people))
        if progress is not None:
            progress(number)
    return asked


def clopper_pearson(wrong: int, shown: int, level: float = LEVEL) -> tuple[float, float]:
    """The interval of a binomial share (Clopper & Pearson 1934), [0, 1] where nothing was seen.

    Each end is where the tail beyond what was seen has half of what the level leaves; found by bisection.

    Args:
        wrong: from 0 to `shown`.
        shown: 0 and up.
        level: in (0, 1).

    """
    tail = (1 - level) / 2
    low = 0.0 if wrong == 0 else _bisected(lambda p: 1 - binomial(wrong - 1, shown, p), tail)
    high = 1.0 if wrong == shown else _bisected(lambda p: -binomial(wrong, shown, p), -tail)
    return low, high


def binomial(most: int, count: int, share: float) -> float:
    """Probability of at most `most` of `count` where each comes true with probability `share`."""
    if share <= 0.0 or share >= 1.0:
        return float(share <= 0.0 or most >= count)
    log, other = math.log(share), math.log1p(-share)
    whole = math.lgamma(count + 1)
    terms = (
        whole - math.lgamma(k + 1) - math.lgamma(count - k + 1) + k * log + (count - k) * other for k in range(most + 1)
    )
    return min(1.0, math.fsum(math.exp(term) for term in terms))


def _bisected(rising: Callable[[float], float], value: float) -> float:
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < value else (low, middle)
    return (low + high) / 2


def curve(asked: Sequence[Asked], shift: Shift | None = None) -> tuple[Point, ...]:
    """What each threshold of `GRID` would do, the lowest first."""
    made, people = [one for one in asked if not one.people], [one for one in asked if one.people]
    return tuple(_point(threshold, made, people, shift or SHIFT) for threshold in GRID)


def _point(threshold: float, made: Sequence[Asked], people: Sequence[Asked], shift: Shift) -> Point:
    shown = [one for one in made if one.confidence >= threshold]
    wrong = sum(not one.right for one in shown)
    judged = [one for one in people if one.confidence >= threshold]
    risk, low, high = expected(wrong, len(shown), sum(not one.right for one in judged), len(judged), shift)
    return Point(threshold, len(shown), wrong, len(shown) / len(made) if made else 0.0, risk, low, high)


def expected(wrong: int, shown: int, judged_wrong: int, judged: int, shift: Shift) -> tuple[float, float, float]:
    """Share wrong that is expected of people's questions, with both ends of its interval at `LEVEL`.

    Log-odds of made questions with the shift, and log-odds of judged ones, each weighed by the inverse of its variance
    (as a random-effects summary does: DerSimonian & Laird 1986; the interval is the one for
    a new collection: Higgins, Thompson & Spiegelhalter 2009).
    """
    mean, variance = _log_odds(wrong, shown)
    mean, variance = mean + shift.mean, variance + shift.spread**2
    if judged:
        theirs, its = _log_odds(judged_wrong, judged)
        mean = (mean / variance + theirs / its) / (1 / variance + 1 / its)
        variance = 1 / (1 / variance + 1 / its)
    half = NormalDist().inv_cdf((1 + LEVEL) / 2) * math.sqrt(variance)
    return _share(mean), _share(mean - half), _share(mean + half)


def _log_odds(wrong: int, shown: int) -> tuple[float, float]:
    """Logarithm of the odds, and its variance (Haldane 1956, Anscombe 1956: finite also where none is wrong)."""
    odd, other = wrong + 0.5, shown - wrong + 0.5
    return math.log(odd / other), 1 / odd + 1 / other


def _share(log_odds: float) -> float:
    return 1 / (1 + math.exp(-log_odds))


def chosen(points: Sequence[Point], at_most: float) -> Point | None:
    """The lowest threshold from which on what is expected to be wrong is at most `at_most`, and enough is shown.

    `None` where there is none: then no threshold keeps this.
    """
    best: Point | None = None
    for point in sorted(points, key=lambda point: -point.threshold):
        if point.shown < MIN_SHOWN:
            continue
        if point.risk > at_most:
            break
        best = point
    return best
