"""`ask` as the twin of `QA.answer`: every argument, every form of output, and questions from standard input."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from partnership_qa import home
from partnership_qa.cli import app as cli
from partnership_qa.errors import ConversationError
from partnership_qa.evaluation.stability import stability
from partnership_qa.exports import FORMATS, Exchange, export
from partnership_qa.integrations.metadata import hit_values, outcome_values
from partnership_qa.web.conversations import conversations_of
from partnership_qa.web.kept_turns import dumped, words_of
from partnership_qa.web.turns import Turn

if TYPE_CHECKING:
    from partnership_qa.qa import QA

pytestmark = pytest.mark.usefixtures("fakes_at_home")
QUESTION = "Who kept the light from 1901?"
NO_ANSWER = "What is the capital of France?"


def run(*arguments: object) -> int:
    return cli.run(lambda standalone_mode: cli.app([str(a) for a in arguments], standalone_mode=standalone_mode))


@pytest.fixture
def asked(qa: QA, capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs `ask` over the small corpus: code, standard output, standard error."""

    def ask(*arguments: object) -> tuple[int, str, str]:
        code = run("ask", *arguments, "--index", qa.index.root)
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return ask


def type_in(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))


def test_as_many_passages_are_read_as_are_wanted(asked: Any) -> None:
    found = [json.loads(asked(QUESTION, "--k", k, "--why", "--json")[1])["why"]["parts"][0]["found"] for k in (1, 3)]
    assert [len(one) for one in found] == [1, 3]
    assert asked(QUESTION, "--k", 0)[0] == 2


def test_why_is_the_trace(asked: Any, qa: QA) -> None:
    code, out, _ = asked(QUESTION, "--why", "--json")
    said = json.loads(out)
    trace = qa.trace(QUESTION)
    assert code == 0
    assert {name: value for name, value in said.items() if name != "why"} == outcome_values(trace, qa.index)
    why = said["why"]
    part = trace.parts[0]
    assert (why["outcome"], why["threshold"], why["generation"]) == ("answered", 0.5, qa.index.generation.name)
    assert why["parts"][0]["found"] == [hit_values(hit, qa.index) for hit in part.hits]
    assert part.assessment is not None
    assert why["parts"][0]["evidence"]["answerable"] == round(part.assessment.evidence.answerable, 4)
    assert why["parts"][0]["read"][0]["words"] == part.assessment.best.said
    assert list(why["milliseconds"]) == ["searching", "reading", "composing"]


def test_why_is_told_in_lines(asked: Any) -> None:
    out = asked(QUESTION, "--why")[1]
    lines = out.splitlines()
    at = lines.index("How this came about")
    assert lines[at + 1].startswith("  outcome     answered: confidence 0.")
    assert "  searched for  Who kept the light from 1901?" in lines
    assert any(line.startswith("    1. ledger.txt:5 > The Lighthouse Ledger > Keepers") for line in lines)
    assert any(line.startswith("    answerable") for line in lines)
    assert asked("Hello!", "--why")[1].count("searched for") == 0


def test_why_a_question_is_declined_is_its_report(asked: Any, qa: QA) -> None:
    report = qa.trace(NO_ANSWER).outcome.report  # type: ignore[union-attr]
    assert report is not None
    lines = [" ".join(line.split()) for line in asked(NO_ANSWER, "--why")[1].splitlines()]
    at = lines.index("what the refusal rests on")
    assert lines[at + 1 : at + 1 + len(report.rows())] == [" ".join(row) for row in report.rows()]
    assert "what the refusal rests on" not in asked(QUESTION, "--why")[1]


@pytest.mark.parametrize("name", list(FORMATS))
def test_every_export_is_a_format(asked: Any, qa: QA, name: str) -> None:
    code, out, _ = asked(QUESTION, "--format", name)
    exchange = Exchange(QUESTION, qa.answer(QUESTION), (), qa.index.generation.name)
    assert code == 0
    assert out.rstrip("\n") == export([exchange], name).rstrip("\n")


def test_what_an_export_has_no_place_for_is_told_beside_it(asked: Any) -> None:
    _, out, err = asked(QUESTION, "--format", "bibtex", "--why", "--stability")
    assert "How this came about" not in out
    assert "How this came about" in err
    assert "Stability: " in err


