"""Features of an answer or a list and the probability made of them."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

import pytest

from partnership_qa.answering.confidence import (
    FEATURES,
    LIST_FEATURES,
    Calibration,
    Features,
    ListFeatures,
    load_calibration,
)

if TYPE_CHECKING:
    from partnership_qa.qa import QA

PLAIN = Features(*(0.0 for _ in FEATURES))


def evidence(qa: QA, question: str) -> Features:
    found = qa.trace(question).parts[0].assessment
    assert found is not None
    return found.evidence


def test_the_probability_is_a_logistic_of_the_weighted_sum() -> None:
    calibration = Calibration(tuple(float(n) for n in range(len(FEATURES))), -2.0, 0.5)
    features = dataclasses.replace(PLAIN, answerable=1.5, place=0.5)
    expected = 1 / (1 + math.exp(-(1 * 1.5 + 3 * 0.5 - 2.0)))
    assert calibration.probability(features) == pytest.approx(expected)


def test_the_probability_stays_in_bounds() -> None:
    extreme = Calibration((1e6,) * len(FEATURES), 0.0, 0.5)
    assert 0 <= extreme.probability(dataclasses.replace(PLAIN, answerable=-8)) < 1e-9
    assert 1 - 1e-9 < extreme.probability(dataclasses.replace(PLAIN, answerable=8)) <= 1


def test_a_number_that_is_not_near_the_quote_is_counted(qa: QA) -> None:
    assert evidence(qa, "Who kept the light from 1901?").missing_numbers == 0.0
    assert evidence(qa, "Who kept the light from 1874?").missing_numbers == 1.0


def test_the_shipped_calibration_names_every_feature_with_its_sign() -> None:
    calibration = load_calibration()
    weights = dict(zip(FEATURES, calibration.weights, strict=True))
    weights |= dict(zip(LIST_FEATURES, calibration.list_weights, strict=True))
    negative = {"missing_numbers", "table"}
    assert all(weight <= 0 for name, weight in weights.items() if name in negative)
    assert all(weight >= 0 for name, weight in weights.items() if name not in negative)
    assert 0 < calibration.doubt < calibration.threshold < 1


def test_the_probability_of_a_list_is_a_logistic_of_its_own_weights() -> None:
    weights = tuple(float(n) for n in range(len(LIST_FEATURES)))
    calibration = Calibration((0.0,) * len(FEATURES), 0.0, 0.5, list_weights=weights, list_bias=-2.0)
    features = ListFeatures(*(0.0 for _ in LIST_FEATURES))
    features = dataclasses.replace(features, support=9.0, above=1.5, answerable=0.5)
    assert calibration.list_probability(features) == pytest.approx(1 / (1 + math.exp(-(1.5 + 3 * 0.5 - 2.0))))


def test_an_answer_in_a_row_is_marked(qa: QA) -> None:
    assert evidence(qa, "What is the fee and the berth of a Dinghy?").row == 1.0
    assert evidence(qa, "What replaced paraffin?").row == 0.0
