"""A corpus that is a list of folders: the names of its documents, where their files lie, and what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest
from fakes import FakeEncoder

from partnership_qa.errors import CorpusError, CorpusNotFoundError
from partnership_qa.index import build, corpus_changes, open_index
from partnership_qa.sources import Skipped, file_of, find_files
from partnership_qa.sources.folders import FOLDERS, read_folders, write_folders


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    """Two folders, one of them beside the list."""
    for name in ("base/texts/b.txt", "elsewhere/laws/a.txt", "elsewhere/laws/deep/c.txt", "elsewhere/laws/.hidden.txt"):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"The lamp of {file.stem} is electric.\n", encoding="utf-8")
    (tmp_path / "elsewhere/laws/odd.zzz").write_text("?")
    base = tmp_path / "base"
    write_folders(base / FOLDERS, {"texts": base / "texts", "laws": tmp_path / "elsewhere/laws"})
    return base / FOLDERS


def test_documents_are_named_after_their_folder(listed: Path) -> None:
    found = find_files(listed)
    assert [entry.name for entry in found] == ["laws/a.txt", "laws/deep/c.txt", "laws/odd.zzz", "texts/b.txt"]
    assert [entry.name for entry in found if isinstance(entry, Skipped)] == ["laws/odd.zzz"]


def test_a_list_and_the_folders_beside_it_can_be_moved_together(listed: Path, tmp_path: Path) -> None:
    moved = listed.parent.rename(tmp_path / "moved")
    assert read_folders(moved / FOLDERS) == {"texts": moved / "texts", "laws": tmp_path / "elsewhere/laws"}


def test_the_file_of_a_document_lies_in_its_folder(listed: Path, tmp_path: Path) -> None:
    assert file_of(listed, "laws/deep/c.txt") == tmp_path / "elsewhere/laws/deep/c.txt"
    assert file_of(listed.parent / "texts", "b.txt") == listed.parent / "texts/b.txt"
    assert file_of(listed.parent / "texts/b.txt", "b.txt") == listed.parent / "texts/b.txt"
    with pytest.raises(CorpusError, match="names no folder “mail”"):
        file_of(listed, "mail/a.txt")


def test_it_is_indexed_and_compared_like_any_corpus(listed: Path, tmp_path: Path) -> None:
    report = build(listed, tmp_path / "index", FakeEncoder())
    assert report.added == ("laws/a.txt", "laws/deep/c.txt", "texts/b.txt")
    index = open_index(tmp_path / "index")
    assert index.sources["laws/a.txt"].text == "The lamp of a is electric.\n"
    (listed.parent / "texts/b.txt").write_text("Rewritten.")
    (tmp_path / "elsewhere/laws/a.txt").unlink()
    assert corpus_changes(index, listed) == {"added": [], "changed": ["texts/b.txt"], "removed": ["laws/a.txt"]}


def test_a_folder_that_is_gone_leaves_the_index_as_it_was(listed: Path, tmp_path: Path) -> None:
    before = build(listed, tmp_path / "index", FakeEncoder()).generation
    (tmp_path / "elsewhere").rename(tmp_path / "unplugged")
    with pytest.raises(CorpusNotFoundError, match="elsewhere/laws"):
        build(listed, tmp_path / "index", FakeEncoder())
    assert open_index(tmp_path / "index").generation.name == before


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", '{"folders": 1}', '{"folders": [1]}', '{"folders": [{"name": "a"}]}',
     '{"folders": [{"name": "..", "path": "a"}]}', '{"folders": [{"name": "a/b", "path": "a"}]}',
     '{"folders": [{"name": "a", "path": "a"}, {"name": "a", "path": "b"}]}',
     '{"folders": [{"name": 1, "path": "a"}]}', '{"folders": [{"name": "a", "path": 1}]}'],
)  # fmt: skip
def test_a_damaged_list_is_said(tmp_path: Path, content: str) -> None:
    (tmp_path / FOLDERS).write_text(content)
    with pytest.raises(CorpusError, match="is no list of folders"):
        find_files(tmp_path / FOLDERS)


def test_a_file_of_that_name_within_a_corpus_is_no_list(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / FOLDERS).write_text('{"folders": [{"name": "all", "path": "/"}]}')
    assert [type(entry) for entry in find_files(tmp_path / "corpus")] == [Skipped]
