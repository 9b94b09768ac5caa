"""The files that an index was built from are kept, shared, compared with their hash, and collected."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from fakes import FakeEncoder

from partnership_qa.errors import IndexCorruptError
from partnership_qa.index import (
    build,
    collect_garbage,
    keeps_original,
    list_generations,
    open_index,
    originals,
    read_original,
    rollback,
    verify,
)
from partnership_qa.index.generations import ORIGINALS
from partnership_qa.sources.folders import FOLDERS, write_folders

PAGE = b"<h1>Mast</h1><p>The heron nests on the mast."
SHA = hashlib.sha256(PAGE).hexdigest()


@pytest.fixture
def page(corpus: Path) -> Path:
    """A file of the corpus whose text is not the file."""
    file = corpus / "page.html"
    file.write_bytes(PAGE)
    return file


def kept(root: Path) -> list[str]:
    folder = root / ORIGINALS
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def test_a_file_that_is_not_its_text_is_kept_byte_for_byte(page: Path, root: Path, encoder: FakeEncoder) -> None:
    build(page.parent, root, encoder)
    index = open_index(root)
    page.unlink()
    assert kept(root) == [SHA]
    assert read_original(index, index.sources["page.html"]) == PAGE
    assert index.generation.manifest.originals == {SHA: len(PAGE)}
    assert keeps_original(index, index.sources["page.html"])


def test_a_file_that_is_its_text_is_not_kept_twice(corpus: Path, root: Path, encoder: FakeEncoder) -> None:
    (corpus / "mark.txt").write_bytes(b"\xef\xbb\xbfWords under a mark.\r\nAnd more.\r\n")
    build(corpus, root, encoder)
    index = open_index(root)
    assert kept(root) == []
    for name, source in index.sources.items():
        assert read_original(index, source) == (corpus / name).read_bytes()


def test_files_with_the_same_bytes_are_kept_once(page: Path, root: Path, encoder: FakeEncoder) -> None:
    (page.parent / "copy.html").write_bytes(PAGE)
    build(page.parent, root, encoder)
    assert kept(root) == [SHA]


def test_the_same_bytes_as_a_text_and_as_a_page_are_kept_for_the_page(
    page: Path, root: Path, encoder: FakeEncoder
) -> None:
    (page.parent / "page.txt").write_bytes(PAGE)
    (page.parent / "a.txt").write_bytes(PAGE)
    build(page.parent, root, encoder)
    index = open_index(root)
    assert kept(root) == [SHA]
    for name in ("a.txt", "page.html", "page.txt"):
        assert read_original(index, index.sources[name]) == PAGE


def test_a_corpus_of_one_file_keeps_it(page: Path, root: Path, encoder: FakeEncoder) -> None:
    build(page, root, encoder)
    assert kept(root) == [SHA]


def test_a_corpus_of_several_folders_keeps_its_files(page: Path, root: Path, encoder: FakeEncoder) -> None:
    listed = root.parent / FOLDERS
    write_folders(listed, {"harbour": page.parent})
    build(listed, root, encoder)
    index = open_index(root)
    assert kept(root) == [SHA]
    assert read_original(index, index.sources["harbour/page.html"]) == PAGE


def test_a_build_that_changes_nothing_writes_nothing(page: Path, root: Path, encoder: FakeEncoder) -> None:
    def stamps() -> dict[str, int]:
        return {str(p): p.stat().st_mtime_ns for p in root.rglob("*") if p.is_file() and not p.name.startswith(".")}

    build(page.parent, root, encoder)
    before = stamps()
    build(page.parent, root, encoder)
    assert stamps() == before


def test_an_original_stays_as_long_as_a_generation_names_it(page: Path, root: Path, encoder: FakeEncoder) -> None:
    corpus = page.parent
    build(corpus, root, encoder)
    page.unlink()
    build(corpus, root, encoder)
    assert kept(root) == [SHA], "the generation before names it"
    (corpus / "more.txt").write_text("More words.")
    build(corpus, root, encoder)
    assert kept(root) == []


def test_going_back_has_the_original_again(page: Path, root: Path, encoder: FakeEncoder) -> None:
    build(page.parent, root, encoder)
    page.unlink()
    build(page.parent, root, encoder)
    rollback(root)
    index = open_index(root)
    assert read_original(index, index.sources["page.html"]) == PAGE


def _other_byte(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[3] ^= 1
    file.write_bytes(data)


@pytest.mark.parametrize("spoil", [
    _other_byte, lambda file: file.write_bytes(b"x"), lambda file: file.unlink(), lambda file: file.write_bytes(b""),
])  # fmt: skip
def test_a_damaged_original_is_named_and_the_next_build_mends_it(
    page: Path, root: Path, encoder: FakeEncoder, spoil
) -> None:
    first = build(page.parent, root, encoder)
    spoil(root / ORIGINALS / SHA)
    index = open_index(root)
    with pytest.raises(IndexCorruptError, match=SHA):
        read_original(index, index.sources["page.html"])
    assert [(found.generation, found.file) for found in verify(root).damaged] == [
        (first.generation, f"{ORIGINALS}/{SHA}")
    ]
    assert build(page.parent, root, encoder).generation == first.generation
    assert verify(root).damaged == ()


def test_a_damaged_original_does_not_stand_in_the_way_back(page: Path, root: Path, encoder: FakeEncoder) -> None:
    first = build(page.parent, root, encoder).generation
    page.unlink()
    build(page.parent, root, encoder)
    _other_byte(root / ORIGINALS / SHA)
    assert rollback(root) == first
    assert verify(root).damaged[0].file == f"{ORIGINALS}/{SHA}"


def test_verify_counts_each_original_once(page: Path, root: Path, encoder: FakeEncoder) -> None:
    build(page.parent, root, encoder)
    (page.parent / "more.txt").write_text("More words.")
    build(page.parent, root, encoder)
    found = verify(root)
    files = [p for p in root.rglob("*") if p.is_file() and p.name not in ("CURRENT", "manifest.json", ".lock")]
    assert (found.files, found.size) == (len(files), sum(p.stat().st_size for p in files))


def test_the_list_of_generations_counts_them(page: Path, root: Path, encoder: FakeEncoder) -> None:
    build(page.parent, root, encoder)
    info = list_generations(root)[0]
    files = [p for p in (root / info.name).rglob("*") if p.is_file() and p.name != "manifest.json"]
    assert info.size == len(PAGE) + sum(p.stat().st_size for p in files)


def test_what_nothing_names_is_collected(page: Path, root: Path, encoder: FakeEncoder) -> None:
    build(page.parent, root, encoder)
    for name in ("0" * 64, f"{SHA}.tmp", "stray"):
        (root / ORIGINALS / name).write_bytes(b"left behind")
    assert collect_garbage(root) == tuple(f"{ORIGINALS}/{name}" for name in ("0" * 64, f"{SHA}.tmp", "stray"))
    assert kept(root) == [SHA]


def test_a_damaged_manifest_lets_no_original_be_collected(page: Path, root: Path, encoder: FakeEncoder) -> None:
    name = build(page.parent, root, encoder).generation
    (root / name / "manifest.json").write_bytes(b"junk")
    collect_garbage(root)
    assert kept(root) == [SHA]


def test_a_file_that_changes_while_it_is_read_is_kept_by_the_next_build(
    page: Path, root: Path, encoder: FakeEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        whole = originals._whole
        patched.setattr(
            originals, "_whole", lambda path, sha256: page.write_bytes(b"<p>Other.") and whole(path, sha256)
        )
        build(page.parent, root, encoder)
    index = open_index(root)
    assert kept(root) == []
    assert read_original(index, index.sources["page.html"]) is None
    assert not keeps_original(index, index.sources["page.html"])
    page.write_bytes(PAGE)
    build(page.parent, root, encoder)
    assert kept(root) == [SHA]


def test_a_build_that_fails_leaves_no_original_behind(
    page: Path, root: Path, encoder: FakeEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("partnership_qa.index.generations.switch", fail)
        with pytest.raises(KeyboardInterrupt):
            build(page.parent, root, encoder)
    assert kept(root) == []


def test_a_link_in_place_of_the_folder_leads_nowhere(page: Path, root: Path, encoder: FakeEncoder) -> None:
    elsewhere = root.parent / "elsewhere"
    elsewhere.mkdir()
    root.mkdir()
    (root / ORIGINALS).symlink_to(elsewhere)
    build(page.parent, root, encoder)
    assert list(elsewhere.iterdir()) == []
    assert kept(root) == [SHA]
