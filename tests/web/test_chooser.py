"""The chooser of a collection: each visitor has one of their own, and several answer side by side."""

from __future__ import annotations

import inspect
import shutil
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from fakes import FakeEncoder
from gradio.context import LocalContext

from partnership_qa.errors import CollectionError, CorpusIndexError
from partnership_qa.home import build_index
from partnership_qa.index import build, open_index
from partnership_qa.library import HOME_VARIABLE, Library
from partnership_qa.qa import QA
from partnership_qa.web import desks as desks_module
from partnership_qa.web.chooser import Chooser
from partnership_qa.web.desk import Desk
from partnership_qa.web.desks import ALONE, Desks

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


def desk_of(root, qa, **options):
    return Desks(
        Desk(open_index(root), lambda index: QA.assemble(index, qa.encoder, qa.reader, qa.calibration)), **options
    )


@contextmanager
def visit(session, **address):
    """What is called is called for this visitor, whose page has this address."""
    token = LocalContext.request.set(SimpleNamespace(session_hash=session, query_params=address))
    try:
        yield
    finally:
        LocalContext.request.reset(token)


@pytest.fixture
def desk(two, qa):
    return desk_of(two.collection("harbour").index, qa)


def test_the_built_collections_can_be_chosen(desk):
    assert (desk.names(), desk.chosen()) == (["harbour", "mail"], "harbour")


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
    assert chooser.updated()["choices"] == [ALONE, "harbour", "mail"]
    assert chooser.updated()["value"] == ALONE
    assert chooser.use("mail")["value"] == "mail"
    assert chooser.use(ALONE)["value"] == ALONE


def test_without_a_choice_nothing_is_shown(desk, two):
    two.delete("mail")
    assert Chooser(desk).updated()["visible"] is False


def test_what_cannot_be_opened_is_said_and_what_was_there_answers(desk, two, tmp_path):
    chooser = Chooser(desk)
    shutil.rmtree(two.collection("mail").index / "lexical", ignore_errors=True)
    next(two.collection("mail").index.glob("gen-*/vectors.npy")).write_bytes(b"")
    update = chooser.use("mail")
    assert (update["value"], desk.chosen()) == ("harbour", "harbour")
    assert "cannot be read" in update["info"]
    assert str(tmp_path) not in update["info"]
    assert desk.ask(FACT).result.answered


def test_another_encoder_is_refused_and_can_be_chosen_once_it_is_built_again(desk, two):
    mail = two.collection("mail")
    build(mail.corpus, mail.index, FakeEncoder("other-weights"))
    with pytest.raises(CorpusIndexError, match="built with the encoder"):
        desk.choose("mail")
    assert desk.ask(FACT).result.answered
    build(mail.corpus, mail.index, FakeEncoder())
    desk.choose("mail")
    assert desk.ask(BUOY).result.answered


def test_what_one_visitor_chooses_is_nothing_to_another(desk):
    with visit("anna"):
        desk.choose("mail")
        assert desk.ask(BUOY).result.answered
    with visit("olof"):
        assert desk.chosen() == "harbour"
        assert desk.ask(FACT).result.answered
        assert not desk.ask(BUOY).result.answered
    with visit("anna"):
        assert (desk.chosen(), sorted(desk.index.sources)) == ("mail", ["mail/note.txt"])


def drained(steps):
    """What the generator returns."""
    ends = []

    def walk():
        ends.append((yield from steps))

    list(walk())
    return ends[0]


def test_an_answer_that_is_under_way_stays_with_what_it_was_asked_of(desk):
    with visit("anna"):
        steps = desk.asking(FACT)
        next(steps)
        desk.choose("mail")
        assert drained(steps).result.answered


def test_an_index_is_loaded_once_for_all_who_chose_it(desk):
    indexes = []
    for session in ("anna", "olof", "anna"):
        with visit(session):
            desk.choose("mail")
            indexes.append(desk.index)
    assert indexes[0] is indexes[1] is indexes[2]


