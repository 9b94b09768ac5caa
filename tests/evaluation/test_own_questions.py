"""The question set of our own says what its texts say: every quote stands where it is said to stand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

SET = Path(__file__).parents[1] / "questions" / "own"
TEXTS = {path.name: path.read_bytes().decode("utf-8") for path in sorted((SET / "corpus").iterdir())}
QUESTIONS = [json.loads(line) for line in (SET / "questions.jsonl").read_text(encoding="utf-8").splitlines()]
each_question = pytest.mark.parametrize("row", QUESTIONS, ids=[row["id"] for row in QUESTIONS])


def places(row: dict) -> list[dict]:
    """All evidence of a question, that of its alternatives too."""
    return [place for way in (row["evidence"], *row.get("alternatives", [])) for place in way]


def one_line(text: str) -> str:
    """Text without the line breaks that only wrap it."""
    return " ".join(text.split())


def test_there_are_a_hundred_questions_or_more_on_five_texts() -> None:
    asked = {row["id"].rsplit("-", 1)[0] for row in QUESTIONS}
    assert asked == {Path(name).stem for name in TEXTS} == {"contract", "manual", "minutes", "page", "paper"}
    assert len(QUESTIONS) >= 100


def test_ids_are_unique() -> None:
    ids = [row["id"] for row in QUESTIONS]
    assert len(set(ids)) == len(ids)


def test_no_question_is_asked_twice() -> None:
    questions = [one_line(row["question"]).lower() for row in QUESTIONS]
    assert len(set(questions)) == len(questions)


@each_question
def test_the_type_is_one_of_five(row: dict) -> None:
    assert row["type"] in {"span", "table", "list", "multi", "unanswerable"}


@each_question
def test_evidence_is_what_the_source_holds_at_its_offsets(row: dict) -> None:
    for place in places(row):
        assert place["text"]
        assert TEXTS[place["document"]][place["start"] : place["end"]] == place["text"]


@each_question
def test_evidence_is_of_the_text_that_the_question_is_about(row: dict) -> None:
    assert {Path(place["document"]).stem for place in places(row)} <= {row["id"].rsplit("-", 1)[0]}


@each_question
def test_answers_stand_in_their_evidence(row: dict) -> None:
    held = [one_line(place["text"]) for place in places(row)]
    for answer in row["answers"]:
        assert any(one_line(answer) in text for text in held), answer


@each_question
def test_only_what_cannot_be_answered_has_no_evidence(row: dict) -> None:
    assert bool(places(row)) == (row["type"] != "unanswerable")


@pytest.mark.parametrize("row", [row for row in QUESTIONS if row["type"] == "unanswerable"], ids=lambda row: row["id"])
def test_what_cannot_be_answered_has_no_answers(row: dict) -> None:
    assert row["answers"] == []


@pytest.mark.parametrize("row", [row for row in QUESTIONS if row["type"] == "multi"], ids=lambda row: row["id"])
def test_a_question_in_two_parts_needs_two_places(row: dict) -> None:
    assert len({(place["document"], place["start"]) for place in row["evidence"]}) >= 2


@pytest.mark.parametrize("row", [row for row in QUESTIONS if "history" in row], ids=lambda row: row["id"])
def test_a_follow_up_comes_after_a_question_and_its_answer(row: dict) -> None:
    assert [turn["role"] for turn in row["history"]] == ["user", "assistant"]
    assert all(turn["content"] for turn in row["history"])