def test_stability_is_that_of_the_library(asked: Any, qa: QA) -> None:
    found = stability(qa, QUESTION)
    assert json.loads(asked(QUESTION, "--stability", "--json")[1])["stability"] == found.to_dict()
    out = asked(QUESTION, "--stability")[1]
    assert f"Stability: {found.same} of 4 other forms of the question say the same." in out
    assert "  without “1901”" in out
    assert "no other form" in asked("Harbour?", "--stability")[1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--format", "docx"], "error: No format is called 'docx': give text, markdown"),
        (["--format", "csl", "--json"], "error: --json and --format are two forms of one output"),
        (["--history", "said.json", "--session", "last"], "error: What was said before comes from --history or"),
    ],
)
def test_what_cannot_be_asked_for_together_is_said_before_anything_is_loaded(
    asked: Any, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    monkeypatch.setattr(home, "load_encoder", lambda: pytest.fail("loaded"))
    code, out, err = asked(QUESTION, *arguments)
    assert (code, out) == (2, "")
    assert err.startswith(said)
    assert err.count("\n") == 1


def test_questions_are_read_one_a_line_and_told_one_a_line(asked: Any, qa: QA, monkeypatch: pytest.MonkeyPatch) -> None:
    type_in(monkeypatch, f"\ufeff{QUESTION}\n\n  {NO_ANSWER}\r\n".encode())
    code, out, _ = asked("-", "--json")
    assert code == 1
    assert [json.loads(line) for line in out.splitlines()] == [
        outcome_values(qa.trace(q), qa.index) for q in (QUESTION, NO_ANSWER)
    ]


def test_a_line_that_cannot_be_asked_does_not_end_the_others(asked: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    type_in(monkeypatch, f"{'x' * 2001}\n{QUESTION}\n".encode())
    code, out, _ = asked("-", "--json")
    first, second = (json.loads(line) for line in out.splitlines())
    assert code == 2
    assert first["error"].startswith("The question has 2,001 characters")
    assert second["answered"] is True


def test_bytes_that_are_no_text_are_no_error(asked: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    type_in(monkeypatch, b"\xff\xfe lantern\n")
    code, out, _ = asked("-", "--json")
    assert code in (0, 1)
    assert json.loads(out)["question"].endswith("lantern")


def test_questions_are_told_in_text_below_each_other(asked: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    type_in(monkeypatch, f"{QUESTION}\n{NO_ANSWER}\n".encode())
    code, out, _ = asked("-")
    assert code == 1
    assert out.startswith(f"# {QUESTION}\nAnna Berg")
    assert f"\n\n# {NO_ANSWER}\nNot in the text:" in out


def test_answers_of_several_questions_are_one_export(asked: Any, qa: QA, monkeypatch: pytest.MonkeyPatch) -> None:
    type_in(monkeypatch, f"{QUESTION}\n{NO_ANSWER}\n".encode())
    out = asked("-", "--format", "json")[1]
    exchanges = [Exchange(q, qa.answer(q), (), qa.index.generation.name) for q in (QUESTION, NO_ANSWER)]
    assert json.loads(out) == json.loads(export(exchanges, "json"))


def test_what_an_export_of_several_has_no_place_for_is_told_question_by_question(
    asked: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    type_in(monkeypatch, f"{QUESTION}\n{NO_ANSWER}\n".encode())
    _, out, err = asked("-", "--format", "json", "--why", "--stability")
    assert len(json.loads(out)) == 2
    told = [line for line in err.splitlines() if line.startswith(("# ", "How this", "Stability: "))]
    assert [line.split(":")[0] for line in told] == [
        f"# {QUESTION}", "How this came about", "Stability", f"# {NO_ANSWER}", "How this came about", "Stability",
    ]  # fmt: skip


def test_standard_input_is_not_both(asked: Any) -> None:
    code, _, err = asked("-", "--history", "-")
    assert code == 2
    assert "give the history as a file" in err


def keep(qa: QA, *questions: str) -> str:
    turns = [Turn(question, qa.trace(question)) for question in questions]
    return conversations_of(qa.index.root).keep("", [(dumped(turn), words_of(turn)) for turn in turns])


def test_a_kept_conversation_is_what_was_said_before(asked: Any, qa: QA) -> None:
    name = keep(qa, "How many barrels in 1890?")
    for session in ("last", name[:6], "How many barrels in 1890?"):
        code, out, _ = asked("And in 1895?", "--session", session, "--json")
        assert json.loads(out)["standalone_question"] == "How many barrels in 1895?"
        assert code in (0, 1)


def test_a_conversation_that_is_not_there_or_is_two_is_said_with_those_that_are(asked: Any, qa: QA) -> None:
    code, _, err = asked("And in 1895?", "--session", "last")
    assert (code, err) == (2, (
        "error: No kept conversation fits “last”: give a title, the beginning of an id, or last. "
        "None is kept about this index.\n"
    ))  # fmt: skip
    keep(qa, QUESTION)
    keep(qa, QUESTION)
    code, _, err = asked("And in 1895?", "--session", QUESTION)
    assert code == 2
    assert err.startswith(f"error: 2 kept conversations fit “{QUESTION}”")
    assert err.count("“Who kept") == 3


def test_a_conversation_of_another_form_is_said(asked: Any, qa: QA) -> None:
    conversations_of(qa.index.root).keep("", [({"other": 1}, "words")])
    code, _, err = asked("And in 1895?", "--session", "last")
    assert code == 2
    assert "was kept in another form" in err
    assert issubclass(ConversationError, Exception)


@pytest.mark.parametrize(("words", "expected"), [("partnership-qa as", "ask"), ("partnership-qa index ro", "rollback")])
def test_a_shell_completes_commands(words: str, expected: str) -> None:
    code = "import sys; sys.argv = ['partnership-qa']; from partnership_qa.cli import main; main()"
    asked = {
        "_PARTNERSHIP_QA_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(len(words.split()) - 1),
    }  # fmt: skip
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=os.environ | asked)
    assert done.stdout.split() == [expected]


def test_the_script_for_a_shell_is_shown() -> None:
    command = "sys.argv = ['partnership-qa', '--show-completion', 'zsh']"
    code = f"import sys; {command}; from partnership_qa.cli import main; main()"
    env = os.environ | {"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env)
    assert done.stdout.startswith("#compdef partnership-qa")
