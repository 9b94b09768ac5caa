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

FEE, PAINTER = "What is the fee of the Cutter boat?", "Who painted the lighthouse?"
FACT, LIST, BESIDE = "When was the harbour dug?", "What three things are forbidden on the quay?", "Who sold the moon?"


@pytest.fixture
def labelled(qa: QA, tmp_path: Path) -> Path:
    """A file in which an answer, a list and a refusal are called right, and an answer and a refusal wrong."""
    content = squad.empty(qa.index.sources.values())
    for key, question, right in (
        ("a", FACT, True), ("b", LIST, True), ("c", BESIDE, True),
        ("d", FEE, False), ("e", PAINTER, False),
    ):  # fmt: skip
        squad.judged(content, key, question, qa.answer(question), right=right, note="why not")
    (tmp_path / "labels.json").write_text(json.dumps(content), encoding="utf-8")
    return tmp_path / "labels.json"


def test_what_was_called_right_is_a_question_set_that_is_answered_right(labelled: Path, qa: QA, tmp_path: Path) -> None:
    folder = squad.unpack(labelled, tmp_path / "set")
    questions = load_questions(folder)
    assert [(q.id, q.question, q.type, len(q.evidence)) for q in questions] == [
        ("a", FACT, "span", 1), ("b", LIST, "list", 3), ("c", BESIDE, "unanswerable", 0),
        ("d", FEE, "rejected", 0), ("e", PAINTER, "rejected", 0),
    ]  # fmt: skip
    figures = evaluate(qa, folder, [q for q in questions if q.judged == "up"]).figures
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


def figures_of(labelled: Path, qa: QA, tmp_path: Path, *ids: str) -> dict[str, float | None]:
    folder = squad.unpack(labelled, tmp_path / "set")
    return evaluate(qa, folder, [q for q in load_questions(folder) if q.id in ids]).figures


def test_the_thumbs_of_a_file_are_counted(labelled: Path, qa: QA, tmp_path: Path) -> None:
    figures = figures_of(labelled, qa, tmp_path, *"abcde")
    assert (figures["thumbs_up"], figures["thumbs_down"]) == (3, 2)
    assert (figures["answerable"], figures["unanswerable"]) == (2, 1)


def test_a_set_that_nobody_judged_has_no_thumbs(tmp_path: Path, qa: QA) -> None:
    article = {"title": "a", "paragraphs": [{"context": "Words.", "qas": []}]}
    qas = [{"id": "x", "question": BESIDE, "is_impossible": True, "answers": []}]
    article["paragraphs"] = [{"context": "Words.", "qas": qas}]
    (tmp_path / "a.json").write_text(_squad(article), encoding="utf-8")
    figures = figures_of(tmp_path / "a.json", qa, tmp_path, "x")
    assert (figures["thumbs_up"], figures["thumbs_down"], figures["wrong_again"]) == (None, None, None)


def test_an_answer_called_wrong_counts_as_wrong_where_it_is_given_again(labelled: Path, qa: QA, tmp_path: Path) -> None:
    figures = figures_of(labelled, qa, tmp_path, "a", "d")
    assert (figures["wrong_again"], figures["em"], figures["f1"], figures["risk@100%"]) == (1, 0.5, 0.5, 0.5)


def test_a_refusal_called_wrong_counts_as_wrong_where_it_is_given_again(labelled: Path, qa: QA, tmp_path: Path) -> None:
    figures = figures_of(labelled, qa, tmp_path, "a", "e")
    assert (figures["wrong_again"], figures["f1"], figures["risk@100%"]) == (1, 0.5, 0.0)


def test_another_answer_than_the_one_called_wrong_is_neither_right_nor_wrong(
    labelled: Path, qa: QA, tmp_path: Path
) -> None:
    content = json.loads(labelled.read_text("utf-8"))
    content["rejected"][0] |= {"title": "ledger.txt", "answers": [{"text": "The", "answer_start": 2}]}
    texts = {article["title"]: article["paragraphs"][0]["context"] for article in content["data"]}
    content["rejected"][0]["answers"][0]["text"] = texts["ledger.txt"][2:5]
    labelled.write_text(json.dumps(content), encoding="utf-8")
    figures = figures_of(labelled, qa, tmp_path, "a", "d")
    assert (figures["thumbs_down"], figures["wrong_again"], figures["f1"], figures["risk@100%"]) == (1, 0, 1.0, 0.0)


def test_a_file_of_an_earlier_version_is_read_by_the_words_that_it_keeps(labelled: Path, tmp_path: Path) -> None:
    content = json.loads(labelled.read_text("utf-8"))
    titled = squad.unpack(labelled, tmp_path / "new")
    assert content["rejected"][0].pop("title") == "harbour.md"
    labelled.write_text(json.dumps(content), encoding="utf-8")
    assert load_questions(squad.unpack(labelled, tmp_path / "old")) == load_questions(titled)


def test_a_rejected_answer_that_stands_in_no_document_is_said(labelled: Path, tmp_path: Path) -> None:
    content = json.loads(labelled.read_text("utf-8"))
    content["rejected"][0]["answers"][0]["answer_start"] += 1
    labelled.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(PartnershipQAError, match=r"labels\.json is not a SQuAD file .*no document has the words of d"):
        squad.unpack(labelled, tmp_path / "set")


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
