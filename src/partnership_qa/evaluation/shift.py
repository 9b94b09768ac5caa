"""From questions that are made from a collection to those that people ask.

Two things differ, and each is taken for itself. People ask in other words than the text: the odds of a wrong answer to
what the texts do answer are higher. And people ask what the texts do not answer, in a share that no text tells: it is
assumed (`UNANSWERABLE_SHARE`) or given, and made questions of both kinds are weighed by it, as for a shift of labels
(Saerens et al. 2002). How far people's questions then still lie from made ones was measured on sets that people wrote
(`SHIFT`, by `benchmarks/risk.py`, which leaves each set out in turn), as a mean over sets and a spread from set to set
(DerSimonian & Laird 1986), and the interval is the one for a new set: Student's with two degrees less than there were
sets (Higgins, Thompson & Spiegelhalter 2009).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import NamedTuple

LEVEL = 0.9  # of every interval
# Of people's questions, how many the texts do not answer: between a sixth and a quarter of those of four sets.
UNANSWERABLE_SHARE = 0.2
# Student's quantile at which the upper half of what `LEVEL` leaves begins, from one degree of freedom on.
_STUDENT = (6.314, 2.920, 2.353, 2.132, 2.015, 1.943, 1.895, 1.860, 1.833, 1.812)
NORMAL = NormalDist().inv_cdf((1 + LEVEL) / 2)


@dataclass(frozen=True, slots=True)
class Effect:
    """How people's questions differ from made ones, on a logarithm.

    Attributes:
        mean: over sets of questions.
        error: standard error of the mean.
        spread: standard deviation from set to set.
        sets: how many it was measured on, three or more.

    """

    mean: float
    error: float
    spread: float
    sets: int

    @property
    def variance(self) -> float:
        """Of what a new set may show, so that a normal interval is as wide as Student's."""
        times = _STUDENT[min(self.sets - 2, len(_STUDENT)) - 1] / NORMAL
        return (self.error**2 + self.spread**2) * times**2


@dataclass(frozen=True, slots=True)
class Shift:
    """How people's questions differ from made ones.

    Attributes:
        answered: of what the texts answer, the odds of a wrong answer.
        unanswerable: of what they do not, how often it is answered all the same, beside how often the rest is rightly.

    """

    answered: Effect
    unanswerable: Effect


# Fitted by `benchmarks/risk.py`; what it says of each set, when that set is left out, stands in docs/evaluation.md.
SHIFT = Shift(Effect(0.82, 0.47, 1.17, 8), Effect(-0.42, 0.37, 0.64, 5))


class Counts(NamedTuple):
    """Questions that the texts answer, and others: all of them, those shown, and of the first those wrong."""

    answered: int
    shown: int
    wrong: int
    others: int
    others_shown: int


def expected(made: Counts, shift: Shift, unanswerable: float) -> tuple[float, float]:
    """Log-odds of a wrong answer to what people ask, and their variance.

    The odds are those among what the texts answer, and for each right answer to that the others that are shown.
    """
    mean, variance = log_odds(made.wrong, made.shown)
    mean, variance = mean + shift.answered.mean, variance + shift.answered.variance
    if not unanswerable:
        return mean, variance
    ratio, its = log_ratio(made)
    ratio += shift.unanswerable.mean + math.log(unanswerable / (1 - unanswerable))
    its += shift.unanswerable.variance
    one, other = math.exp(mean), math.exp(ratio)
    # The variance of the logarithm of a sum, to first order.
    return math.log(one + other), (one**2 * variance + other**2 * its) / (one + other) ** 2


def log_ratio(counts: Counts) -> tuple[float, float]:
    """Logarithm of how often what has no answer is shown, beside how often the rest is shown rightly, and variance."""
    right = counts.shown - counts.wrong
    mean = math.log((counts.others_shown + 0.5) / (counts.others + 1) / ((right + 0.5) / (counts.answered + 1)))
    return mean, 1 / (counts.others_shown + 0.5) + 1 / (right + 0.5)


def log_odds(wrong: int, shown: int) -> tuple[float, float]:
    """Logarithm of the odds, and its variance (Haldane 1956, Anscombe 1956: finite also where none is wrong)."""
    odd, other = wrong + 0.5, shown - wrong + 0.5
    return math.log(odd / other), 1 / odd + 1 / other


def share_of(log_odds: float) -> float:
    """The share that has these log-odds."""
    return 1 / (1 + math.exp(-log_odds))


def odds_of(share: float) -> float:
    """Log-odds of a share in [0, 1], finite at both ends."""
    share = min(max(share, 1e-9), 1 - 1e-9)
    return math.log(share / (1 - share))
