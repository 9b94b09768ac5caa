"""What the page is given: names made safe, limits kept, a corpus folder that is whole or as it was."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from partnership_qa.sources import SUFFIXES
from partnership_qa.web import intake
from partnership_qa.web.intake import safe_name, take, write_corpus


@pytest.mark.parametrize(
    ("given_name", "safe"),
    [
        ("notes.txt", "notes.txt"),
        ("Notes.MD", "Notes.md"),
        ("../../etc/passwd", "passwd.txt"),
        ("C:\\texts\\a.txt", "a.txt"),
        (".hidden.txt", "hidden.txt"),
        ("a<b>:c.txt", "a b c.txt"),
        ("\u202etxt.exe", "txt.exe.txt"),
        ("line\nbreak.md", "line break.md"),
        ("", "text.txt"),
        ("...", "text.txt"),
        (".txt", "txt.txt"),
        ("\ud800.txt", "txt.txt"),
        ("x" * 300 + ".md", "x" * 100 + ".md"),
    ],
)
def test_names_are_made_safe(given_name, safe):
    assert safe_name(given_name) == safe


@given(st.text())
@example("0.HTM")
def test_any_name_becomes_one_part_of_a_path(name):
    safe = safe_name(name)
    assert safe == Path(safe).name not in ("", ".", "..")
    assert not safe.startswith(".")
    assert len(safe) <= intake.MAX_NAME_CHARS + len(".markdown") + len(".txt")
    assert safe.endswith(tuple(SUFFIXES))
    safe.encode("utf-8")


@pytest.fixture
def files(tmp_path):
    def write(*names, data=b"Some words."):
        for name in names:
            (tmp_path / name).write_bytes(data)
        return [(name, tmp_path / name) for name in names]

    return write


def test_files_and_a_pasted_text_are_taken(files):
    taken = take(files("a.txt", "b.md"), "The tide table of Vadso, in full and for ever.", "")
    assert dict(taken.texts) == {
        "a.txt": b"Some words.",
        "b.md": b"Some words.",
        "The tide table of Vadso, in.txt": b"The tide table of Vadso, in full and for ever.",
    }
    assert taken.refused == ()


def test_a_title_names_a_pasted_text_and_names_are_numbered(files):
    assert list(take(files("a.txt"), "words", "a").texts) == ["a.txt", "a 2.txt"]


def test_pasted_markdown_is_named_by_the_heading_that_it_begins_with():
    assert list(take(pasted="\n## The **tides**.\n\nTwice a day.\n").texts) == ["The tides.md"]
    assert list(take(pasted="#hash is no heading").texts) == ["#hash is no heading.txt"]


def test_files_of_other_kinds_and_lost_uploads_are_refused(files, tmp_path):
    taken = take([*files("a.exe"), ("gone.txt", tmp_path / "gone.txt")])
    assert not taken.texts
    assert [name for name, _ in taken.refused] == ["a.exe", "gone.txt"]


def test_a_link_is_not_followed(tmp_path):
    (tmp_path / "secret").write_text("x")
    (tmp_path / "a.txt").symlink_to(tmp_path / "secret")
    assert take([("a.txt", tmp_path / "a.txt")]).refused == (("a.txt", "it did not arrive; upload it again"),)


def test_number_size_and_total_are_limited(files, monkeypatch):
    monkeypatch.setattr(intake, "MAX_FILES", 2)
    monkeypatch.setattr(intake, "MAX_FILE_BYTES", 20)
    monkeypatch.setattr(intake, "MAX_TOTAL_BYTES", 30)
    assert [r for _, r in take(files("a.txt", data=b"x" * 21)).refused] == ["it is larger than 0 MiB"]
    assert [n for n, _ in take(files("a.txt", "b.txt", data=b"x" * 16)).refused] == ["b.txt"]
    assert [n for n, _ in take(files("a.txt", "b.txt", "c.txt", data=b"x")).refused] == ["c.txt"]
    monkeypatch.setattr(intake, "MAX_PASTED_CHARS", 5)
    assert take(pasted="six or more").refused[0][0] == "pasted text"


def test_white_space_alone_is_no_text():
    assert take(pasted=" \n\t ").texts == {}


def test_a_corpus_is_written_whole(tmp_path):
    folder = tmp_path / "texts"
    write_corpus(folder, {"a.txt": b"old", "b/c.txt": b"old"})
    write_corpus(folder, {"a.txt": b"new"})
    assert {p.name: p.read_bytes() for p in folder.rglob("*") if p.is_file()} == {"a.txt": b"new"}
    assert [p.name for p in tmp_path.iterdir()] == ["texts"]


def test_a_name_that_leads_out_leaves_the_folder_as_it_was(tmp_path):
    folder = tmp_path / "texts"
    write_corpus(folder, {"a.txt": b"old"})
    with pytest.raises(OSError, match="leads out"):
        write_corpus(folder, {"a.txt": b"new", "../b.txt": b"new"})
    assert (folder / "a.txt").read_bytes() == b"old"
    assert not (tmp_path / "b.txt").exists()


def test_only_what_came_as_an_upload_is_read_and_it_does_not_stay(tmp_path, monkeypatch):
    passing = tmp_path / "passing"
    passing.mkdir()
    (passing / "a.txt").write_text("A heron.")
    (tmp_path / "mine.txt").write_text("secret")
    monkeypatch.setattr(intake, "prepare", lambda: passing)
    taken = intake.receive([str(passing / "a.txt"), str(tmp_path / "mine.txt"), f"{passing}/../mine.txt"], "", "")
    assert dict(taken.texts) == {"a.txt": b"A heron."}
    assert not (passing / "a.txt").exists()
    assert (tmp_path / "mine.txt").exists()
