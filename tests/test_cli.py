"""The command line: what it prints, and the codes it leaves with."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from fakes import FAKE_CALIBRATION, FakeEncoder, FakeReader

from partnership_qa import home, qa
from partnership_qa.answering import confidence
from partnership_qa.cli import app as cli

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def fakes(monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = FakeEncoder()
    monkeypatch.setattr(home, "load_encoder", lambda: encoder)
    monkeypatch.setattr(home, "load_reader", FakeReader)
    monkeypatch.setattr(confidence, "load_calibration", lambda: FAKE_CALIBRATION)
    monkeypatch.setattr(qa, "load_calibration", lambda: FAKE_CALIBRATION)


def run(*arguments: object) -> int:
    return cli.run(lambda standalone_mode: cli.app([str(a) for a in arguments], standalone_mode=standalone_mode))


@pytest.fixture
def built(corpus: Path, root: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    assert run("build", corpus, "--index", root) == 0
    capsys.readouterr()
    return root


def test_an_answer_leaves_with_0_and_shows_its_quote(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("ask", "Who kept the light from 1901?", "--index", built) == 0
    out = capsys.readouterr().out
    assert "[1] ledger.txt:5 > The Lighthouse Ledger > Keepers and their years" in out
    assert "- Anna Berg: kept the light from 1901 to 1919" in out


def test_a_refusal_leaves_with_1(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("ask", "What is the capital of France?", "--index", built) == 1
    assert capsys.readouterr().out.startswith("Not in the text:")


def test_json_is_exactly_the_result(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("ask", "Who kept the light from 1901?", "--index", built, "--json") == 0
    values = json.loads(capsys.readouterr().out)
    assert values == home.load(built).answer("Who kept the light from 1901?").to_dict()


@pytest.mark.parametrize("arguments", [("ask", "  "), ("ask", "x" * 100_000), ("search", "\0")])
def test_a_bad_question_leaves_with_2_and_one_line(
    built: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, str]
) -> None:
    assert run(*arguments, "--index", built) == 2
    shown = capsys.readouterr()
    assert shown.err.startswith("error: The question ")
    assert shown.err.count("\n") == 1
    assert shown.out == ""


def test_a_missing_index_names_the_command_that_builds_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("ask", "Anything?", "--index", tmp_path / "nowhere") == 2
    assert f"partnership-qa build CORPUS --index {tmp_path / 'nowhere'}" in capsys.readouterr().err


def test_a_damaged_index_is_named(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = next(built.glob("gen-*/vectors.faiss"))
    file.write_bytes(file.read_bytes()[:-1])
    assert run("ask", "Anything?", "--index", built) == 2
    assert str(file) in capsys.readouterr().err


def test_an_empty_corpus_is_an_error_and_a_bad_file_among_good_ones_is_reported(
    tmp_path: Path, corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "none").mkdir()
    assert run("build", tmp_path / "none", "--index", tmp_path / "i") == 2
    assert "Nothing to index" in capsys.readouterr().err
    (corpus / "bad.txt").write_bytes(b"\0\0\0")
    assert run("build", corpus, "--index", tmp_path / "i") == 0
    assert "skipped bad.txt" in capsys.readouterr().err


def test_search_shows_scores(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("search", "lantern", "--index", built, "--k", 1) == 0
    out = capsys.readouterr().out
    assert out.startswith("1. harbour.md:")
    assert "bm25" in out


def test_a_changed_corpus_is_said(built: Path, corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (corpus / "new.txt").write_text("Another text.", encoding="utf-8")
    run("search", "lantern", "--index", built)
    assert "has changed since it was indexed (1 added)" in capsys.readouterr().err


def test_escape_sequences_of_a_text_do_not_reach_the_terminal() -> None:
    assert cli.plain("a\x1b[31mb\rc\u202ed\ne") == "a\ufffd[31mb\ufffdc\ufffdd\ne"


def test_wrong_usage_leaves_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("ask") == 2
    assert "Missing argument" in capsys.readouterr().err


COMMANDS = [
    "ask", "search", "build", "watch", "serve", "evaluate", "index list", "index verify", "index rollback", "index gc",
]  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*command.split(), "--help") == 0
    assert f"Example: partnership-qa {command}" in capsys.readouterr().out
