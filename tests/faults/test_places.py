"""F11: clocks that go back or stand still, folders that cannot be written, and names that few would choose."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from fakes import FakeEncoder

from partnership_qa.errors import CorpusIndexError
from partnership_qa.index import build, list_generations, open_index, rollback

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.mark.parametrize("step", [-(10**9), 0, 1])
def test_f11_a_clock_that_goes_back_or_stands_still_changes_nothing(
    corpus: Path, root: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    now = [10**18]

    def told() -> int:
        now[0] += step
        return now[0]

    monkeypatch.setattr(time, "time_ns", told)
    for number in range(4):
        (corpus / "ledger.txt").write_text(f"The lamp number {number} burns.")
        report = build(corpus, root, FakeEncoder())
        index = open_index(root)
        assert index.generation.name == report.generation
        assert f"number {number} " in index.sources["ledger.txt"].text
    assert len(list_generations(root)) == len({*root.glob("gen-*")}) == 2
    rollback(root)
    assert "number 2 " in open_index(root).sources["ledger.txt"].text


@contextmanager
def unwritable(folder: Path) -> Iterator[None]:
    """A folder whose index may be read and not written; root, whom no mode stops, gets a disk of its own."""
    if os.geteuid():
        folder.chmod(0o555)
        yield
        folder.chmod(0o755)
        return
    kept = folder.with_name("kept")
    shutil.copytree(folder, kept)
    mount = ["mount", "-t", "tmpfs", "tmpfs", folder]
    if not shutil.which("mount") or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a folder that root cannot write needs a mount")
    try:
        shutil.copytree(kept, folder, dirs_exist_ok=True)
        subprocess.run(["mount", "-o", "remount,ro", folder], check=True)
        yield
    finally:
        subprocess.run(["umount", folder], check=True)


@pytest.mark.skipif(os.name == "nt", reason="needs modes of POSIX")
def test_f11_an_index_that_cannot_be_written_still_answers(corpus: Path, root: Path) -> None:
    first = build(corpus, root, FakeEncoder())
    (corpus / "new.txt").write_text("Other words.")
    with unwritable(root):
        with pytest.raises(CorpusIndexError, match="cannot be written"):
            build(corpus, root, FakeEncoder())
        with pytest.raises(CorpusIndexError, match="cannot be written"):
            rollback(root)
        assert open_index(root).generation.name == first.generation


NAMES = ["a folder with spaces", "Häfen & Möwen 中文 🙂", "'; echo $HOME #", "/".join(char * 95 for char in "xyz")]


@pytest.mark.parametrize("name", NAMES)
def test_f11_any_folder_will_do(corpus: Path, tmp_path: Path, name: str) -> None:
    place = tmp_path / name
    place.mkdir(parents=True)
    moved = corpus.rename(place / "corpus")
    report = build(moved, place / "index", FakeEncoder())
    assert len(report.added) == 3
    assert build(moved, place / "index", FakeEncoder()).generation == report.generation
    assert open_index(place / "index").generation.corpus == str(moved)
