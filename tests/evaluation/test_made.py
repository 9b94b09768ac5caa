"""Questions made from a collection: of which forms, with which answers, and exchanged so that there is none."""

from __future__ import annotations

from pathlib import Path

import pytest
from fakes import FakeEncoder

from partnership_qa.answering.structure import structure_of
from partnership_qa.evaluation.made import UNANSWERABLE, made_questions
from partnership_qa.evaluation.metrics import Question
from partnership_qa.index import Index, build, open_index

TEXT = """\
# The harbour office

The harbour was dug in 1874 by the engineer Ingrid Holm. The old breakwater was paid for by Olaf Berg in 1901.

A mooring ring is an iron ring that a boat is tied to.

Opening hours: 8 am to 4 pm

## Things that are forbidden here

The following things are:

- Lighting a fire.
- Selling fish.
- Mooring at night.

## What boats pay

| Boat | Fee | Berth |
|---|---|---|
| Dinghy | 3 | North |
| Cutter | 12 | South |
| Cutter | 14 | West |
"""


@pytest.fixture
def index(tmp_path: Path) -> Index:
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "office.md").write_text(TEXT, "utf-8")
    build(folder, tmp_path / "index", FakeEncoder())
    return open_index(tmp_path / "index")


def made(index: Index, count: int = 60, exchanged: float = 0.0) -> dict[str, list[Question]]:
    found: dict[str, list[Question]] = {}
    for question in made_questions(index, structure_of(index.passages), count, exchanged=exchanged):
        found.setdefault(question.type, []).append(question)
    return found


def quotes(index: Index, question: Question) -> list[str]:
    return [index.sources[name].text[start:end] for name, start, end in question.places]


def test_each_form_gives_a_question_with_its_place(index: Index) -> None:
    found = made(index)
    assert {"What is the opening hours of The harbour office?"} == {q.question for q in found["label"]}
    assert {"What is a mooring ring?"} == {q.question for q in found["definition"]}
    assert "What is said about things that are forbidden here?" in {q.question for q in found["heading"]}
    (several,) = found["list"]
    assert several.question == "The following things are: which are they?"
    assert len(several.evidence) == 3
    assert "The harbour was dug in 1874 by the engineer what?" in {q.question for q in found["blank"]}
    assert "The old breakwater was paid for by Olaf Berg in what year?" in {q.question for q in found["blank"]}


def test_a_cell_is_asked_for_where_its_row_is_told_from_all_others(index: Index) -> None:
    rows = {q.question: q for q in made(index)["row"]}
    fee = rows["What is the fee of Dinghy (The harbour office, What boats pay)?"]
    assert fee.answers == ("3",)
    assert quotes(index, fee) == ["| Dinghy | 3 | North |"]
    assert not any("Cutter" in question for question in rows)


def test_an_answer_stands_in_its_place(index: Index) -> None:
    for questions in made(index).values():
        for question in questions:
            assert all(answer in quotes(index, question)[0] for answer in question.answers)


def test_an_exchanged_question_has_no_answer_and_names_what_stands_elsewhere(index: Index) -> None:
    exchanged = made(index, exchanged=0.5)[UNANSWERABLE]
    assert exchanged
    for question in exchanged:
        assert (question.answers, question.evidence) == ((), ())
        assert question.question not in TEXT


def test_the_same_index_gives_the_same_questions(index: Index) -> None:
    assert made(index, 10, 0.3) == made(index, 10, 0.3)
    assert sum(map(len, made(index, 5).values())) == 5
