"""`chat`: a conversation with and without a terminal, its commands, and what it keeps."""

from __future__ import annotations

import io
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from fakes import CORPUS
from rich.console import Console

from partnership_qa.answering.citing import Citation
from partnership_qa.answering.outcome import Answer, NoAnswer, Reason
from partnership_qa.cli import app as cli
from partnership_qa.cli.asking import Asking
from partnership_qa.cli.chat import HELP, Chat, Shown, around, rendered
from partnership_qa.text import Span
from partnership_qa.web.conversations import conversations_of

if TYPE_CHECKING:
    from pathlib import Path

    from partnership_qa.qa import QA

pytestmark = pytest.mark.usefixtures("fakes_at_home")
QUESTION = "Who kept the light from 1901?"


@pytest.fixture
def said() -> list[Shown]:
    return []


@pytest.fixture
def chat(qa: QA, said: list[Shown]) -> Chat:
    return Chat(Asking(qa), said.append)


def typed(qa: QA, monkeypatch: pytest.MonkeyPatch, *lines: str, options: tuple[object, ...] = ()) -> int:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("\n".join(lines).encode())))
    arguments = ["chat", "--index", str(qa.index.root), *map(str, options)]
    return cli.run(lambda standalone_mode: cli.app(arguments, standalone_mode=standalone_mode))


