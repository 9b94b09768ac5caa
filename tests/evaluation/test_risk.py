"""The risk card: its interval, its threshold, how it is kept, and what it says."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fakes import FAKE_CALIBRATION, FakeEncoder, FakeReader

from partnership_qa.errors import CorpusIndexError
from partnership_qa.evaluation import card as cards
from partnership_qa.evaluation.metrics import Question
from partnership_qa.evaluation.risk import (
    Asked,
    Point,
    among,
    ask,
    binomial,
    chosen,
    clopper_pearson,
    counted,
    curve,
    is_right,
    judgements_needed,
    relied_on,
)
from partnership_qa.evaluation.shift import Counts, Effect, Shift, expected, log_odds, log_ratio, share_of
from partnership_qa.index import build, open_index, verify
from partnership_qa.qa import QA


@pytest.fixture
def qa(corpus: Path, root: Path) -> QA:
    build(corpus, root, FakeEncoder())
    return QA.assemble(open_index(root), FakeEncoder(), FakeReader(), FAKE_CALIBRATION)


@pytest.mark.parametrize(("wrong", "shown"), [(0, 0), (0, 45), (1, 1), (3, 40), (7, 9), (120, 800)])
def test_the_interval_is_that_of_clopper_and_pearson(wrong: int, shown: int) -> None:
    stats = pytest.importorskip("scipy.stats")
    low = stats.beta.ppf(0.05, wrong, shown - wrong + 1) if wrong else 0.0
    high = stats.beta.ppf(0.95, wrong + 1, shown - wrong) if wrong < shown else 1.0
    assert clopper_pearson(wrong, shown, 0.9) == pytest.approx((low, high), abs=1e-9)


def test_the_interval_without_a_wrong_one_is_the_rule_of_its_tail() -> None:
    assert clopper_pearson(0, 45, 0.9) == pytest.approx((0.0, 1 - 0.05 ** (1 / 45)))


def test_a_binomial_tail_adds_up() -> None:
    assert binomial(1, 3, 0.5) == pytest.approx(0.5)
    assert binomial(3, 3, 0.5) == pytest.approx(1.0)
    assert (binomial(0, 3, 0.0), binomial(2, 3, 1.0)) == (1.0, 0.0)


SAME = Effect(0.0, 0.0, 0.0, 99)
UNSHIFTED = Shift(SAME, SAME)


def test_a_shift_multiplies_the_odds_of_a_wrong_answer() -> None:
    made = Counts(80, 60, 5, 20, 4)
    mean, variance = expected(made, UNSHIFTED, 0.0)
    assert (mean, variance) == log_odds(5, 60)
    shifted, same = expected(made, Shift(Effect(0.7, 0.0, 0.0, 99), SAME), 0.0)
    assert (shifted, same) == (pytest.approx(mean + 0.7), pytest.approx(variance))


def test_a_spread_widens_by_students_quantile_the_more_the_fewer_sets_it_was_seen_on() -> None:
    stats = pytest.importorskip("scipy.stats")
    for sets in range(3, 13):
        times = stats.t.ppf(0.95, sets - 2) / stats.norm.ppf(0.95)
        assert Effect(0.0, 0.3, 0.4, sets).variance == pytest.approx(0.25 * times**2, rel=1e-3)


def test_how_often_the_unanswerable_is_shown_is_compared_with_what_is_shown_rightly() -> None:
    mean, variance = log_ratio(Counts(answered=10, shown=8, wrong=2, others=9, others_shown=3))
    assert mean == pytest.approx(math.log((3.5 / 10) / (6.5 / 11)))
    assert variance == pytest.approx(1 / 3.5 + 1 / 6.5)
    assert log_odds(3, 10) == (pytest.approx(math.log(3.5 / 7.5)), pytest.approx(1 / 3.5 + 1 / 7.5))


def test_what_has_no_answer_adds_to_the_odds_as_often_as_it_is_asked() -> None:
    # Of 100 that have one, 80 are shown and 8 wrong; of 50 that have none, 10 are shown.
    made = Counts(100, 80, 8, 50, 10)
    for share in (0.1, 0.25, 0.5):
        # So that of people's, out of 1, this much is shown wrongly and rightly.
        wrong, right = (1 - share) * 0.08 + share * 0.2, (1 - share) * 0.72
        assert share_of(expected(made, UNSHIFTED, share)[0]) == pytest.approx(wrong / (wrong + right), abs=0.01)


def test_the_variance_of_both_together_is_that_of_many_draws() -> None:
    made = Counts(100, 80, 8, 50, 10)
    shift = Shift(Effect(0.0, 0.0, 0.2, 99), Effect(0.0, 0.0, 0.3, 99))
    rng = np.random.default_rng(0)
    odds, its = log_odds(8, 80)
    ratio, theirs = log_ratio(made)
    one = rng.normal(odds, (its + shift.answered.variance) ** 0.5, 20000)
    other = rng.normal(ratio + np.log(0.25 / 0.75), (theirs + shift.unanswerable.variance) ** 0.5, 20000)
    seen = np.log(np.exp(one) + np.exp(other)).std()
    assert expected(made, shift, 0.25)[1] ** 0.5 == pytest.approx(seen, rel=0.1)


def test_questions_without_an_answer_are_counted_for_themselves() -> None:
    some = [Asked("row", 0.9, True), Asked("row", 0.9, False), Asked("row", 0.2, True)]
    some += [Asked("exchanged", 0.9, False), Asked("unanswerable", 0.3, False)]
    assert counted(some, 0.5) == Counts(3, 2, 1, 2, 1)


def test_judged_questions_take_the_place_of_the_shift() -> None:
    shift = Shift(Effect(1.0, 0.0, 0.8, 99), SAME)
    made = [Asked("row", 0.9, True)] * 78 + [Asked("row", 0.9, False)] * 2
    judged = [Asked("judged", 0.9, True, True)] * 140 + [Asked("judged", 0.9, False, True)] * 60
    (alone, *_), (joined, *_) = curve(made, shift, 0.0), curve(made + judged, shift, 0.0)
    assert alone.risk < 0.1
    assert joined.risk == pytest.approx(0.3, abs=0.03)
    assert joined.high - joined.low < 0.12
    assert (joined.shown, joined.wrong) == (80, 2)


def point(risk: float, low: float, high: float) -> Point:
    return Point(0.5, 80, 8, 0.8, risk, low, high)


def test_of_so_many_answers_the_wrong_ones_are_a_binomial_count_over_an_unsure_share() -> None:
    stats = pytest.importorskip("scipy.stats")
    sure = among(point(0.2, 0.2 - 1e-6, 0.2 + 1e-6), 50)
    assert sure == (stats.binom.ppf(0.05, 50, 0.2), stats.binom.ppf(0.95, 50, 0.2))
    least, most = among(point(0.2, 0.1, 0.36), 50)
    assert least < sure[0] < sure[1] < most
    assert among(point(0.2, 0.1, 0.36), 0) == (0, 0)


def test_a_card_is_relied_on_where_no_more_than_twice_what_is_allowed_is_to_be_feared() -> None:
    assert relied_on(point(0.08, 0.03, 0.19), 0.1)
    assert not relied_on(point(0.08, 0.03, 0.21), 0.1)


def test_so_many_judged_answers_as_are_said_to_be_needed_are_enough() -> None:
    shift = Shift(Effect(0.0, 0.0, 1.0, 99), SAME)
    made = [Asked("row", 0.9, True)] * 92 + [Asked("row", 0.9, False)] * 8
    (alone, *_) = curve(made, shift, 0.0)
    needed = judgements_needed(alone, 0.1)
    assert needed is not None
    assert needed > 0
    wrong = round(needed * alone.risk)
    judged = [Asked("judged", 0.9, True, True)] * (needed - wrong) + [Asked("judged", 0.9, False, True)] * wrong
    assert not relied_on(alone, 0.1)
    assert relied_on(curve(made + judged, shift, 0.0)[0], 0.1)
    assert judgements_needed(point(0.5, 0.2, 0.8), 0.1) is None


def asked(*pairs: tuple[float, bool]) -> list[Asked]:
    return [Asked("row", confidence, right) for confidence, right in pairs]


def test_the_threshold_is_the_lowest_from_which_on_the_risk_is_kept() -> None:
    some = asked(*[(0.9, True)] * 60, *[(0.55, True)] * 20, *[(0.35, False)] * 20)
    points = curve(some, UNSHIFTED, 0.0)
    point = chosen(points, 0.05)
    assert point is not None
    assert (point.threshold, point.shown, point.wrong) == (0.36, 80, 0)
    assert point.coverage == pytest.approx(0.8)


def test_few_sure_answers_none_of_which_is_wrong_do_not_stand_against_a_lower_threshold() -> None:
    some = asked(*[(0.95, True)] * 12, *[(0.7, True)] * 100, *[(0.3, False)] * 50)
    points = curve(some, Shift(Effect(0.9, 0.0, 0.0, 99), SAME), 0.0)
    at = {point.threshold: point for point in points}
    assert at[0.9].risk > 0.05 > at[0.7].risk
    point = chosen(points, 0.05)
    assert point is not None
    assert point.threshold == 0.32


def test_no_threshold_is_given_where_the_surest_are_wrong_or_too_few_are_shown() -> None:
    assert chosen(curve(asked(*[(0.95, False)] * 20, *[(0.5, True)] * 200), UNSHIFTED, 0.0), 0.05) is None
    assert chosen(curve(asked(*[(0.95, True)] * 5), UNSHIFTED, 0.0), 0.5) is None


def test_an_answer_is_right_where_a_quote_it_says_is_evidence_and_the_words_stand_in_it(qa: QA) -> None:
    outcome = qa.answer("Who kept the light from 1901?")
    c = outcome.citations[0]
    here = ((c.document, c.start, c.end),)
    put = Question("a", "Who kept the light from 1901?", "label", (), here)
    assert is_right(put, outcome)
    assert is_right(replace(put, answers=("kept the light",)), outcome)
    assert not is_right(replace(put, answers=("nobody at all",)), outcome)
    assert not is_right(replace(put, evidence=(("harbour.md", 0, 5),)), outcome)
    assert not is_right(replace(put, evidence=()), outcome)


def test_a_question_judged_wrong_counts_only_where_the_same_comes_again(qa: QA) -> None:
    c = qa.answer("Who kept the light from 1901?").citations[0]
    wrong = Question("a", "Who kept the light from 1901?", "judged", (), (), judged="down")
    again = replace(wrong, rejected=((c.document, c.start, c.end),))
    assert ask(qa, [wrong], people=True) == []
    assert [(one.right, one.people) for one in ask(qa, [again], people=True)] == [(False, True)]


def test_a_card_is_kept_beside_the_index_and_holds_for_its_generation_alone(qa: QA, corpus: Path, root: Path) -> None:
    digest = qa.index.generation.manifest.digest
    card = cards.measure(qa, 0.3, count=30)
    assert (card.digest, card.at_most) == (digest, 0.3)
    cards.keep(card, root)
    assert cards.kept(open_index(root)) == card
    assert verify(root).damaged == ()
    assert open_index(root).generation.manifest.digest == digest
    (corpus / "more.txt").write_text("The pier was mended in 1950 by Olga Lind.", "utf-8")
    build(corpus, root, FakeEncoder())
    assert cards.kept(open_index(root)) is None


@pytest.mark.parametrize("damage", ["", "{}", '{"format": 1}', "[1]"])
def test_a_damaged_card_is_none(qa: QA, root: Path, damage: str) -> None:
    cards.keep(cards.measure(qa, 0.3, count=20), root)
    (root / cards.CARD).write_text(damage)
    assert cards.kept(qa.index) is None


def test_the_threshold_of_a_card_is_used_where_asked_for(qa: QA, root: Path) -> None:
    with pytest.raises(CorpusIndexError, match="has no risk card"):
        cards.with_card(qa)
    card = cards.card_of(asked(*[(0.9, True)] * 60), 0.5, digest=qa.index.generation.manifest.digest)
    cards.keep(card, root)
    assert cards.with_card(qa).calibration.threshold == card.threshold == 0.02
    cards.keep(replace(card, threshold=None), root)
    with pytest.raises(CorpusIndexError, match="no threshold"):
        cards.with_card(qa)


def test_a_card_says_what_was_measured_and_that_made_questions_are_easier() -> None:
    card = cards.card_of(asked(*[(0.9, True)] * 58, *[(0.9, False)] * 2), 0.5, "gen-1")
    lines = "\n".join(cards.told(card))
    assert "generation gen-1, 60 questions made" in lines
    assert "60 are answered, 2 wrong: 0.6% to 10.1%" in lines
    assert "easier than people's" in lines
    assert "no threshold keeps at most 5% wrong" in "\n".join(cards.told(cards.card_of(asked((0.9, False)), 0.05)))


def test_a_card_says_in_plain_words_whether_it_can_be_relied_on() -> None:
    card = cards.card_of(asked(*[(0.9, True)] * 58, *[(0.9, False)] * 2), 0.5, "gen-1")
    some = replace(card, threshold=0.5, points=(point(0.08, 0.03, 0.19),), at_most=0.1)
    assert cards.reliance(some) == "At this threshold no more than 19% wrong is to be feared."
    feared = replace(some, points=(point(0.08, 0.02, 0.3),))
    assert cards.reliance(feared) == (
        "Do not rely on at most 10% yet: up to 30% may be wrong. About 30 answers like these, judged on the page, "
        "would settle it."
    )
    none = cards.reliance(replace(feared, threshold=None))
    assert none.startswith("Do not rely on at most 10% here: nothing that was seen promises it.")
    lines = "\n".join(cards.told(replace(feared, unanswerable=0.25)))
    assert "of the next 50 answers that are shown, 0 to 15" in lines
    assert "25% of what people ask has no answer in the texts" in lines
    assert cards.reliance(feared) in lines


def test_the_share_without_an_answer_is_kept_with_the_card(qa: QA, root: Path) -> None:
    few, many = (cards.measure(qa, 0.3, count=30, unanswerable=share) for share in (0.0, 0.6))
    assert (few.unanswerable, many.unanswerable) == (0.0, 0.6)
    assert all(one.risk < other.risk for one, other in zip(few.points, many.points, strict=True))
    cards.keep(many, root)
    assert cards.kept(open_index(root)) == many


def test_judged_answers_become_questions_of_the_index() -> None:
    content = json.loads(
        '{"data": [{"title": "a.txt", "paragraphs": [{"context": "x", "qas": ['
        '{"id": "1", "question": "Who?", "answers": [{"text": "Ann", "answer_start": 4}]},'
        '{"id": "2", "question": "When?", "answers": [], "is_impossible": true}]}]}],'
        '"rejected": [{"id": "3", "question": "Why?", "title": "a.txt",'
        '"answers": [{"text": "so", "answer_start": 9}]}]}'
    )
    up, none, down = cards.judged_questions(content)
    assert (up.evidence, up.answers) == ((("a.txt", 4, 7),), ("Ann",))
    assert (none.evidence, none.judged) == ((), "up")
    assert (down.rejected, down.judged) == ((("a.txt", 9, 11),), "down")
