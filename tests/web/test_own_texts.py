"""A page over a collection: its own texts change, its folders are followed, its judgements lie with it."""

from __future__ import annotations

import pytest
from fakes import FAKE_CALIBRATION, FakeEncoder, FakeReader

from partnership_qa.errors import FollowedDocumentError
from partnership_qa.home import build_index
from partnership_qa.index import open_index
from partnership_qa.library import Library
from partnership_qa.qa import QA
from partnership_qa.web.desk import Desk
from partnership_qa.web.failures import public_message

FACT = "Who kept the light from 1901?"


@pytest.fixture
def collection(corpus, tmp_path):
    build_index(corpus, collection="harbour", home=tmp_path / "home", encoder=FakeEncoder())
    return Library(tmp_path / "home").collection("harbour")


@pytest.fixture
def desk(collection):
    encoder = FakeEncoder()
    return Desk(open_index(collection.index), lambda index: QA.assemble(index, encoder, FakeReader(), FAKE_CALIBRATION))


def names(desk):
    return sorted(desk.index.sources)


FOLLOWED = ["corpus/harbour.md", "corpus/ledger.txt", "corpus/letters/june.txt"]


def test_a_text_that_is_added_is_kept_beside_the_folders_and_they_are_followed_on(desk, collection, corpus):
    report = desk.change({"tides.txt": b"The tide turns at noon.\n"})
    assert report.added == ("texts/tides.txt",)
    assert (collection.texts / "tides.txt").read_bytes() == b"The tide turns at noon.\n"
    (corpus / "new.txt").write_text("The heron nests on the mast.")
    assert desk.outdated() == {"added": ["corpus/new.txt"]}
    assert desk.read_again().added == ("corpus/new.txt",)
    assert names(desk) == sorted([*FOLLOWED, "corpus/new.txt", "texts/tides.txt"])


def test_another_text_leaves_the_one_before(desk):
    desk.change({"tides.txt": b"The tide turns at noon.\n"})
    assert desk.change({"gulls.md": b"# Gulls\n\nThey sleep on the chimney.\n"}).added == ("texts/gulls.md",)
    assert [name for name in names(desk) if name.startswith("texts/")] == ["texts/gulls.md", "texts/tides.txt"]


def test_replacing_replaces_its_own_texts_alone(desk):
    desk.change({"tides.txt": b"The tide turns at noon.\n"})
    report = desk.change({"gulls.md": b"# Gulls\n\nThey sleep on the chimney.\n"}, replace=True)
    assert (report.added, report.removed) == (("texts/gulls.md",), ("texts/tides.txt",))
    assert names(desk) == [*FOLLOWED, "texts/gulls.md"]


def test_its_own_text_is_removed_and_comes_back_by_going_back(desk, collection):
    desk.change({"tides.txt": b"The tide turns at noon.\n"})
    assert desk.change({}, drop=["texts/tides.txt"]).removed == ("texts/tides.txt",)
    assert not list(collection.texts.iterdir())
    desk.go_back()
    assert (collection.texts / "tides.txt").read_bytes() == b"The tide turns at noon.\n"
    assert desk.read_again().removed == ()


def test_a_document_of_a_followed_folder_is_not_removed_here(desk, corpus):
    with pytest.raises(FollowedDocumentError) as raised:
        desk.change({}, drop=["corpus/ledger.txt"])
    assert public_message(raised.value).startswith("corpus/ledger.txt lies in a folder that the collection follows")
    assert (corpus / "ledger.txt").is_file()
    assert names(desk) == FOLLOWED


def test_a_text_that_cannot_be_read_is_not_kept(desk, collection):
    desk.change({"bad.txt": b"\0\0\0", "tides.txt": b"The tide turns at noon.\n"})
    assert [file.name for file in collection.texts.iterdir()] == ["tides.txt"]


def test_a_folder_that_is_gone_is_said_without_its_place(desk, corpus, tmp_path):
    corpus.rename(tmp_path / "unplugged")
    assert desk.outdated() == {}
    with pytest.raises(Exception, match="No corpus") as raised:
        desk.read_again()
    assert "not there at the moment" in public_message(raised.value)
    assert str(tmp_path) not in public_message(raised.value)
    assert desk.ask(FACT).result.answered


def test_judgements_lie_with_the_collection(desk, collection):
    desk.judge(desk.ask(FACT), "up", "")
    assert len(list(collection.labels.glob("*.json"))) == 1