def test_a_build_is_seen_by_all_who_chose_it_and_by_nobody_else(desk):
    told = []
    desk.on_index = lambda index: told.append(sorted(index.sources))
    for session in ("anna", "olof"):
        with visit(session):
            desk.choose("mail")
    before = desk.named("mail").index.generation.name
    with visit("anna"):
        desk.change({"tides.txt": b"The tide at Vadso turns at noon."})
    with visit("olof"):
        assert desk.ask("When does the tide turn at Vadso?").result.answered
    assert desk.named("mail").index.generation.name != before
    assert told[-1] == ["mail/note.txt", "texts/tides.txt"]
    with visit("eva"):
        assert not desk.ask("When does the tide turn at Vadso?").result.answered
        assert desk.named("").index.generation.name == desk.index.generation.name


def test_the_address_of_a_page_chooses_for_it_until_another_is_chosen(desk):
    with visit("anna", collection="mail"):
        assert desk.chosen() == "mail"
        desk.choose("harbour")
        assert desk.chosen() == "harbour"
    for unknown in ("nowhere", "../mail", "not built"):
        with visit(unknown, collection=unknown):
            assert desk.chosen() == "harbour"


def test_an_index_that_is_damaged_is_not_opened_for_an_address_and_said_where_it_was_chosen(desk, two, monkeypatch):
    monkeypatch.setattr(desks_module, "MAX_OPEN", 1)
    with visit("anna"):
        desk.choose("mail")
    with visit("olof"):
        desk.choose("harbour")
    desk._open.pop(two.collection("mail").index)  # let go, as nobody asked for it
    next(two.collection("mail").index.glob("gen-*/vectors.npy")).write_bytes(b"")
    with visit("anna"):
        turn = desk.ask(BUOY)
        assert (turn.result, "cannot be read" in turn.error) == (None, True)
    with visit("eva", collection="mail"):
        assert desk.chosen() == "harbour"
        assert desk.ask(FACT).result.answered


def test_where_nothing_may_be_chosen_an_address_chooses_nothing(two, qa):
    desk = desk_of(two.collection("harbour").index, qa, choosable=False)
    with visit("anna", collection="mail"):
        assert desk.chosen() == "harbour"
    assert desk.named("mail").root == two.collection("harbour").index


def test_an_unknown_name_is_refused(desk):
    with pytest.raises(CollectionError):
        desk.choose("nowhere")


def test_a_page_of_any_open_index_can_be_drawn(desk):
    with visit("anna"):
        desk.choose("mail")
        mail = desk.index
    assert desk.index_of(mail.generation.name) is mail
    assert desk.index_of("gen-0").generation.name == desk.index.generation.name


def test_the_index_that_was_not_asked_for_longest_is_let_go_and_opened_again(desk, two, corpus, monkeypatch):
    monkeypatch.setattr(desks_module, "MAX_OPEN", 2)
    build_index(corpus, collection="third", encoder=FakeEncoder())
    with visit("anna"):
        desk.choose("mail")
        first = desk.index
    with visit("olof"):
        desk.choose("third")
    assert desk.named("mail").root == two.collection("harbour").index, "it is not open"
    with visit("anna"):
        assert desk.ask(BUOY).result.answered
        assert desk.index is not first
        assert desk.index.generation.name == first.generation.name


def test_visitors_have_an_end(desk, monkeypatch):
    monkeypatch.setattr(desks_module, "MAX_VISITORS", 3)
    for number in range(5):
        with visit(f"visitor{number}"):
            desk.choose("mail")
    with visit("visitor0"):
        assert desk.chosen() == "harbour"
    with visit("visitor4"):
        assert desk.chosen() == "mail"


def test_every_part_of_a_desk_is_that_of_the_visitor():
    parts = {name for name, _ in inspect.getmembers(Desk) if not name.startswith("_")}
    assert parts - vars(Desks).keys() == {"ask"}, "which is `asking` from begin to end"
