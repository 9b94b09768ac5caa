"""`partnership-qa index`: what it prints, and the codes it leaves with."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fakes import FakeEncoder
from test_app import run

from partnership_qa.index import build, list_generations


@pytest.fixture
def two(corpus: Path, root: Path) -> Path:
    """An index with two generations; the newer one holds another text."""
    build(corpus, root, FakeEncoder())
    (corpus / "tides.txt").write_text("The tide turns at noon.\n")
    build(corpus, root, FakeEncoder())
    return root


def spoil(root: Path, generation: int) -> Path:
    file = root / list_generations(root)[generation].name / "sources.txt"
    file.write_bytes(file.read_bytes().replace(b"tide", b"ebbs").replace(b"1874", b"1875"))
    return file


def test_list_shows_the_generations_with_the_current_one_first(two: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("index", "list", "--index", two) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("* gen-")
    assert "4 documents" in first
    assert second.startswith("  gen-")
    assert "3 documents" in second
    assert run("index", "list", "--index", two, "--json") == 0
    assert [entry["documents"] for entry in json.loads(capsys.readouterr().out)] == [4, 3]


def test_list_says_which_manifest_is_damaged(two: Path, capsys: pytest.CaptureFixture[str]) -> None:
    manifest = two / list_generations(two)[1].name / "manifest.json"
    manifest.write_bytes(manifest.read_bytes() + b" ")
    assert run("index", "list", "--index", two) == 0
    assert "damaged: its manifest is not what the build wrote" in capsys.readouterr().out.splitlines()[1]


def test_verify_leaves_with_0_where_all_is_whole(two: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("index", "verify", "--index", two) == 0
    shown = capsys.readouterr()
    assert "2 generations, 14 files" in shown.out
    assert "none damaged" in shown.out
    assert shown.err == ""


@pytest.mark.parametrize(("generation", "advice"), [(0, "go back"), (1, "the current one is whole")])
def test_verify_names_the_damaged_file_and_says_what_to_do(
    two: Path, capsys: pytest.CaptureFixture[str], generation: int, advice: str
) -> None:
    file = spoil(two, generation)
    assert run("index", "verify", "--index", two) == 2
    shown = capsys.readouterr()
    assert f"damaged: {file} is not what the build wrote" in shown.err
    assert f"what to do: {advice}" in shown.err
    assert run("index", "verify", "--index", two, "--json") == 2
    assert len(json.loads(capsys.readouterr().out)["damaged"]) == 1


def test_rollback_goes_back_and_forth(two: Path, capsys: pytest.CaptureFixture[str]) -> None:
    newer, older = (entry.name for entry in list_generations(two))
    assert run("index", "rollback", "--index", two) == 0
    assert f"{older} is current" in capsys.readouterr().out
    assert run("index", "rollback", "--index", two, "--to", newer, "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"generation": newer}
    assert list_generations(two)[0].name == newer


def test_rollback_to_what_is_damaged_or_not_kept_is_an_error(two: Path, capsys: pytest.CaptureFixture[str]) -> None:
    current = list_generations(two)[0].name
    assert run("index", "rollback", "--index", two, "--to", "gen-0") == 2
    assert "keeps no generation gen-0" in capsys.readouterr().err
    file = spoil(two, 1)
    assert run("index", "rollback", "--index", two) == 2
    assert str(file) in capsys.readouterr().err
    assert list_generations(two)[0].name == current


def test_gc_removes_what_stopped_builds_left_and_nothing_else(two: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (two / "gen-00000000000000000001-1.tmp").mkdir()
    (two / "embeddings.part").write_bytes(b"half")
    assert run("index", "gc", "--index", two, "--json") == 0
    removed = json.loads(capsys.readouterr().out)["removed"]
    assert removed == ["gen-00000000000000000001-1.tmp", "embeddings.part"]
    assert run("index", "gc", "--index", two) == 0
    assert "removed nothing" in capsys.readouterr().out
    assert len(list(two.glob("gen-*"))) == 2


@pytest.mark.parametrize("command", ["list", "verify", "rollback", "gc"])
def test_without_an_index_it_is_an_error_and_no_folder_is_made(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("index", command, "--index", tmp_path / "nowhere") == 2
    assert capsys.readouterr().err.startswith("error: No index at ")
    assert not (tmp_path / "nowhere").exists()


def test_one_document_is_said_in_the_singular(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from partnership_qa.cli.index import _told
    from partnership_qa.index import GenerationInfo

    entry = GenerationInfo("gen-1-1", current=True, corpus="corpus", documents=1, passages=1, size=2**20)
    assert _told(entry) == "1 document, 1 passage, 1.0 MiB, from corpus"
