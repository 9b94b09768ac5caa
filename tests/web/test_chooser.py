"""The chooser of a collection in the page, and the desk that answers from another index."""

from __future__ import annotations

import shutil

import pytest
from fakes import FakeEncoder

from partnership_qa.errors import CorpusIndexError
from partnership_qa.home import build_index
from partnership_qa.index import build, open_index
from partnership_qa.library import HOME_VARIABLE, Library
from partnership_qa.qa import QA
from partnership_qa.web.chooser import ALONE, Chooser
from partnership_qa.web.desk import Desk

FACT = "Who kept the light from 1901?"
BUOY = "Who painted the buoy of Kemi?"


@pytest.fixture(autouse=True)
def two(corpus, tmp_path, monkeypatch):
    """Two collections, and one that has not been built."""
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "home"))
    (tmp_path / "mail").mkdir()
    (tmp_path / "mail" / "note.txt").write_text("The buoy of Kemi was painted by Nils Ek.\n", encoding="utf-8")
    build_index(corpus, collection="harbour", encoder=FakeEncoder())
    build_index(tmp_path / "mail", collection="mail", encoder=FakeEncoder())
    Library().create("not built", [])
    return Library()


def desk_of(root, qa):
    return Desk(open_index(root), lambda index: QA.assemble(index, qa.encoder, qa.reader, qa.calibration))


@pytest.fixture
def desk(two, qa):
    return desk_of(two.collection("harbour").index, qa)


def test_the_built_collections_can_be_chosen(desk):
    chooser = Chooser(desk)
    assert (chooser.choices(), chooser.chosen()) == (["harbour", "mail"], "harbour")


def test_the_page_answers_from_what_is_chosen(desk):
    chooser = Chooser(desk)
    assert not desk.ask(BUOY).result.answered
    assert chooser.use("mail")["value"] == "mail"
    assert [cited.document for cited in desk.ask(BUOY).result.citations] == ["mail/note.txt"]
    assert not desk.ask(FACT).result.answered
    chooser.use("harbour")
    assert desk.ask(FACT).result.answered


def test_texts_and_judgements_go_to_what_is_chosen(desk, two):
    Chooser(desk).use("mail")
    assert desk.change({"tides.txt": b"The tide turns at noon.\n"}).added == ("texts/tides.txt",)
    desk.judge(desk.ask(BUOY), "up", "")
    mail, harbour = two.collection("mail"), two.collection("harbour")
    assert [file.name for file in mail.texts.iterdir()] == ["tides.txt"]
    assert list(mail.labels.glob("*.json"))
    assert not list(harbour.texts.iterdir())
    assert not harbour.labels.exists()


def test_an_index_that_stands_alone_can_be_chosen_again(qa, tmp_path):
    build(tmp_path / "corpus", tmp_path / "alone", FakeEncoder())
    chooser = Chooser(desk_of(tmp_path / "alone", qa))
    assert (chooser.choices(), chooser.chosen()) == ([ALONE, "harbour", "mail"], ALONE)
    chooser.use("mail")
    assert chooser.chosen() == "mail"
    assert chooser.use(ALONE)["value"] == ALONE


def test_without_a_choice_nothing_is_shown(desk, two):
    two.delete("mail")
    assert Chooser(desk).updated()["visible"] is False


def test_what_cannot_be_opened_is_said_and_what_was_there_answers(desk, two, tmp_path):
    chooser = Chooser(desk)
    shutil.rmtree(two.collection("mail").index / "lexical", ignore_errors=True)
    next(two.collection("mail").index.glob("gen-*/vectors.faiss")).write_bytes(b"")
    update = chooser.use("mail")
    assert (update["value"], chooser.chosen()) == ("harbour", "harbour")
    assert "cannot be read" in update["info"]
    assert str(tmp_path) not in update["info"]
    assert desk.ask(FACT).result.answered


def test_another_encoder_is_refused(desk, tmp_path, corpus):
    build(corpus, tmp_path / "other", FakeEncoder("other-weights"))
    with pytest.raises(CorpusIndexError, match="built with the encoder"):
        desk.use(tmp_path / "other")
    assert desk.ask(FACT).result.answered
