"""A corpus that is watched: what makes it build again, and a chat that goes on meanwhile."""

from __future__ import annotations

import os
import queue
import shutil
import sys
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from fakes import FAKE_CALIBRATION, FakeEncoder, FakeReader

from partnership_qa import home
from partnership_qa.errors import CorpusNotFoundError, EmptyCorpusError, OptionalDependencyError, PartnershipQAError
from partnership_qa.index import open_index
from partnership_qa.library import Library
from partnership_qa.qa import QA
from partnership_qa.watch import watch
from partnership_qa.web.desk import Desk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from partnership_qa.index import BuildReport

SOON = 20


@contextmanager
def watched(corpus: Path, root: Path) -> Iterator[queue.Queue[BuildReport | PartnershipQAError]]:
    told: queue.Queue[BuildReport | PartnershipQAError] = queue.Queue()
    stop = threading.Event()
    thread = threading.Thread(
        target=watch, args=(corpus, root, told.put), kwargs={"encoder": FakeEncoder(), "stop": stop}
    )
    thread.start()
    try:
        yield told
    finally:
        stop.set()
        thread.join(SOON)
        assert not thread.is_alive()


def test_what_changes_is_built_again(corpus: Path, root: Path) -> None:
    with watched(corpus, root) as told:
        assert len(told.get(timeout=SOON).added) == 3
        (corpus / "new.txt").write_text("The heron nests on the mast.")
        assert told.get(timeout=SOON).added == ("new.txt",)
        (corpus / "letters" / "june.txt").unlink()
        assert told.get(timeout=SOON).removed == ("letters/june.txt",)
        (corpus / "new.txt").rename(corpus / "old.txt")
        report = told.get(timeout=SOON)
        assert (report.added, report.removed, report.embedded) == (("old.txt",), ("new.txt",), 0)


def test_an_index_inside_its_corpus_and_hidden_files_do_not_count(corpus: Path) -> None:
    with watched(corpus, corpus / "index") as told:
        told.get(timeout=SOON)
        (corpus / ".swap.txt").write_text("Hidden words.")
        (corpus / "index" / "note.txt").write_text("Words.")
        with pytest.raises(queue.Empty):
            told.get(timeout=2.5)


def test_every_folder_of_a_collection_is_watched_one_that_is_added_too(corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "mail").mkdir()
    collection = Library(tmp_path / "home").create("harbour", [corpus])
    with watched(collection.corpus, collection.index) as told:
        assert len(told.get(timeout=SOON).added) == 3
        (collection.texts / "tides.txt").write_text("The tide turns at noon.")
        assert told.get(timeout=SOON).added == ("texts/tides.txt",)
        (tmp_path / "mail" / "note.txt").write_text("The heron nests on the mast.")
        collection.add(tmp_path / "mail")
        assert told.get(timeout=SOON).added == ("mail/note.txt",)
        (tmp_path / "mail" / "note.txt").write_text("The heron has left.")
        assert told.get(timeout=SOON).changed == ("mail/note.txt",)


def test_one_file_is_watched_though_it_is_exchanged(corpus: Path, root: Path) -> None:
    file = corpus / "ledger.txt"
    with watched(file, root) as told:
        assert told.get(timeout=SOON).added == ("ledger.txt",)
        (corpus / "harbour.md").write_text("Another file.")
        for number in range(3):
            draft = corpus / "draft"
            draft.write_text(f"The lamp number {number} is electric.")
            os.replace(draft, file)
            assert told.get(timeout=SOON).changed == ("ledger.txt",)
        assert list(open_index(root).sources) == ["ledger.txt"]


def test_a_build_that_fails_is_told_and_the_watching_goes_on(tmp_path: Path, root: Path) -> None:
    corpus = tmp_path / "none"
    corpus.mkdir()
    with watched(corpus, root) as told:
        assert isinstance(told.get(timeout=SOON), EmptyCorpusError)
        (corpus / "a.txt").write_text("Some words.")
        assert told.get(timeout=SOON).added == ("a.txt",)


def remade(corpus: Path) -> None:
    """Where the file system gives numbers again, the new folder has that of the old one."""
    shutil.rmtree(corpus)
    corpus.mkdir()


def exchanged(corpus: Path) -> None:
    corpus.rename(corpus.with_name("old"))
    corpus.mkdir()


def remade_with_the_folder_above(corpus: Path) -> None:
    shutil.rmtree(corpus.parent)
    corpus.mkdir(parents=True)


def led_elsewhere(corpus: Path) -> None:
    """As a release is switched that stands behind a link."""
    other = corpus.with_name("other")
    other.mkdir()
    corpus.unlink()
    corpus.symlink_to(other)


