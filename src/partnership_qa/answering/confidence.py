"""From what was found and read to one calibrated probability that the answer is right.

A logistic regression (Platt 1999) over a handful of features that mean the same for any text. Its weights were fitted
by `training/calibrate.py` on questions that no reported figure uses; they are data, in `model/calibration.json`.
"""

from __future__ import annotations

import json
import math
from dataclasses import astuple, dataclass, fields
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from ..errors import ModelError
from ..question.form import coverage
from ..text import terms

if TYPE_CHECKING:
    from ..chunking import Passage
    from ..question.form import QuestionWords
    from ..reading import Reading, ReadSpan
    from ..retrieval import Hit


@dataclass(frozen=True, slots=True)
class Features:
    """What the probability rests on; every value is finite and does not grow with the corpus.

    Attributes:
        margin: score of the best span over "no answer", clipped to [-15, 15].
        lead: how far it is ahead of the best span of other words, clipped to [0, 10].
        answerable: the reader's own logit for the passage, clipped to [-8, 8].
        support: its logit that the quoted unit is part of the answer, clipped to [-8, 8].
        proposed: logit of the quick look that the passage answers, clipped to [-8, 8].
        similarity: cosine of question and passage.
        passage_coverage: share of the question's content words in the passage or its headings; rare words weigh more.
        sentence_coverage: the same for the quoted sentence, item or row with its headings.
        missing_names: share of the question's names and numbers that are not in the passage or its headings.
        missing_numbers: 1 where a number of the question is not in the quoted unit, its neighbours or its headings.
        unknown: share of the question's content words that occur nowhere in the corpus.
        agreement: 1 where another passage gives the same words, else 0.
        row: 1 where the span stands in a table row, whose margins are lower, else 0.

    """

    margin: float
    lead: float
    answerable: float
    support: float
    proposed: float
    similarity: float
    passage_coverage: float
    sentence_coverage: float
    missing_names: float
    missing_numbers: float
    unknown: float
    agreement: float
    row: float


FEATURES = tuple(field.name for field in fields(Features))


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
    """Weights of the regression and the threshold that its probabilities are compared with by default.

    Attributes:
        ranking: weights that choose what is weighed.
        weights: one a feature, in the order of `FEATURES`.
        bias: added to their sum.
        threshold: `no_answer_threshold` where none is given.

    """

    weights: tuple[float, ...]
    bias: float
    threshold: float
    ranking: Ranking = Ranking()

    def probability(self, features: Features) -> float:
        """Probability in [0, 1] that the answer is right."""
        total = self.bias + sum(w * x for w, x in zip(self.weights, astuple(features), strict=True))
        return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, total))))


@cache
def load_calibration() -> Calibration:
    """The shipped calibration.

    Raises:
        ModelError: its file is missing or damaged.

    """
    try:
        data = (resources.files("partnership_qa") / "model" / "calibration.json").read_text("utf-8")
        values = json.loads(data)
        weights = tuple(float(values["weights"][name]) for name in FEATURES)
        ranking = Ranking(**{name: float(value) for name, value in values["ranking"].items()})
        return Calibration(weights, float(values["bias"]), float(values["threshold"]), ranking)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"The calibration cannot be read ({error}); install the package again.") from error


def features(
    words: QuestionWords, hit: Hit, reading: Reading, span: ReadSpan, agreement: bool, lead: float
) -> Features:
    """Features of one span of a hit; `lead` is how far it is ahead of the best span of other words."""
    passage = hit.passage
    everything = frozenset(terms(passage.indexed_text))
    sentence = frozenset(terms(_around(passage, span.unit, 0)))
    nearby = frozenset(terms(_around(passage, span.unit, 1)))
    numbers = [(word, stems) for word, stems in words.names if any(char.isdigit() for char in word)]
    return Features(
        margin=max(-15.0, min(15.0, span.score)),
        lead=max(0.0, min(10.0, lead)),
        answerable=clipped(reading.answerable),
        support=clipped(reading.support_of(span.unit)),
        proposed=clipped(reading.proposed),
        similarity=hit.similarity,
        passage_coverage=coverage(words.content, everything, words.weights),
        sentence_coverage=coverage(words.content, sentence, words.weights),
        missing_names=1.0 - coverage(words.names, everything),
        missing_numbers=float(coverage(numbers, nearby) < 1.0),
        unknown=len(words.unknown) / len(words.content) if words.content else 1.0,
        agreement=float(agreement),
        row=float(bool(passage.units[span.unit].cells)),
    )


def clipped(logit: float) -> float:
    """A logit in [-8, 8]: what is beyond is as sure as a model can be."""
    return max(-8.0, min(8.0, logit))


def _around(passage: Passage, unit: int, reach: int) -> str:
    """Headings, column names and the text of a unit with `reach` units on either side."""
    near = passage.units[max(0, unit - reach) : unit + reach + 1]
    text = passage.between(near[0].start, near[-1].end)
    return " ".join((passage.heading, " ".join(passage.units[unit].columns), text))
