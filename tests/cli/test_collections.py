"""Collections and documents to ask within, on the command line."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest
from test_app import built, fakes, run

from partnership_qa.library import HOME_VARIABLE

__all__ = ["built", "fakes"]


@pytest.fixture(autouse=True)
def in_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def harbour(corpus: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """A collection of the small corpus."""
    assert run("build", corpus, "--collection", "harbour") == 0
    capsys.readouterr()
    return "harbour"


def listed(capsys: pytest.CaptureFixture[str], *options: object) -> dict[str, list[str]]:
    capsys.readouterr()
    assert run("collections", "list", "--json", *options) == 0
    values = json.loads(capsys.readouterr().out)
    return {"collections": [one["name"] for one in values["collections"]], "deleted": values["deleted"]}


LENS = "When did the new lens arrive?"


def test_a_question_is_asked_within_documents(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("ask", LENS, "--index", built, "--within", "*.md", "--within", "letters/") == 0
    assert "letters/june.txt:1" in capsys.readouterr().out
    assert run("ask", LENS, "--index", built, "--within", "*.md") == 1
    assert "Searched only within “*.md” (1 of 3 documents)." in capsys.readouterr().out


def test_words_are_searched_within_documents(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("search", "lens", "--index", built, "--within", "letters", "--json") == 0
    assert [hit["document"] for hit in json.loads(capsys.readouterr().out)] == ["letters/june.txt"]


def test_a_document_that_there_is_not_leaves_with_2_and_names_one_like_it(
    built: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("ask", LENS, "--index", built, "--within", "leger.txt") == 2
    assert "“leger.txt” or fits it as a pattern. Near it are: ledger.txt, " in capsys.readouterr().err


def test_a_collection_is_asked_searched_and_looked_at_by_its_name(
    harbour: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("ask", LENS, "--collection", harbour) == 0
    assert "corpus/letters/june.txt:1" in capsys.readouterr().out
    assert run("search", "lens", "--collection", harbour, "--k", 1) == 0
    assert capsys.readouterr().out.startswith("1. corpus/letters/june.txt:1")
    for command in ("list", "verify", "gc"):
        assert run("index", command, "--collection", harbour) == 0


def test_a_collection_is_built_again_from_its_folders(
    harbour: str, corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (corpus / "new.txt").write_text("Another text.")
    assert run("build", "--collection", harbour) == 0
    assert capsys.readouterr().out.startswith("harbour: ")
    run("search", "lens", "--collection", harbour)
    assert "note:" not in capsys.readouterr().err


def test_a_changed_folder_of_a_collection_is_said_with_its_command(
    harbour: str, corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (corpus / "new.txt").write_text("Another text.")
    run("search", "lens", "--collection", harbour)
    said = (
        "the collection “harbour” has changed since it was indexed (1 added): partnership-qa build --collection harbour"
    )
    assert said in capsys.readouterr().err


def test_the_list_shows_folders_and_counts(harbour: str, corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("collections") == 0
    out = capsys.readouterr().out
    assert out.startswith("harbour  3 documents, ")
    assert out.endswith(f"from corpus ({corpus})\n")
    assert run("collections", "create", "empty") == 0
    assert capsys.readouterr().out == "empty  not built, from no folder\n"


def test_an_empty_list_says_how_to_make_one(capsys: pytest.CaptureFixture[str], in_home: Path) -> None:
    assert run("collections", "list") == 0
    assert capsys.readouterr().out == f"no collection in {in_home}: partnership-qa build FOLDER --collection NAME\n"


def test_folders_are_added_and_removed(harbour: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mail").mkdir()
    assert run("collections", "add", harbour, tmp_path / "mail") == 0
    assert f"mail ({tmp_path / 'mail'})" in capsys.readouterr().out
    assert run("collections", "remove", harbour, "mail") == 0
    assert "mail" not in capsys.readouterr().out


def test_a_collection_is_renamed(harbour: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("collections", "rename", harbour, "quay") == 0
    assert listed(capsys) == {"collections": ["quay"], "deleted": []}
    assert run("ask", LENS, "--collection", "quay") == 0


@pytest.mark.parametrize(("answer", "code", "left"), [("n", 130, ["harbour"]), ("", 130, ["harbour"]), ("y", 0, [])])
def test_deleting_asks_first(
    harbour: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], answer: str, code: int,
    left: list[str],
) -> None:  # fmt: skip
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{answer}\n"))
    assert run("collections", "delete", harbour) == code
    assert "Delete harbour  3 documents" in capsys.readouterr().err
    assert listed(capsys)["collections"] == left


def test_deleting_is_undone_until_the_next_build(
    harbour: str, corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("collections", "delete", harbour, "--yes") == 0
    assert "until the next build: partnership-qa collections restore harbour" in capsys.readouterr().out
    assert listed(capsys) == {"collections": [], "deleted": ["harbour"]}
    assert run("collections") == 0
    assert "partnership-qa collections restore harbour" in capsys.readouterr().out
    assert run("collections", "restore", harbour) == 0
    assert run("ask", LENS, "--collection", harbour) == 0
    run("collections", "delete", harbour, "--yes")
    assert run("build", corpus, "--collection", "other") == 0
    assert listed(capsys) == {"collections": ["other"], "deleted": []}
    assert run("collections", "restore", harbour) == 2


def test_another_home_is_named_by_an_option(corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = tmp_path / "other"
    assert run("build", corpus, "--collection", "one", "--home", other) == 0
    assert run("ask", LENS, "--collection", "one", "--home", other) == 0
    assert listed(capsys) == {"collections": [], "deleted": []}
    assert listed(capsys, "--home", other) == {"collections": ["one"], "deleted": []}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["ask", "Who?", "--collection", "harbor"], "There is no collection “harbor”. Near it are: harbour."),
        (["ask", "Who?", "--collection", "harbour", "--index", "x"], "Give an index or a collection, not both."),
        (["build"], "Nothing to build from"),
        (["watch"], "Nothing to watch"),
        (["watch", "--collection", "harbour", "--index", "x"], "Give an index or a collection, not both."),
        (["build", "--collection", "none"], "There is no collection “none”."),
        (["serve", "--collection", "none"], "There is no collection “none”."),
        (["collections", "create", "harbour"], "There is a collection “harbour” already"),
        (["collections", "create", "a/b"], "A collection cannot be called “a/b”"),
        (["collections", "remove", "harbour", "mail"], "has no folder mail (it has: corpus)."),
    ],
)
def test_what_cannot_be_done_leaves_with_2_and_one_line(
    harbour: str, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert run(*arguments) == 2
    shown = capsys.readouterr().err
    assert said in shown
    assert shown.count("\n") == 1


@pytest.mark.parametrize("command", ["list", "create", "add", "remove", "rename", "delete", "restore"])
def test_every_command_of_collections_has_help_with_an_example(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("collections", command, "--help") == 0
    assert f"Example: partnership-qa collections {command}" in capsys.readouterr().out
