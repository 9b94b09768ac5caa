"""F3, F4, F5: files that are cut, changed in one bit, exchanged or replaced by what is no file."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from stores import Naive, Ours, write_corpus

from partnership_qa.errors import IndexCorruptError
from partnership_qa.index import open_index, verify
from partnership_qa.index.generations import ORIGINALS

if TYPE_CHECKING:
    from collections.abc import Callable

Built = tuple[Path, list[Path]]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """An index with two generations, and every file that the current one is read from, its original the last."""
    folder = tmp_path_factory.mktemp("damage")
    for number in (0, 1):
        Ours().build(write_corpus(folder / "corpus", number), folder / "index")
    generation = folder / "index" / open_index(folder / "index").generation.name
    files = [folder / "index" / "CURRENT", *(path for path in sorted(generation.rglob("*")) if path.is_file())]
    files += [
        folder / "index" / ORIGINALS / name for name in list(open_index(folder / "index").generation.manifest.originals)
    ]
    assert len(files) == 17
    return folder / "index", files


def _refused_by_name(root: Path, file: Path, spoil: Callable[[], object]) -> None:
    """Spoil a file; reading the index with its originals, and verifying, name it; then it is put back."""
    data = file.read_bytes()
    try:
        spoil()
        with pytest.raises(IndexCorruptError) as caught:
            Ours().state(root)
        assert caught.value.file == file
        if file.name == "CURRENT":
            with pytest.raises(IndexCorruptError):
                verify(root)
        else:
            assert [damage.file for damage in verify(root).damaged] == [file.relative_to(root).as_posix()]
    finally:
        if file.is_dir() and not file.is_symlink():
            shutil.rmtree(file)
        else:
            file.unlink(missing_ok=True)
        file.write_bytes(data)


def test_f3_a_file_that_is_cut_anywhere_is_refused_by_name(built: Built) -> None:
    root, files = built
    chance, trials = random.Random(3), 0
    for file in files:
        data = file.read_bytes()
        lengths = {0, 1, len(data) // 2, len(data) - 1, *(chance.randrange(len(data)) for _ in range(11))}
        for length in lengths:
            _refused_by_name(root, file, lambda file=file, cut=data[:length]: file.write_bytes(cut))
            trials += 1
    assert trials >= 120


def test_f4_a_file_with_one_bit_changed_is_refused_by_name(built: Built) -> None:
    root, files = built
    chance = random.Random(4)
    for trial in range(306):
        file = files[trial % len(files)]
        data = bytearray(file.read_bytes())
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        _refused_by_name(root, file, lambda file=file, data=bytes(data): file.write_bytes(data))


def _replaced(file: Path, make: Callable[[Path], object]) -> None:
    file.unlink()
    make(file)


SPOILS: dict[str, Callable[[Path, Path], object]] = {
    "another generation's": lambda file, other: file.write_bytes(other.read_bytes()),
    "deleted": lambda file, other: file.unlink(),
    "empty": lambda file, other: file.write_bytes(b""),
    "longer": lambda file, other: file.write_bytes(file.read_bytes() + b"junk"),
    "a folder": lambda file, other: _replaced(file, lambda path: path.mkdir()),
    "a pipe": lambda file, other: _replaced(file, os.mkfifo),
    "a link to nowhere": lambda file, other: _replaced(file, lambda path: path.symlink_to("nowhere")),
    "a link to the same bytes": lambda file, other: _replaced(file, lambda path: path.symlink_to(other)),
}


@pytest.mark.skipif(os.name == "nt", reason="needs links and pipes")
@pytest.mark.parametrize("spoil", SPOILS)
def test_f5_what_is_not_the_file_that_was_written_is_refused_by_name(built: Built, spoil: str, tmp_path: Path) -> None:
    root, files = built
    for file in files[1:]:
        other_generation = next(path for path in root.glob("gen-*") if path.name not in file.parts)
        other = other_generation / file.relative_to(next(p for p in file.parents if p.parent == root))
        if file.parent.name == ORIGINALS:
            other = next(path for path in file.parent.iterdir() if path != file)
        if "same bytes" in spoil:
            other = tmp_path / "copy"
            other.write_bytes(file.read_bytes())
        if other.read_bytes() != file.read_bytes() or "another" not in spoil:
            _refused_by_name(root, file, lambda file=file, other=other: SPOILS[spoil](file, other))


@pytest.mark.skipif(os.name == "nt", reason="needs links and pipes")
@pytest.mark.parametrize("spoil", ["empty", "longer", "a folder", "a pipe", "a link to nowhere"])
def test_f5_a_pointer_that_is_no_file_is_refused_by_name(built: Built, spoil: str) -> None:
    root, files = built
    _refused_by_name(root, files[0], lambda: SPOILS[spoil](files[0], files[0]))


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_f5_a_file_that_may_not_be_read_is_refused_by_name(built: Built) -> None:
    root, files = built
    _refused_by_name(root, files[2], lambda: files[2].chmod(0))


def test_a_store_without_hashes_answers_from_damaged_bytes(tmp_path: Path) -> None:
    store, root = Naive(), tmp_path / "index"
    store.build(write_corpus(tmp_path / "corpus", 0), root)
    whole, chance, wrong = store.state(root), random.Random(4), 0
    for trial in range(60):
        file = sorted(root.iterdir())[trial % 3]
        data = bytearray(file.read_bytes())
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        kept = file.read_bytes()
        file.write_bytes(data)
        with contextlib.suppress(RuntimeError, ValueError, MemoryError):
            wrong += store.state(root) != whole
        file.write_bytes(kept)
    assert wrong > 0
