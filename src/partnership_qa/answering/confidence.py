"""From what was found and read to one calibrated probability that the answer is right.

A logistic regression (Platt 1999) over a handful of features that mean the same for any text. Its weights were fitted
by `training/calibrate.py` on questions that no reported figure uses; they are data, in `model/calibration.json`.
"""

from __future__ import annotations

import json
import math
from dataclasses import astuple, dataclass, field, fields
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from ..errors import ModelError
from ..question.kind import load_kinds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..question.kind import Kinds


@dataclass(frozen=True, slots=True)
class Features:
    """What the probability rests on; every value is finite and does not grow with the corpus.

    Attributes:
        lead: how far the best span is ahead of the best one of other words, clipped to [0, 10].
        answerable: the reader's own logit for the passage, clipped to [-8, 8].
        support: its logit that the quoted unit is part of the answer, clipped to [-8, 8].
        place: the search's score of the passage, 1 where meaning and words put it first, with what the quick look adds
            (`Ranking.proposed`); in [-1, 2].
        similarity: cosine of question and passage.
        missing_numbers: 1 where a number of the question is not in the quoted unit, its neighbours or its headings.
        row: 1 where the span stands in a table row, whose margins are lower, else 0.

    """

    lead: float
    answerable: float
    support: float
    place: float
    similarity: float
    missing_numbers: float
    row: float


FEATURES = tuple(one.name for one in fields(Features))


@dataclass(frozen=True, slots=True)
class ListFeatures:
    """What the probability rests on that a list or a table answers as a whole.

    Where several passages hold it, the one counts whose items are supported best.

    Attributes:
        support: mean of the reader's logits that its items are part of the answer, each clipped to [-8, 8].
        above: how far that is above the logit of the unit in which the best span of all stands, in [-16, 16].
        led: that of the sentence that introduces it; -4 where none was read.
        answerable: the logit that the passage answers.
        similarity: cosine of question and passage.
        pointed: 1 where the best span of all stands in it or in its lead, else 0.
        several: log-odds that the question wants several things (`question.kind`).
        table: 1 where its items are rows, one of which is mostly what is asked for, else 0.

    """

    support: float
    above: float
    led: float
    answerable: float
    similarity: float
    pointed: float
    several: float
    table: float


LIST_FEATURES = tuple(one.name for one in fields(ListFeatures))


@dataclass(frozen=True, slots=True)
class Ranking:
    """What orders passages and candidates beside the search's and the reader's own scores; all 0 and up.

    Attributes:
        proposed: of a passage's place in the search, for each unit of the quick look's logit.
        place: of a candidate's score, for the passage's whole place in the search.
        answerable: of a candidate's score, for each unit of the reader's logit that the passage answers.
        support: of a candidate's score, for each unit of the reader's logit that its unit is part of the answer.

    """

    proposed: float = 0.0
    place: float = 6.0
    answerable: float = 0.0
    support: float = 0.0


@dataclass(frozen=True, slots=True)
class Calibration:
    """Weights of the two regressions, and what their probabilities are compared with by default.

    Attributes:
        weights: one a feature, in the order of `FEATURES`.
        bias: added to their sum.
        threshold: `no_answer_threshold` where none is given.
        doubt: from this confidence on, below the threshold, the closest passages are shown, and no answer.
        further: least chance that a further place answers and the best one does not, from which on it is quoted too.
        ranking: weights that choose what is weighed.
        list_weights: one a feature, in the order of `LIST_FEATURES`.
        list_bias: added to their sum.
        kinds: tells what kind of question it is.

    """

    weights: tuple[float, ...]
    bias: float
    threshold: float
    doubt: float = 0.0
    further: float = 0.14
    ranking: Ranking = Ranking()
    list_weights: tuple[float, ...] = (0.0,) * len(LIST_FEATURES)
    list_bias: float = -30.0
    kinds: Kinds = field(default_factory=load_kinds, compare=False, repr=False)

    def probability(self, features: Features) -> float:
        """Probability in [0, 1] that the answer is right."""
        return _logistic(self.weights, self.bias, astuple(features))

    def list_probability(self, features: ListFeatures) -> float:
        """Probability in [0, 1] that a list or a table answers as a whole."""
        return _logistic(self.list_weights, self.list_bias, astuple(features))


def _logistic(weights: tuple[float, ...], bias: float, values: tuple[float, ...]) -> float:
    total = bias + sum(w * x for w, x in zip(weights, values, strict=True))
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, total))))


def calibration_of(values: Mapping[str, Any]) -> Calibration:
    """The calibration that JSON values hold; `KeyError`, `TypeError` or `ValueError` where something is missing."""
    lists = values["lists"]
    return Calibration(
        tuple(float(values["weights"][name]) for name in FEATURES),
        float(values["bias"]),
        float(values["threshold"]),
        float(values["doubt"]),
        float(values["further"]),
        Ranking(**{name: float(value) for name, value in values["ranking"].items()}),
        tuple(float(lists["weights"][name]) for name in LIST_FEATURES),
        float(lists["bias"]),
    )


@cache
def load_calibration() -> Calibration:
    """The shipped calibration.

    Raises:
        ModelError: its file is missing or damaged.

    """
    try:
        data = (resources.files("partnership_qa") / "model" / "calibration.json").read_text("utf-8")
        return calibration_of(json.loads(data))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"The calibration cannot be read ({error}); install the package again.") from error


def clipped(logit: float) -> float:
    """A logit in [-8, 8]: what is beyond is as sure as a model can be."""
    return max(-8.0, min(8.0, logit))
