"""SQuAD files become question sets, and judged answers become SQuAD files that are read back as they were meant."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from partnership_qa.errors import PartnershipQAError
from partnership_qa.evaluation import squad
from partnership_qa.evaluation.metrics import evaluate, load_questions

if TYPE_CHECKING:
    from pathlib import Path

    from partnership_qa.qa import QA

FACT, LIST, BESIDE = "When was the harbour dug?", "What three things are forbidden on the quay?", "Who sold the moon?"


@pytest.fixture
def labelled(qa: QA, tmp_path: Path) -> Path:
    """A file in which an answer, a list and a refusal are called right, and an answer and a refusal wrong."""
    content = squad.empty(qa.index.sources.values())
    for key, question, right in (
        ("a", FACT, True), ("b", LIST, True), ("c", BESIDE, True),
        ("d", "What is the fee of the Cutter boat?", False), ("e", "Who painted the lighthouse?", False),
    ):  # fmt: skip
        squad.judged(content, key, question, qa.answer(question), right=right, note="why not")
    (tmp_path / "labels.json").write_text(json.dumps(content), encoding="utf-8")
    return tmp_path / "labels.json"


def test_what_was_called_right_is_a_question_set_that_is_answered_right(labelled: Path, qa: QA, tmp_path: Path) -> None:
    folder = squad.unpack(labelled, tmp_path / "set")
    questions = load_questions(folder)
    assert [(q.id, q.question, q.type, len(q.evidence)) for q in questions] == [
        ("a", FACT, "span", 1), ("b", LIST, "list", 3), ("c", BESIDE, "unanswerable", 0),
    ]  # fmt: skip
    figures = evaluate(qa, folder, questions).figures
    assert (figures["em"], figures["complete"], figures["refused"], figures["verbatim"]) == (1.0, 1.0, 1.0, 1.0)


def test_the_documents_come_back_to_the_last_byte(labelled: Path, corpus: Path, tmp_path: Path) -> None:
    folder = squad.unpack(labelled, tmp_path / "set") / "corpus"
    there = {p.relative_to(corpus).as_posix(): p.read_bytes() for p in corpus.rglob("*") if p.is_file()}
    assert {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()} == there


def test_what_was_called_wrong_stands_apart_with_its_note(labelled: Path) -> None:
    rejected = json.loads(labelled.read_text("utf-8"))["rejected"]
    assert [(entry["id"], [a["text"] for a in entry["answers"]], entry["note"]) for entry in rejected] == [
        ("d", ["| Cutter | 12  | South |"], "why not"), ("e", [], "why not"),
    ]  # fmt: skip


def test_every_answer_stands_where_its_offset_says(labelled: Path) -> None:
    for article in json.loads(labelled.read_text("utf-8"))["data"]:
        (paragraph,) = article["paragraphs"]
        for qa in paragraph["qas"]:
            for answer in qa["answers"]:
                start = answer["answer_start"]
                assert paragraph["context"][start : start + len(answer["text"])] == answer["text"]


def test_a_second_judgement_takes_the_place_of_the_first(qa: QA) -> None:
    content = squad.empty(qa.index.sources.values())
    squad.judged(content, "a", FACT, qa.answer(FACT), right=True, note="")
    squad.judged(content, "a", FACT, qa.answer(FACT), right=False, note="")
    assert squad.count(content) == len(content["rejected"]) == 1
    squad.taken_back(content, "a")
    assert content == squad.empty(qa.index.sources.values())


def _squad(*articles: dict[str, object]) -> str:
    return json.dumps({"version": "v2.0", "data": articles})


def test_a_file_of_the_original_form_is_read(tmp_path: Path) -> None:
    answers = [{"text": "1874", "answer_start": 20}, {"text": "in 1874", "answer_start": 17}]
    asked = {"id": "x", "question": "When?", "is_impossible": False, "answers": answers}
    impossible = {"id": "y", "question": "Who?", "is_impossible": True, "answers": [], "plausible_answers": answers}
    unknown = {"id": "z", "question": "What?", "is_impossible": False, "answers": []}
    second = {"context": "The port was dug in 1874.", "qas": [asked, impossible, unknown]}
    article = {"title": "Harbour", "paragraphs": [{"context": "A line.", "qas": []}, second]}
    (tmp_path / "dev.json").write_text(_squad(article), encoding="utf-8")
    folder = squad.unpack(tmp_path / "dev.json", tmp_path / "out")
    text = (folder / "corpus" / "Harbour.txt").read_text("utf-8")
    first, last = load_questions(folder)
    assert (folder.name, first.answers, last.answers, last.evidence) == ("dev", ("1874", "in 1874"), (), ())
    assert [text[start:end] for _, start, end in first.evidence] == ["1874"]


@pytest.mark.parametrize("title", ["../../evil", "/etc/passwd", "a\\b", "..", "", "x/../../y.md", "nul\0byte"])
def test_a_title_never_leads_out_of_the_folder(tmp_path: Path, title: str) -> None:
    article = {"title": title, "paragraphs": [{"context": "Words.", "qas": []}]}
    (tmp_path / "a.json").write_text(_squad(article, article), encoding="utf-8")
    folder = squad.unpack(tmp_path / "a.json", tmp_path / "out")
    files = [p for p in tmp_path.rglob("*") if p.is_file() and p.name not in ("a.json", "questions.jsonl")]
    assert len(files) == 2
    assert all(p.is_relative_to(folder / "corpus") for p in files)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"data": [{}]}', '{"data": [{"paragraphs": [{"context": 1, "qas": []}]}]}']
)
def test_what_is_no_squad_file_is_said(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.json").write_text(text, encoding="utf-8")
    with pytest.raises(PartnershipQAError, match=r"a\.json is not a SQuAD file"):
        squad.unpack(tmp_path / "a.json", tmp_path / "out")
