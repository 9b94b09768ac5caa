"""`--threshold`: a number, or what the collection's own risk card sets."""

from __future__ import annotations

import io
import json
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

import partnership_qa
from partnership_qa import home
from partnership_qa.cli import app as cli
from partnership_qa.evaluation.card import Card, card_of, keep
from partnership_qa.evaluation.risk import Asked

if TYPE_CHECKING:
    from partnership_qa.qa import QA

pytestmark = pytest.mark.usefixtures("fakes_at_home")
QUESTION = "How much did the lens cost?"


@pytest.fixture
def run(qa: QA, capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs a command over the small corpus: the exit code, standard output and standard error."""

    def run(*words: object) -> tuple[int, str, str]:
        given = [str(one) for one in (*words, "--index", qa.index.root)]
        code = cli.run(lambda standalone_mode: cli.app(given, standalone_mode=standalone_mode))
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return run


def card_at(qa: QA, threshold: float) -> Card:
    """A card whose threshold is this one, kept beside the index."""
    asked = [Asked("made", threshold + 0.005, True)] * 60 + [Asked("made", threshold - 0.015, False)] * 60
    made = card_of(asked, 0.3, digest=qa.index.generation.manifest.digest, unanswerable=0.0)
    assert made.threshold == threshold
    keep(made, qa.index.root)
    return made


@pytest.mark.parametrize(("threshold", "code"), [(0.2, 0), (0.98, 1)])
def test_the_card_sets_the_threshold_of_ask(run: Any, qa: QA, threshold: float, code: int) -> None:
    sure = qa.answer(QUESTION).confidence
    assert 0.2 < sure < 0.98
    card_at(qa, threshold)
    left, out, _ = run("ask", QUESTION, "--threshold", "card", "--why", "--json")
    values = json.loads(out)
    assert (left, values["answered"], values["why"]["threshold"]) == (code, code == 0, threshold)


def test_a_conversation_takes_it_too(run: Any, qa: QA, monkeypatch: pytest.MonkeyPatch) -> None:
    card_at(qa, 0.98)
    for given, answered in ((["--threshold", "card"], False), ([], True)):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(f"{QUESTION}\n".encode())))
        code, out, _ = run("chat", "--keep-nothing", *given)
        assert (code, "No answer is certain enough" not in out and "Not in the text" not in out) == (0, answered)


def test_in_python_it_is_with_card(qa: QA) -> None:
    card_at(qa, 0.98)
    assert qa.answer(QUESTION).answered
    assert not partnership_qa.with_card(qa).answer(QUESTION).answered


def test_without_a_card_or_its_threshold_is_an_error_that_says_what_to_do(run: Any, qa: QA) -> None:
    code, _, err = run("ask", QUESTION, "--threshold", "card")
    assert (code, "has no risk card: partnership-qa risk --index" in err) == (2, True)
    keep(replace(card_at(qa, 0.5), threshold=None), qa.index.root)
    code, _, err = run("ask", QUESTION, "--threshold", "card")
    assert (code, "found no threshold that keeps 30%" in err) == (2, True)


@pytest.mark.parametrize("given", ["1.1", "-0.1", "nan", "inf", "cards", ""])
def test_what_is_no_threshold_is_refused_before_anything_is_loaded(
    run: Any, monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    monkeypatch.setattr(home, "load", None)
    code, _, err = run("ask", QUESTION, f"--threshold={given}")
    assert (code, err.strip()) == (2, f"error: --threshold takes a number from 0 to 1, or card, and not {given!r}.")