@pytest.mark.parametrize("lose", [remade, exchanged, remade_with_the_folder_above, led_elsewhere])
def test_a_folder_that_another_one_took_the_place_of_is_watched(
    corpus: Path, root: Path, tmp_path: Path, lose: Callable[[Path], None]
) -> None:
    place = tmp_path / "above" / "texts"
    place.parent.mkdir()
    if lose is led_elsewhere:
        place.symlink_to(corpus)
    else:
        corpus.rename(place)
    with watched(place, root) as told:
        assert len(told.get(timeout=SOON).added) == 3
        lose(place)
        assert isinstance(told.get(timeout=SOON), EmptyCorpusError)
        (place / "new.txt").write_text("The heron nests on the mast.")
        assert told.get(timeout=SOON).added == ("new.txt",)
        (place / "new.txt").write_text("The heron nests on the roof.")
        assert told.get(timeout=SOON).changed == ("new.txt",)


def test_while_the_folder_is_gone_the_index_stays_and_it_is_waited_for(corpus: Path, root: Path) -> None:
    with watched(corpus, root) as told:
        told.get(timeout=SOON)
        shutil.rmtree(corpus)
        assert isinstance(told.get(timeout=SOON), CorpusNotFoundError)
        assert len(open_index(root).sources) == 3
        with pytest.raises(queue.Empty):  # said once
            told.get(timeout=2.5)
        corpus.mkdir()
        (corpus / "new.txt").write_text("The heron nests on the mast.")
        assert told.get(timeout=SOON).added == ("new.txt",)


def test_one_file_is_watched_though_its_folder_is_made_again(tmp_path: Path, root: Path) -> None:
    file = tmp_path / "texts" / "a.txt"
    file.parent.mkdir()
    file.write_text("The heron nests on the mast.")
    with watched(file, root) as told:
        told.get(timeout=SOON)
        remade(file.parent)
        assert isinstance(told.get(timeout=SOON), CorpusNotFoundError)
        for word in ("roof", "tower"):
            file.write_text(f"The heron nests on the {word}.")
            assert told.get(timeout=SOON).changed == ("a.txt",)


def test_what_is_not_there_cannot_be_watched(tmp_path: Path, root: Path) -> None:
    with pytest.raises(CorpusNotFoundError):
        watch(tmp_path / "nowhere", root, print, encoder=FakeEncoder())


def test_without_watchfiles_the_line_that_installs_it_is_named(
    corpus: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "watchfiles", None)
    with pytest.raises(OptionalDependencyError, match=r"pip install 'partnership_qa\[watch\]'"):
        watch(corpus, root, print, encoder=FakeEncoder())


def test_a_running_chat_moves_along_and_drops_no_question(corpus: Path, root: Path) -> None:
    """Two visitors ask without a pause while the text changes ten times: each answer is of one version, none fails."""
    lamp = corpus / "lamp.txt"
    lamp.write_text("The lamp number 0 burns in the tower. The lamp number 0 is red.")
    with watched(corpus, root) as told:
        told.get(timeout=SOON)
        desk = Desk(open_index(root), lambda index: QA.assemble(index, FakeEncoder(), FakeReader(), FAKE_CALIBRATION))
        answers: list[str] = []
        done = threading.Event()

        def visit() -> None:
            while not done.is_set():
                turn = desk.ask("Which lamp number burns in the tower?")
                answers.append(turn.result.text if turn.result is not None else f"error: {turn.error}")

        visitors = [threading.Thread(target=visit) for _ in range(2)]
        for visitor in visitors:
            visitor.start()
        for version in range(1, 11):
            lamp.write_text(f"The lamp number {version} burns in the tower. The lamp number {version} is red.")
            assert told.get(timeout=SOON).changed == ("lamp.txt",)
        begun = time.monotonic()
        while not any("number 10 " in answer for answer in answers[-9:]) and time.monotonic() - begun < SOON:
            time.sleep(0.01)
        done.set()
        for visitor in visitors:
            visitor.join()
    possible = [f"The lamp number {version} burns in the tower." for version in range(11)]
    assert set(answers) <= set(possible)
    assert possible[-1] in answers
    assert len(set(answers)) > 5


def test_answer_from_python_moves_along(corpus: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home, "load_encoder", FakeEncoder)
    monkeypatch.setattr(home, "load_reader", FakeReader)
    with watched(corpus, root) as told:
        told.get(timeout=SOON)
        home.answer("When was the harbour dug?", index=root)
        (corpus / "heron.txt").write_text("The heron nests on the mast.")
        told.get(timeout=SOON)
        nearest = home.answer("Where does the heron nest?", index=root)
    assert "heron.txt" in str(nearest.to_dict())
