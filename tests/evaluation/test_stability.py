"""Stability: which forms of a question are asked, and when two of them say the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from partnership_qa.errors import QuestionError
from partnership_qa.evaluation.stability import forms, stability

if TYPE_CHECKING:
    from partnership_qa.qa import QA


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (
            "Who kept the light from 1901?",
            [
                (None, "kept light 1901"), ("kept", "Who the light from 1901?"), ("light", "Who kept the from 1901?"),
                ("1901", "Who kept the light from ?"),
            ],
        ),
        ("Who kept it?", []),  # what is left without its one keyword asks for nothing
        ("Why?", []),
        # Every place of a word goes, whatever its ending.
        (
            "Boats: which boat is dear?",
            [(None, "Boats boat dear"), ("Boats", ": which is dear?"), ("dear", "Boats: which boat is ?")],
        ),
        ("colza oil", [("colza", "oil"), ("oil", "colza")]),  # its keywords alone are the question itself
    ],
)  # fmt: skip
def test_a_question_is_asked_by_its_keywords_and_without_each(
    question: str, expected: list[tuple[str | None, str]]
) -> None:
    assert list(forms(question)) == expected


def test_the_share_is_how_often_the_same_words_come_back(qa: QA) -> None:
    question = "Who kept the light from 1901?"
    found = stability(qa, question)
    assert found.outcome == qa.answer(question)
    assert len(found.variants) == 4
    for variant in found.variants:
        assert variant.outcome == qa.answer(variant.question)
        assert variant.same == (variant.outcome.answered and variant.outcome.text == found.outcome.text)
    assert found.variants[0].same
    assert found.share == sum(variant.same for variant in found.variants) / 4
    assert found.to_dict()["of"] == 4


def test_refusals_agree_with_a_refusal(qa: QA) -> None:
    found = stability(qa, "What is the capital of France?")
    assert not found.outcome.answered
    assert found.share == 1.0


def test_another_answer_and_a_refusal_are_not_the_same(qa: QA) -> None:
    found = stability(qa, "How many barrels in 1895?", no_answer_threshold=0.3)
    assert "22" in found.outcome.text
    without = {one.left_out: one for one in found.variants}
    assert without["1895"].outcome.text != found.outcome.text
    assert not without["1895"].same
    refused = stability(qa, "How many barrels in 1895?", no_answer_threshold=found.outcome.confidence)
    assert refused.outcome.answered
    assert [one.same for one in refused.variants if not one.outcome.answered].count(True) == 0


def test_one_keyword_has_no_other_form(qa: QA) -> None:
    found = stability(qa, "Harbour?")
    assert found.variants == ()
    assert found.share is None


def test_a_follow_up_is_completed_first(qa: QA) -> None:
    said = [{"role": "user", "content": "How many barrels in 1890?"}, {"role": "assistant", "content": "40"}]
    found = stability(qa, "And in 1895?", history=said)
    assert found.outcome.standalone_question == "How many barrels in 1895?"
    assert [one.question for one in found.variants] == ["barrels 1895", "How many in 1895?", "How many barrels in ?"]


def test_only_the_chosen_documents_are_asked(qa: QA) -> None:
    found = stability(qa, "Who kept the light from 1901?", documents=["harbour.md"])
    assert {c.document for one in found.variants for c in one.outcome.citations} <= {"harbour.md"}


def test_a_question_that_cannot_be_asked_is_said(qa: QA) -> None:
    with pytest.raises(QuestionError, match="empty"):
        stability(qa, " ")
