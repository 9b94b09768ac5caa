"""A risk card: how often answers from one collection are wrong, by the threshold from which on they are shown.

The reader is asked questions that are made from the collection (`made`), those that people judged there, if any, and
from the share of wrong answers among what it would show a threshold is set.

*Of the made questions* the share wrong at a threshold is a binomial share, and its interval is Clopper and Pearson's
(1934), which holds at any number of questions. Conformal risk control (Angelopoulos et al. 2022) was not taken: it
bounds the mean of a loss that never grows with the threshold, such as the share of *all* questions that are answered
wrongly, and not the share of what is *shown*, which people feel and which may grow; and it wants questions that are
drawn as people's are, which made ones are not.

*From made to people's questions*: see `shift`. Questions that people judged in this collection count as they are, and
weigh more as they become more.

*The threshold* is the lowest from which on the expected share wrong of people's questions is at most what is asked for,
at it and at every higher one at which enough questions are shown and any of them is wrong.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate
from statistics import NormalDist
from typing import TYPE_CHECKING

from ..answering.outcome import Answer
from .made import UNANSWERABLE
from .matching import normalize, overlaps
from .shift import (
    LEVEL,
    NORMAL,
    SHIFT,
    UNANSWERABLE_SHARE,
    Counts,
    Shift,
    expected,
    log_odds,
    odds_of,
    share_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..answering.outcome import NoAnswer
    from ..qa import QA
    from .question_set import Question

QUESTIONS = 120
MIN_SHOWN = 10  # made questions that must be shown at a threshold for it to be taken
FEARED = 2.0  # how many times what is allowed the upper end may be, of a card that is relied on
NO_ANSWER = (UNANSWERABLE, "unanswerable")  # kinds of questions without one: made, and of a set of people's
_STEPS = 100
GRID = tuple(round(step / 100, 2) for step in range(2, 100, 2))


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
    return min(1.0, math.fsum(_binomials(count, share)[: most + 1]))


def _binomials(count: int, share: float) -> list[float]:
    """Probability of each number of `count` from 0 on, where each comes true with a probability inside (0, 1)."""
    log, other, whole = math.log(share), math.log1p(-share), math.lgamma(count + 1)
    return [
        math.exp(whole - math.lgamma(k + 1) - math.lgamma(count - k + 1) + k * log + (count - k) * other)
        for k in range(count + 1)
    ]


def _bisected(rising: Callable[[float], float], value: float) -> float:
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < value else (low, middle)
    return (low + high) / 2


def curve(
    asked: Sequence[Asked], shift: Shift | None = None, unanswerable: float = UNANSWERABLE_SHARE
) -> tuple[Point, ...]:
    """What each threshold of `GRID` would do, the lowest first.

    Args:
        asked: made questions, and those that people judged.
        shift: from the one to the other; `None` takes the one that was measured.
        unanswerable: share of people's questions that the texts do not answer, in [0, 1).

    """
    return tuple(_point(threshold, asked, shift or SHIFT, unanswerable) for threshold in GRID)


def _point(threshold: float, asked: Sequence[Asked], shift: Shift, unanswerable: float) -> Point:
    made, people = [one for one in asked if not one.people], [one for one in asked if one.people]
    shown = [one for one in made if one.confidence >= threshold]
    judged = [one for one in people if one.confidence >= threshold]
    mean, variance = expected(counted(made, threshold), shift, unanswerable)
    if judged:
        mean, variance = _joined(mean, variance, *log_odds(sum(not one.right for one in judged), len(judged)))
    half = NORMAL * math.sqrt(variance)
    risk, low, high = (share_of(at) for at in (mean, mean - half, mean + half))
    wrong = sum(not one.right for one in shown)
    return Point(threshold, len(shown), wrong, len(shown) / len(made) if made else 0.0, risk, low, high)


def _joined(mean: float, variance: float, other: float, its: float) -> tuple[float, float]:
    """Two estimates of one thing, each weighed by the inverse of its variance."""
    both = 1 / variance + 1 / its
    return (mean / variance + other / its) / both, 1 / both


def counted(asked: Sequence[Asked], threshold: float) -> Counts:
    """What is shown of some questions from a threshold on."""
    others = [one for one in asked if one.kind in NO_ANSWER]
    answered = [one for one in asked if one.kind not in NO_ANSWER]
    shown = [one for one in answered if one.confidence >= threshold]
    return Counts(
        len(answered), len(shown), sum(not one.right for one in shown), len(others),
        sum(one.confidence >= threshold for one in others),
    )  # fmt: skip


def among(point: Point, count: int) -> tuple[int, int]:
    """How many of the next answers that are shown will be wrong, at `LEVEL`: at least, and at most.

    Both what is not known of the share and the chance among so few are in it: a binomial count, mixed over the share.
    """
    mean = odds_of(point.risk)
    deviation = (odds_of(point.high) - odds_of(point.low)) / (2 * NORMAL)
    steps = [(number + 0.5) / _STEPS for number in range(_STEPS)]
    shares = [share_of(mean + deviation * NormalDist().inv_cdf(step)) for step in steps]
    chances = [0.0] * (count + 1)
    for share in shares:
        chances = [chance + one / _STEPS for chance, one in zip(chances, _binomials(count, share), strict=True)]
    sums, tail = list(accumulate(chances)), (1 - LEVEL) / 2
    least = next((wrong for wrong, so_far in enumerate(sums) if so_far > tail), count)
    most = next((wrong for wrong, so_far in enumerate(sums) if so_far >= 1 - tail), count)
    return least, most


def relied_on(point: Point, at_most: float) -> bool:
    """Whether a threshold keeps what is asked for within reason: no more than twice that is to be feared."""
    return point.high <= FEARED * at_most


def judgements_needed(point: Point, at_most: float) -> int | None:
    """How many answers shown at a threshold people must judge before it can be relied on; `None` beyond a thousand.

    As if the share wrong among them were the one that is expected.
    """
    mean = odds_of(point.risk)
    variance = ((odds_of(point.high) - odds_of(point.low)) / (2 * NORMAL)) ** 2
    for count in range(10, 1001, 10):
        joined, less = _joined(mean, variance, *log_odds(round(count * point.risk), count))
        if share_of(joined + NORMAL * math.sqrt(less)) <= FEARED * at_most:
            return count
    return None


def chosen(points: Sequence[Point], at_most: float) -> Point | None:
    """The lowest threshold from which on what is expected to be wrong is at most `at_most`, and enough is shown.

    A higher one at which too much is expected says nothing against it where none of what was shown is wrong: that is
    for being few. `None` where there is none: then no threshold keeps this.
    """
    best: Point | None = None
    for point in sorted(points, key=lambda point: -point.threshold):
        if point.shown < MIN_SHOWN:
            continue
        if point.risk <= at_most:
            best = point
        elif point.wrong:
            break
    return best
