"""What kind of question it is, by its vector."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from fakes import FakeEncoder

from partnership_qa.embedding import load_encoder
from partnership_qa.errors import ModelError
from partnership_qa.question import kind
from partnership_qa.question.history import FOLLOWS
from partnership_qa.question.kind import LinearKinds, QuestionKind, load_kinds

if TYPE_CHECKING:
    from pathlib import Path

KINDS = LinearKinds(
    "mine",
    np.array([[1.0, 2.0], [0.0, -1.0], [0.0, 0.0]], dtype=np.float32),
    np.array([0.0, 0.0, -0.5], dtype=np.float32),
    np.array([0.5, 3.0, 1.0], dtype=np.float32),
)


def shipped(question: str) -> QuestionKind:
    """What the shipped regressions say of a question."""
    return load_kinds().of(question, load_encoder())


def test_log_odds_are_weighted_sums_of_a_vector_and_of_content_words() -> None:
    vector = np.array([2.0, 1.0], dtype=np.float32)
    found = KINDS.of("How did Anna light the lamp?", FakeEncoder("mine:onnx-1", dimension=2), vector)
    assert found == QuestionKind(several=4.5, sentence=2.0, follows=-0.5)


def test_where_another_encoder_made_the_vector_the_default_one_embeds_the_question() -> None:
    question, another = "How do I light the lamp?", FakeEncoder()
    assert load_kinds().of(question, another, np.ones(64, dtype=np.float32)) == shipped(question)
    assert load_kinds().of(question, another) == shipped(question)
    assert another.calls == 0


def test_a_vector_that_is_at_hand_is_not_made_again() -> None:
    encoder, question = FakeEncoder("mine:onnx-1", dimension=2), "How did Anna light the lamp?"
    assert KINDS.of(question, encoder, encoder.encode([question])[0]) == KINDS.of(question, encoder)
    assert encoder.calls == 2  # once by itself, and once for the call without it


@pytest.mark.parametrize(
    ("several", "one"),
    [
        ("What do I have to bring with me?", "How much does the ticket cost?"),
        ("Which documents are needed to apply?", "When does the office open?"),
        ("things that are not covered by the warranty", "how long is the warranty"),
    ],
)
def test_lists_are_asked_for_in_any_words(several: str, one: str) -> None:
    assert shipped(several).several > shipped(one).several + 1.0


def test_a_question_for_what_happens_wants_a_sentence_and_one_for_a_price_does_not() -> None:
    account, fact = map(shipped, ("What happens if I lose my key?", "How much does a new key cost?"))
    assert account.sentence > 1.0 > fact.sentence


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("What is the fee for a berth in winter?", "And who pays it?"),
        ("Who founded the Acme works?", "Why did she leave?"),
        ("How do I cancel my order?", "and if it has been sent already"),
    ],
)
def test_a_follow_up_is_told_from_the_question_before_it(before: str, after: str) -> None:
    leaning = shipped(after).follows
    assert leaning >= FOLLOWS
    assert leaning > shipped(before).follows + 1.0


def test_a_damaged_file_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model/kinds.json").write_text(json.dumps({"several": {}}), encoding="utf-8")
    monkeypatch.setattr(kind.resources, "files", lambda _: tmp_path)
    load_kinds.cache_clear()
    with pytest.raises(ModelError, match="install the package again"):
        load_kinds()
    load_kinds.cache_clear()
