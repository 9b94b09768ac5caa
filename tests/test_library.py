"""Collections by name: made, found, changed, deleted and restored, from Python."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fakes import FAKE_CALIBRATION, FakeEncoder, FakeReader

from partnership_qa import home, qa
from partnership_qa.answering import confidence
from partnership_qa.errors import CollectionError, CorpusError, IndexBusyError
from partnership_qa.index import list_generations, open_index
from partnership_qa.index.generations import write_lock
from partnership_qa.library import HOME_VARIABLE, Library, collection_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def fakes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    encoder = FakeEncoder()
    monkeypatch.setattr(home, "load_encoder", lambda: encoder)
    monkeypatch.setattr(home, "load_reader", FakeReader)
    monkeypatch.setattr(confidence, "load_calibration", lambda: FAKE_CALIBRATION)
    monkeypatch.setattr(qa, "load_calibration", lambda: FAKE_CALIBRATION)
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "home"))


@pytest.fixture
def library() -> Library:
    return Library()


@pytest.fixture
def mail(tmp_path: Path) -> Path:
    folder = tmp_path / "mail"
    folder.mkdir()
    (folder / "note.txt").write_text("The buoy of Kemi was painted by Nils Ek.\n", encoding="utf-8")
    return folder


def test_the_home_folder_is_the_one_given_or_that_of_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert Library(tmp_path / "given").home == tmp_path / "given"
    assert Library().home == tmp_path / "home"
    monkeypatch.delenv(HOME_VARIABLE)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert Library().home.name == "partnership_qa"


def test_a_collection_is_built_asked_and_built_again_by_its_name(library: Library, corpus: Path, mail: Path) -> None:
    report = home.build_index(corpus, collection="harbour")
    assert report.added == ("corpus/harbour.md", "corpus/ledger.txt", "corpus/letters/june.txt")
    assert home.build_index(mail, collection="harbour").added == ("mail/note.txt",)
    result = home.answer("Who painted the buoy of Kemi?", collection="harbour")
    assert [cited.document for cited in result.citations] == ["mail/note.txt"]
    assert not home.answer("Who painted the buoy of Kemi?", collection="harbour", documents=["corpus/"]).answered
    (mail / "more.txt").write_text("Another letter.\n")
    assert home.build_index(collection="harbour").added == ("mail/more.txt",)
    assert library.collection("harbour").folders == {"corpus": corpus, "mail": mail}
    assert len(home.load(collection="harbour").index.sources) == 5


def test_collections_are_apart(corpus: Path, mail: Path) -> None:
    home.build_index(corpus, collection="one")
    home.build_index(mail, collection="two")
    asked = "Who painted the buoy of Kemi?"
    assert not home.answer(asked, collection="one").answered
    assert home.answer(asked, collection="two").answered


def test_another_home_has_other_collections(corpus: Path, tmp_path: Path) -> None:
    home.build_index(corpus, collection="one", home=tmp_path / "other")
    assert Library().collections() == ()
    assert [one.name for one in Library(tmp_path / "other").collections()] == ["one"]
    assert home.load(collection="one", home=tmp_path / "other").index.root == tmp_path / "other/collections/one/index"


def test_texts_of_its_own_are_indexed_beside_its_folders(library: Library, corpus: Path) -> None:
    collection = library.create("harbour", [corpus])
    (collection.texts / "tides.txt").write_text("The tide turns at noon.\n")
    assert "texts/tides.txt" in home.build_index(collection="harbour").added
    assert list(collection.folders) == ["corpus"]


def test_a_collection_that_there_is_not_names_those_like_it(library: Library) -> None:
    library.create("contracts")
    with pytest.raises(CollectionError, match=r"no collection “contract”\. Near it are: contracts\. To make it: "):
        home.answer("Who?", collection="contract")


def test_a_collection_that_is_not_built_says_how(library: Library, mail: Path) -> None:
    library.create("my mail", [mail])
    with pytest.raises(CollectionError, match=r"partnership-qa build --collection 'my mail'$"):
        home.load(collection="my mail")
    library.create("empty")
    with pytest.raises(CollectionError, match=r"partnership-qa build FOLDER --collection empty$"):
        home.answer("Who?", collection="empty")


def test_an_index_and_a_collection_are_not_both_meant(corpus: Path, root: Path) -> None:
    for work in (
        lambda: home.load(root, collection="one"),
        lambda: home.answer("Who?", index=root, collection="one"),
        lambda: home.build_index(corpus, root, collection="one"),
    ):
        with pytest.raises(CollectionError, match="not both"):
            work()
    with pytest.raises(CorpusError, match="Nothing to build from"):
        home.build_index()


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a\\b", ".hidden", "end ", "x" * 65, "a\nb", "-"])
def test_a_name_that_is_no_name_of_a_folder_is_refused(library: Library, name: str) -> None:
    with pytest.raises(CollectionError, match="cannot be called"):
        library.create(name)


def test_a_name_is_given_once_whatever_its_case(library: Library) -> None:
    library.create("Verträge 2023")
    with pytest.raises(CollectionError, match="There is a collection “verträge 2023” already"):
        library.create("verträge 2023")


def test_what_is_no_folder_makes_no_collection(library: Library, corpus: Path, tmp_path: Path) -> None:
    for place in (corpus / "ledger.txt", tmp_path / "nowhere"):
        with pytest.raises(CollectionError, match="is no folder"):
            library.create("one", [corpus, place])
    assert library.collections() == ()


def test_folders_of_one_name_are_told_apart(library: Library, corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "old/Corpus").mkdir(parents=True)
    collection = library.create("one", [corpus])
    assert collection.add(tmp_path / "old/Corpus") == "Corpus-2"
    assert collection.add(corpus) == "corpus"
    assert collection.folders == {"corpus": corpus, "Corpus-2": tmp_path / "old/Corpus"}


def test_folders_within_one_another_are_refused(library: Library, corpus: Path, tmp_path: Path) -> None:
    collection = library.create("one", [corpus])
    for place in (corpus / "letters", tmp_path, collection.folder):
        with pytest.raises(CollectionError, match="lie in one another"):
            collection.add(place)


def test_a_hidden_folder_of_collections_is_in_nobodys_way(tmp_path: Path) -> None:
    (tmp_path / "user/letters").mkdir(parents=True)
    collection = Library(tmp_path / "user/.data").create("one", [tmp_path / "user"])
    assert list(collection.folders) == ["user"]


def test_a_folder_is_no_longer_followed_by_name_or_by_path(library: Library, corpus: Path, mail: Path) -> None:
    collection = library.create("one", [corpus, mail])
    home.build_index(collection="one")
    collection.remove("mail")
    assert home.build_index(collection="one").removed == ("mail/note.txt",)
    collection.remove(str(corpus))
    assert collection.folders == {}
    with pytest.raises(CollectionError, match=r"has no folder mail \(it has: none\)"):
        collection.remove("mail")
    with pytest.raises(CollectionError, match="has no folder texts"):
        collection.remove("texts")


def test_a_renamed_collection_answers_and_is_built_again(library: Library, corpus: Path) -> None:
    home.build_index(corpus, collection="old")
    renamed = library.rename("old", "new")
    assert [one.name for one in library.collections()] == ["new"]
    assert home.answer("Who kept the light from 1901?", collection="new").answered
    assert open_index(renamed.index).generation.corpus == str(renamed.corpus)
    assert home.stale(open_index(renamed.index)) == ""
    (corpus / "new.txt").write_text("Another text.")
    assert "partnership-qa build --collection new" in home.stale(open_index(renamed.index))
    assert home.build_index(collection="new").added == ("corpus/new.txt",)


def test_a_folder_that_is_gone_is_said_and_the_collection_still_answers(corpus: Path, tmp_path: Path) -> None:
    home.build_index(corpus, collection="one")
    corpus.rename(tmp_path / "unplugged")
    loaded = home.load(collection="one")
    assert home.stale(loaded.index).startswith(
        "the collection “one” cannot be compared with what was indexed: No corpus"
    )
    assert loaded.answer("Who kept the light from 1901?").answered


def test_a_deleted_collection_can_be_restored_with_all_it_had(library: Library, corpus: Path) -> None:
    home.build_index(corpus, collection="one")
    before = [entry.name for entry in list_generations(library.collection("one").index)]
    library.delete("one")
    assert (library.collections(), [one.name for one in library.deleted()]) == ((), ["one"])
    restored = library.restore("one")
    assert [entry.name for entry in list_generations(restored.index)] == before
    assert restored.folders == {"corpus": corpus}
    assert library.deleted() == ()


def test_the_next_build_of_any_collection_removes_what_was_deleted(library: Library, corpus: Path, mail: Path) -> None:
    home.build_index(corpus, collection="one")
    library.create("two", [mail])
    library.delete("one")
    assert (corpus / "ledger.txt").is_file()
    home.build_index(collection="two")
    with pytest.raises(CollectionError, match="it is gone after the next build"):
        library.restore("one")
    assert not (library.home / "deleted").exists()


def test_a_build_that_fails_removes_nothing(library: Library, tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    library.create("one")
    library.delete("one")
    with pytest.raises(CorpusError):
        home.build_index(tmp_path / "none", collection="two")
    assert [one.name for one in library.deleted()] == ["one"]


def test_a_collection_is_not_restored_over_a_new_one(library: Library) -> None:
    library.create("one")
    library.delete("one")
    library.create("one")
    with pytest.raises(CollectionError, match="already"):
        library.restore("one")


def test_a_collection_is_not_moved_while_it_is_built(
    library: Library, corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from partnership_qa import library as module

    home.build_index(corpus, collection="one")
    monkeypatch.setattr(module, "write_lock", lambda root, timeout=0: write_lock(root, 0.1))
    with write_lock(library.collection("one").index), pytest.raises(IndexBusyError):
        library.delete("one")
    assert [one.name for one in library.collections()] == ["one"]


def test_an_index_knows_its_collection(library: Library, corpus: Path, root: Path) -> None:
    home.build_index(corpus, collection="one")
    home.build_index(corpus, root)
    assert collection_of(library.collection("one").index) == library.collection("one")
    assert collection_of(root) is None
