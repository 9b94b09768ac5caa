"""The risk card: its interval, its threshold, how it is kept, and what it says."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from fakes import FAKE_CALIBRATION, FakeEncoder, FakeReader

from partnership_qa.errors import CorpusIndexError
from partnership_qa.evaluation import card as cards
from partnership_qa.evaluation.metrics import Question
from partnership_qa.evaluation.risk import (
    Asked,
    Shift,
    ask,
    binomial,
    chosen,
    clopper_pearson,
    curve,
    expected,
    is_right,
)
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


def test_a_shift_multiplies_the_odds_and_its_spread_widens_the_interval() -> None:
    plain, plain_low, plain_high = expected(5, 60, 0, 0, Shift(0.0, 0.0))
    risk, low, high = expected(5, 60, 0, 0, Shift(0.7, 0.0))
    assert risk / (1 - risk) == pytest.approx(plain / (1 - plain) * 2.71828**0.7, rel=1e-4)
    _, wide_low, wide_high = expected(5, 60, 0, 0, Shift(0.0, 0.8))
    assert wide_low < plain_low < plain < plain_high < wide_high
    assert low < risk < high


def test_judged_questions_take_the_place_of_the_shift() -> None:
    shift = Shift(1.0, 0.8)
    alone = expected(2, 80, 0, 0, shift)
    joined = expected(2, 80, 60, 200, shift)
    assert alone[0] < 0.1
    assert joined[0] == pytest.approx(0.3, abs=0.03)
    assert joined[2] - joined[1] < 0.12


def asked(*pairs: tuple[float, bool]) -> list[Asked]:
    return [Asked("row", confidence, right) for confidence, right in pairs]


def test_the_threshold_is_the_lowest_from_which_on_the_risk_is_kept() -> None:
    some = asked(*[(0.9, True)] * 60, *[(0.55, True)] * 20, *[(0.35, False)] * 20)
    points = curve(some, Shift(0.0, 0.0))
    point = chosen(points, 0.05)
    assert point is not None
    assert (point.threshold, point.shown, point.wrong) == (0.36, 80, 0)
    assert point.coverage == pytest.approx(0.8)


def test_no_threshold_is_given_where_the_surest_are_wrong_or_too_few_are_shown() -> None:
    assert chosen(curve(asked(*[(0.95, False)] * 20, *[(0.5, True)] * 200), Shift(0.0, 0.0)), 0.05) is None
    assert chosen(curve(asked(*[(0.95, True)] * 5), Shift(0.0, 0.0)), 0.5) is None


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
