"""Judgements stay on this machine, in one file for each state of the texts, and `evaluate` reads them."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from partnership_qa import home
from partnership_qa.cli.app import app
from partnership_qa.errors import LabelError
from partnership_qa.qa import QA
from partnership_qa.web import labels as labels_module
from partnership_qa.web.desk import Desk
from partnership_qa.web.labels import Labels, default_folder
from partnership_qa.web.talk import Talk

FACT = "When was the harbour dug?"


@pytest.fixture
def labels(tmp_path):
    return Labels(tmp_path / "labels")


@pytest.fixture
def desk(qa, labels):
    return Desk(qa.index, lambda index: QA.assemble(index, qa.encoder, qa.reader, qa.calibration), labels)


def questions(labels, desk):
    content = json.loads(labels.file(desk.index).read_text("utf-8"))
    return [qa for article in content["data"] for paragraph in article["paragraphs"] for qa in paragraph["qas"]]


def said(place, rating, **more):
    return json.dumps({"place": str(place), "rating": rating} | more)


def test_a_thumb_up_becomes_a_question_with_its_answer(desk, labels):
    turn = desk.judge(desk.ask(FACT), "up", "  as the\nledger says ")
    (kept,) = questions(labels, desk)
    assert kept["question"] == FACT
    assert kept["answers"] == [{"text": "The harbour was dug in 1874 by Ingrid Holm.", "answer_start": 20}]
    assert kept["note"] == "as the ledger says"
    assert turn.rating == "up"


def test_evaluate_reads_what_the_page_has_kept(desk, labels, monkeypatch, qa):
    """The round trip, through the command that users type."""
    desk.judge(desk.ask(FACT), "up", "")
    desk.judge(desk.ask("Who painted the Mona Lisa?"), "up", "")
    monkeypatch.setattr(home, "load_encoder", lambda: qa.encoder)
    monkeypatch.setattr(home, "load_reader", lambda: qa.reader)
    monkeypatch.setattr("partnership_qa.qa.load_calibration", lambda: qa.calibration)
    done = CliRunner().invoke(app, ["evaluate", str(labels.file(desk.index)), "--json"], catch_exceptions=False)
    figures = json.loads(done.stdout)
    assert (figures["questions"], figures["em"], figures["refused"], figures["verbatim"]) == (2, 1.0, 1.0, 1.0)


def test_evaluate_counts_the_thumbs_and_what_was_called_wrong(desk, labels, monkeypatch, qa):
    desk.judge(desk.ask(FACT), "up", "")
    desk.judge(desk.ask("Who kept the light from 1901?"), "down", "")
    monkeypatch.setattr(home, "load_encoder", lambda: qa.encoder)
    monkeypatch.setattr(home, "load_reader", lambda: qa.reader)
    monkeypatch.setattr("partnership_qa.qa.load_calibration", lambda: qa.calibration)
    done = CliRunner().invoke(app, ["evaluate", str(labels.file(desk.index)), "--json"], catch_exceptions=False)
    figures = json.loads(done.stdout)
    assert (figures["thumbs_up"], figures["thumbs_down"], figures["wrong_again"], figures["f1"]) == (1, 1, 1, 0.5)


def test_a_follow_up_is_kept_as_it_was_understood(desk, labels):
    first = desk.ask("What is the fee of the Dinghy boat?")
    second = desk.ask("And of the Cutter?", [first])
    desk.judge(second, "up", "")
    assert questions(labels, desk)[0]["question"] == second.asked


def test_the_texts_as_they_were_are_kept_with_a_label(desk, labels):
    desk.judge(desk.ask(FACT), "up", "")
    before = labels.file(desk.index)
    desk.change({"tides.txt": b"The tide at Vadso turns at noon.\n"})
    desk.judge(desk.ask(FACT), "up", "")
    assert labels.file(desk.index) != before
    titles = [[a["title"] for a in json.loads(f.read_text("utf-8"))["data"]] for f in (before, labels.file(desk.index))]
    assert ["tides.txt" in one for one in titles] == [False, True]


def test_an_answer_from_other_texts_than_those_loaded_is_not_labelled(desk, labels):
    turn = desk.ask(FACT)
    desk.change({"tides.txt": b"The tide at Vadso turns at noon.\n"})
    with pytest.raises(LabelError, match="changed"):
        desk.judge(turn, "up", "")
    assert not labels.folder.exists()


def test_there_is_an_end_to_labels_and_one_can_still_be_taken_back(desk, labels, monkeypatch):
    monkeypatch.setattr(labels_module, "MAX_LABELS", 1)
    turn = desk.judge(desk.ask(FACT), "up", "")
    with pytest.raises(LabelError, match="full"):
        desk.judge(desk.ask("Who kept the light from 1901?"), "up", "")
    desk.judge(turn, "", "")
    assert questions(labels, desk) == []


@pytest.mark.parametrize("content", ["", "{", "[]", '{"data": 1}'])
def test_a_damaged_file_is_said_and_left_as_it_is(desk, labels, content):
    labels.folder.mkdir()
    labels.file(desk.index).write_text(content)
    with pytest.raises(LabelError, match="Move the file away"):
        desk.judge(desk.ask(FACT), "up", "")
    assert labels.file(desk.index).read_text() == content


def test_a_folder_that_cannot_be_written_is_said(desk, labels):
    labels.folder.write_text("in the way")
    with pytest.raises(LabelError):
        desk.judge(desk.ask(FACT), "up", "")


def test_labels_lie_in_the_users_data_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert default_folder().name == "labels"
    assert "partnership_qa" in default_folder().parts


def test_the_page_keeps_a_thumb_changes_it_and_takes_it_back(desk, labels):
    talk, turns = Talk(desk), [desk.ask(FACT)]
    for given, rating, note, kept in (
        (said(0, "up"), "up", "", 1), (said(0, "up", note="good"), "up", "good", 1),
        (said(0, "down"), "down", "", 0), (said(0, "down"), "", "", 0),
    ):  # fmt: skip
        _, turns = talk.judge(given, turns)
        assert (turns[0].rating, turns[0].note, len(questions(labels, desk))) == (rating, note, kept)


@pytest.mark.parametrize(
    "given",
    ["", "x", "[]", "{}", said(7, "up"), said(-1, "up"), said(0, "sideways"), said("0:up", "up"), said("²", "up")],
)
def test_what_the_pages_script_would_never_say_changes_nothing(desk, labels, given):
    turns = [desk.ask(FACT)]
    assert turns not in Talk(desk).judge(given, turns)
    assert not labels.folder.exists()


def test_a_note_has_an_end(desk, labels):
    Talk(desk).judge(said(0, "up", note="x" * 10_000), [desk.ask(FACT)])
    assert len(questions(labels, desk)[0]["note"]) == 500