def test_without_a_terminal_lines_are_questions_and_text_comes_back(
    qa: QA, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert typed(qa, monkeypatch, QUESTION, "", "What is the capital of France?") == 0
    out = capsys.readouterr().out
    assert out.startswith("Anna Berg: kept the light")
    assert "[1] ledger.txt:5 > The Lighthouse Ledger > Keepers and their years\n" in out
    assert "\nNot in the text:" in out
    assert "\x1b" not in out


def test_a_question_leans_on_the_one_before_until_a_new_beginning(chat: Chat, said: list[Shown]) -> None:
    for line in ("How many barrels in 1890?", "And in 1895?", "/new", "And in 1895?"):
        assert chat.respond(line)
    asked = [one.outcome.standalone_question for one in said if one.outcome is not None]
    assert asked == [None, "How many barrels in 1895?", None]


def test_a_quote_has_one_number_through_the_conversation(chat: Chat, said: list[Shown]) -> None:
    for line in (QUESTION, "When was the harbour dug by Ingrid Holm?", QUESTION):
        chat.respond(line)
    first, second, third = (one.numbers for one in said)
    assert first[0] == 1
    assert first == third
    assert not set(first) & set(second)


def test_a_quote_is_opened_where_it_stands(chat: Chat, said: list[Shown], qa: QA) -> None:
    chat.respond(QUESTION)
    chat.respond("/open 1")
    lines = said[-1].text.splitlines()
    assert lines[0] == "ledger.txt:5 > The Lighthouse Ledger > Keepers and their years"
    assert lines[1:] == [
        f"{'>' if number == 5 else ' '} {number:>5}  {CORPUS['ledger.txt'].splitlines()[number - 1]}"
        for number in range(1, 10)
    ]


@pytest.mark.parametrize("number", ["", "0", "99", "x", "²", "9" * 5000])
def test_a_quote_that_is_not_there_is_said(chat: Chat, said: list[Shown], number: str) -> None:
    chat.respond(f"/open {number}")
    assert said[-1].text.startswith("There is no quote")
    assert "(none yet)" in said[-1].text


def test_a_quote_whose_source_has_changed_is_not_opened(qa: QA) -> None:
    cited = qa.answer(QUESTION).citations[0]
    assert "no longer what it was" in around(qa.index.sources, replace(cited, start=cited.start + 1))
    assert "no longer what it was" in around({}, cited)


def test_why_tells_of_the_last_outcome(chat: Chat, said: list[Shown]) -> None:
    chat.respond("/why")
    assert said[-1].text.startswith("Nothing was searched")
    chat.respond(QUESTION)
    chat.respond("/why")
    assert said[-1].text.startswith("How this came about\n  outcome     answered")


def test_help_and_what_there_is_not(chat: Chat, said: list[Shown]) -> None:
    chat.respond("/help")
    chat.respond("/nothing")
    assert [one.text for one in said] == [HELP, f"There is no /nothing.\n{HELP}"]


@pytest.mark.parametrize("line", ["/quit", "/exit", "  /quit  "])
def test_it_is_left(chat: Chat, line: str) -> None:
    assert chat.respond(line) is False


def test_a_question_that_cannot_be_asked_does_not_end_it(chat: Chat, said: list[Shown]) -> None:
    assert chat.respond("x" * 2001)
    assert said[-1].text.startswith("error: The question has 2,001 characters")
    chat.respond(QUESTION)
    assert said[-1].outcome is not None


def test_it_is_kept_and_goes_on_later(
    qa: QA, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    store = conversations_of(qa.index.root)
    typed(qa, monkeypatch, "How many barrels in 1890?")
    (kept,) = store.listed()
    capsys.readouterr()
    assert typed(qa, monkeypatch, "And in 1895?", "/open 1", options=("--session", "last")) == 0
    out = capsys.readouterr().out
    assert out.startswith(qa.answer("How many barrels in 1890?").text)  # what was said is shown again
    assert [(one.id, one.turns) for one in store.listed()] == [(kept.id, 2)]
    assert store.turns(kept.id)[1]["outcome"]["standalone_question"] == "How many barrels in 1895?"


def test_it_is_not_kept_where_that_is_not_wanted(qa: QA, monkeypatch: pytest.MonkeyPatch) -> None:
    typed(qa, monkeypatch, QUESTION, options=("--keep-nothing",))
    assert conversations_of(qa.index.root).listed() == ()


def test_it_goes_on_where_it_cannot_be_kept(qa: QA, said: list[Shown], tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file in the place of the folder", encoding="utf-8")
    chat = Chat(Asking(qa), said.append, conversations_of(qa.index.root))
    chat.respond(QUESTION)
    chat.respond(QUESTION)
    assert [one.text.startswith("note: this conversation is not kept.") for one in said] == [False, True, False]


def test_only_the_chosen_documents_are_asked(
    qa: QA, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed(qa, monkeypatch, QUESTION, options=("--within", "harbour.md"))
    assert "ledger.txt" not in capsys.readouterr().out
    assert typed(qa, monkeypatch, QUESTION, options=("--within", "nothing.txt")) == 2
    assert capsys.readouterr().err.startswith("error: No document or folder of the index is called “nothing.txt”")


def printed(outcome: Answer | NoAnswer, numbers: tuple[int, ...], **options: Any) -> str:
    console = Console(file=io.StringIO(), width=60, highlight=False, emoji=False, markup=False, **options)
    for one in rendered(outcome, numbers):
        console.print(one)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert isinstance(text, str)
    return text


def test_in_a_terminal_quotes_are_set_apart_and_the_words_that_answer_stand_out(qa: QA) -> None:
    answer = qa.answer(QUESTION)
    text = printed(answer, (7,), force_terminal=True, color_system="truecolor")
    assert "[7] ledger.txt:5" in text
    assert "╭─" in text
    assert "\x1b[1mAnna Berg: kept the light from 1901 to 1919 and wrote" in text


def test_a_text_cannot_drive_the_terminal_nor_rich() -> None:
    hostile = "[bold red]x[/] \x1b[2J :smile: \u202e"
    cited = Citation("a\x1b[2J[b].txt", 0, len(hostile), hostile, (Span(0, 5),), 1, None, ("[/nothing]",), "0")
    text = printed(Answer(hostile, None, hostile, 0.9, (cited,), "[u]note"), (1,), no_color=True)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "[bold red]x[/] \ufffd[2J :smile: \ufffd" in text
    assert "a\ufffd[2J[b].txt:1 > [/nothing]" in text
    assert "([u]note)" in text


def test_the_closest_passages_are_not_called_an_answer(qa: QA) -> None:
    doubtful = qa.answer(QUESTION, no_answer_threshold=1.0)
    assert isinstance(doubtful, NoAnswer)
    assert doubtful.reason is Reason.DOUBTFUL
    text = printed(doubtful, tuple(range(1, len(doubtful.candidates) + 1)))
    assert "The closest passages (no answer is claimed):" in text
    assert text.count("╭─") == len(doubtful.candidates)
