"""An index is of one precision of the default encoder: its manifest names it, and builds and questions keep to it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from fakes import FakeEncoder, FakeReader

from partnership_qa import build_index, load
from partnership_qa.embedding import PRECISIONS, load_encoder, of_the_index
from partnership_qa.errors import ModelError
from partnership_qa.index import BuildReport, open_index
from partnership_qa.watch import watch

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "ferry.txt").write_text("The ferry sails at nine.", encoding="utf-8")
    return tmp_path / "corpus"


@pytest.fixture
def root(corpus: Path, tmp_path: Path) -> Path:
    """An index that was built in int8."""
    build_index(corpus, tmp_path / "index", precision="int8")
    return tmp_path / "index"


def named(root: Path) -> str:
    return open_index(root).generation.manifest.encoder


def test_the_manifest_names_the_precision_and_questions_are_embedded_in_it(root: Path) -> None:
    assert named(root) == PRECISIONS["int8"]
    qa = load(root, reader=FakeReader())
    assert qa.encoder is load_encoder(PRECISIONS["int8"])
    assert qa.search("When does the ferry sail?")[0].passage.document == "ferry.txt"


def test_a_later_build_keeps_the_precision_and_its_vectors_until_another_is_asked_for(root: Path, corpus: Path) -> None:
    (corpus / "lamp.txt").write_text("The lamp costs ten.", encoding="utf-8")
    assert build_index(corpus, root).embedded == 1
    assert named(root) == PRECISIONS["int8"]
    assert build_index(corpus, root, precision="fp32").embedded == 2
    assert named(root) == PRECISIONS["fp32"]
    assert load(root, reader=FakeReader()).encoder is load_encoder()


def test_a_watched_index_keeps_its_precision(root: Path, corpus: Path) -> None:
    stop = threading.Event()

    def told(result: object) -> None:
        stop.set()
        assert isinstance(result, BuildReport)

    watch(corpus, root, told, stop=stop)
    assert named(root) == PRECISIONS["int8"]


def test_an_encoder_of_another_name_stays_what_it_is() -> None:
    fake = FakeEncoder()
    assert of_the_index(fake, PRECISIONS["int8"]) is fake
    assert of_the_index(load_encoder(), "fake") is load_encoder()


def test_a_precision_that_there_is_not_or_beside_an_encoder_is_refused(corpus: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="No precision is called 'int4': give fp32 or int8"):
        build_index(corpus, tmp_path / "index", precision="int4")
    with pytest.raises(ModelError, match="not both"):
        build_index(corpus, tmp_path / "index", encoder=FakeEncoder(), precision="int8")
    assert not (tmp_path / "index").exists()
