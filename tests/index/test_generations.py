"""Generations: committed whole, kept, listed, verified, gone back to and tidied."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from fakes import FakeEncoder
from filelock import FileLock

from partnership_qa.errors import CorpusIndexError, IndexBusyError, IndexCorruptError, IndexNotFoundError
from partnership_qa.index import build, collect_garbage, list_generations, open_index, rollback, verify
from partnership_qa.index.generations import KEEP, pointer, write_lock


def _text(root: Path) -> str:
    return "".join(source.text for source in open_index(root).sources.values())


@pytest.fixture
def three(corpus: Path, root: Path, encoder: FakeEncoder) -> list[str]:
    """Three builds of a corpus that changed; the names of their generations, oldest first."""
    names = []
    for number in range(3):
        (corpus / "number.txt").write_text(f"This is build number {number}.")
        names.append(build(corpus, root, encoder).generation)
    return names


def test_the_last_generations_are_kept(root: Path, three: list[str]) -> None:
    assert sorted(path.name for path in root.glob("gen-*")) == three[-KEEP:]
    assert [(info.name, info.current) for info in list_generations(root)] == [(three[2], True), (three[1], False)]


def test_the_list_says_what_each_generation_holds(corpus: Path, root: Path, three: list[str]) -> None:
    info = list_generations(root)[0]
    assert (info.documents, info.corpus, info.damage) == (4, str(corpus), "")
    assert info.size == sum(p.stat().st_size for p in (root / info.name).rglob("*.*") if p.name != "manifest.json")


def test_going_back_and_forth(root: Path, three: list[str]) -> None:
    assert rollback(root) == three[1]
    assert "build number 1" in _text(root)
    assert rollback(root) == three[2]
    assert "build number 2" in _text(root)


def test_going_back_by_name(root: Path, three: list[str]) -> None:
    assert rollback(root, three[1]) == three[1]
    assert rollback(root, three[1]) == three[1]
    assert pointer(root).name == three[1]


def test_a_build_after_going_back_keeps_the_generation_that_answered(
    corpus: Path, root: Path, encoder: FakeEncoder, three: list[str]
) -> None:
    rollback(root)
    (corpus / "number.txt").write_text("This is build number 3.")
    name = build(corpus, root, encoder).generation
    assert [info.name for info in list_generations(root)] == [name, three[1]]


def test_what_is_not_kept_cannot_be_gone_back_to(corpus: Path, root: Path, encoder: FakeEncoder) -> None:
    first = build(corpus, root, encoder).generation
    with pytest.raises(CorpusIndexError, match="no generation before"):
        rollback(root)
    with pytest.raises(CorpusIndexError, match="no generation gen-7"):
        rollback(root, "gen-7")
    assert pointer(root).name == first


def test_a_damaged_generation_is_not_gone_back_to(root: Path, three: list[str]) -> None:
    file = root / three[1] / "passages" / "rows.npy"
    file.write_bytes(file.read_bytes()[:-1] + b"\xff")
    with pytest.raises(IndexCorruptError, match=r"rows\.npy"):
        rollback(root)
    assert pointer(root).name == three[2]


def test_a_damaged_current_generation_can_be_left(root: Path, three: list[str]) -> None:
    (root / three[2] / "sources.txt").write_bytes(b"")
    with pytest.raises(IndexCorruptError, match=r"sources\.txt.*rollback"):
        open_index(root)
    rollback(root)
    assert "build number 1" in _text(root)


def test_verify_finds_nothing_wrong_with_what_a_build_wrote(root: Path, three: list[str]) -> None:
    found = verify(root)
    assert found.damaged == ()
    assert found.generations == (three[2], three[1])
    assert found.files == 2 * 14


def test_verify_names_every_damaged_file(root: Path, three: list[str]) -> None:
    (root / three[2] / "vectors.npy").unlink()
    file = root / three[2] / "lexical" / "data.npy"
    file.write_bytes(file.read_bytes()[:-1] + b"\xff")
    (root / three[1] / "manifest.json").write_bytes(b"{}")
    assert [(damage.file, damage.what) for damage in verify(root).damaged] == [
        (f"{three[2]}/lexical/data.npy", "is not what the build wrote"),
        (f"{three[2]}/vectors.npy", "is missing"),
        (f"{three[1]}/manifest.json", "is not what the build wrote"),
    ]
    assert list_generations(root)[1].damage == "is not what the build wrote"


def test_garbage_is_what_nothing_names(root: Path, three: list[str]) -> None:
    (root / "gen-1-2").mkdir()
    (root / "gen-3-4.tmp").mkdir()
    (root / "CURRENT.tmp").write_text("half")
    (root / "embeddings.part").write_text("half")
    (root / "README.md").write_text("the owner's")
    assert collect_garbage(root) == ("CURRENT.tmp", "gen-1-2", "gen-3-4.tmp", "embeddings.part")
    assert collect_garbage(root) == ()
    assert (root / "README.md").exists()
    assert verify(root).damaged == ()


def test_garbage_is_not_collected_where_it_cannot_be_told(root: Path, three: list[str]) -> None:
    (root / "CURRENT").write_bytes(b"junk")
    with pytest.raises(IndexCorruptError):
        collect_garbage(root)
    assert len(list(root.glob("gen-*"))) == KEEP


@pytest.mark.parametrize("act", [list_generations, verify, rollback, collect_garbage])
def test_where_no_index_is_nothing_is_made(tmp_path: Path, act) -> None:
    with pytest.raises(IndexNotFoundError):
        act(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()


def test_who_holds_the_lock_is_said(root: Path) -> None:
    with write_lock(root), pytest.raises(IndexBusyError, match=f"process {os.getpid()}"), write_lock(root, timeout=0):
        pass


def test_a_lock_that_was_left_behind_holds_nobody_up(root: Path) -> None:
    root.mkdir()
    (root / ".lock").write_text("")
    (root / ".writer").write_text("process 1")
    with write_lock(root, timeout=0):
        pass


def test_a_file_system_without_locks_is_a_typed_error(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_locks(self):
        raise NotImplementedError("no flock here")

    monkeypatch.setattr(FileLock, "_acquire", no_locks)
    with pytest.raises(CorpusIndexError, match="choose a local folder"), write_lock(root):
        pass


def test_the_pointer_is_plain_json(root: Path, three: list[str]) -> None:
    values = json.loads((root / "CURRENT").read_text("utf-8").splitlines()[0])
    assert values["generation"] == three[2]
    assert [entry["generation"] for entry in values["kept"]] == [three[1]]
