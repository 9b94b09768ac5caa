"""The command line: what it prints, and the codes it leaves with."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest
from fakes import FAKE_CALIBRATION, FakeEncoder, FakeReader

from partnership_qa import __version__, home, qa
from partnership_qa.answering import confidence
from partnership_qa.answering.citing import Citation
from partnership_qa.cli import app as cli
from partnership_qa.cli import terminal
from partnership_qa.cli.showing import address
from partnership_qa.integrations.metadata import outcome_values


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
    loaded = home.load(built)
    trace = loaded.trace("Who kept the light from 1901?")
    assert values == outcome_values(trace, loaded.index)
    assert values.keys() - trace.outcome.to_dict().keys() == {"generation"}


def test_the_closest_passages_of_a_doubtful_question_are_shown_and_it_leaves_with_1(
    built: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("ask", "Who kept the light from 1901?", "--index", built, "--threshold", 1) == 1
    text, confidence, empty, head, place, quote, *_ = capsys.readouterr().out.splitlines()
    assert text.startswith("No answer is certain enough")
    assert confidence.startswith("confidence ")
    assert (empty, head) == ("", "The closest passages (no answer is claimed):")
    assert place == "[1] ledger.txt:5 > The Lighthouse Ledger > Keepers and their years"
    assert quote == "    - Anna Berg: kept the light from 1901 to 1919 and wrote the first ledger."


SAID = [{"role": "user", "content": "How many barrels in 1890?"}, {"role": "assistant", "content": "40"}]


def standalone(built: Path, capsys: pytest.CaptureFixture[str], file: object) -> str:
    run("ask", "And in 1895?", "--index", built, "--history", file, "--json")
    found = json.loads(capsys.readouterr().out)["standalone_question"]
    assert isinstance(found, str)
    return found


def test_a_question_is_asked_with_what_was_said_before(
    built: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "said.json").write_text(json.dumps(SAID), encoding="utf-8")
    assert standalone(built, capsys, tmp_path / "said.json") == "How many barrels in 1895?"


def test_what_was_said_before_is_read_from_standard_input(
    built: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(json.dumps(SAID).encode())))
    assert standalone(built, capsys, "-") == "How many barrels in 1895?"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{", "is no JSON"), (b"\xff", "is no JSON"), (b'{"role": "user"}', "is no list"),
        (b'["Who?"]', "is no object"), (b'[{"role": "system", "content": "Who?"}]', "a role that is neither"),
        (b'[{"role": "user", "content": 1}]', "no content that is text"), (None, "cannot be read (No such file"),
    ],
)  # fmt: skip
def test_a_history_of_another_form_leaves_with_2_and_names_the_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes | None, said: str
) -> None:
    if content is not None:
        (tmp_path / "said.json").write_bytes(content)
    assert run("ask", "And in 1895?", "--history", tmp_path / "said.json") == 2
    shown = capsys.readouterr().err
    assert shown.startswith("error: ")
    assert str(tmp_path / "said.json") in shown
    assert said in shown
    assert ": give a " in shown


def test_the_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--version") == 0
    assert capsys.readouterr().out == f"partnership-qa {__version__}\n"


def test_no_passages_cannot_be_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("search", "lantern", "--k", 0) == 2
    assert "Invalid value for '--k'" in capsys.readouterr().err


def test_a_folder_without_questions_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("evaluate", tmp_path) == 2
    assert capsys.readouterr().err == (
        f"error: {tmp_path} holds no questions.jsonl: give a folder with corpus/ and questions.jsonl, or a SQuAD 2.0 "
        f"file.\n"
    )


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
    file = next(built.glob("gen-*/vectors.npy"))
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


@pytest.mark.parametrize(
    ("page", "place", "shown"),
    [(None, None, "a:7 > B"), (3, None, "a:7 p. 3 > B"), (3, "Prices!C7", "a, Prices!C7 > B")],
)
def test_an_address_is_of_the_document_s_own_kind(page: int | None, place: str | None, shown: str) -> None:
    assert address(Citation("a", 0, 1, "x", (), 7, page, ("B",), "", place=place)) == shown


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
    assert terminal.plain("a\x1b[31mb\rc\u202ed\ne") == "a\ufffd[31mb\ufffdc\ufffdd\ne"


def test_wrong_usage_leaves_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("ask") == 2
    assert "Missing argument" in capsys.readouterr().err


COMMANDS = [
    "ask", "search", "chat", "build", "watch", "serve", "evaluate", "index list", "index verify", "index rollback",
    "index gc", "index sign", "index check-signature", "doctor",
]  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*command.split(), "--help") == 0
    assert f"Example: partnership-qa {command}" in capsys.readouterr().out


@pytest.mark.parametrize(("page", "place", "shown"), [
    (None, None, "a.txt:7 > Fees"), (2, None, "a.txt:7 p. 2 > Fees"), (2, "slide 2", "a.txt, slide 2 > Fees"),
    (None, "Prices!C7", "a.txt, Prices!C7 > Fees"),
])  # fmt: skip
def test_a_quote_is_shown_with_the_address_of_its_kind(page: int | None, place: str | None, shown: str) -> None:
    from partnership_qa.answering.citing import Citation

    assert address(Citation("a.txt", 0, 1, "x", (), 7, page, ("Fees",), "", place=place)) == shown
