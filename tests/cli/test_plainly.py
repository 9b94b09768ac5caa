"""The commonest call is read without typer, and comes to what typer makes of it."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import pytest
import typer
from hypothesis import given, settings
from hypothesis import strategies as st

from partnership_qa.cli import asking
from partnership_qa.cli.frame import new_app, run
from partnership_qa.cli.plainly import called, plain_question

WORDS = st.sampled_from(
    ["When?", "", " ", "-", "--", "--json", "--json=1", "--index", "a b/ü", "--index=x", "-k", "--k", "3", "--help"]
)


def by_typer(words: list[str]) -> dict[str, Any] | None:
    """What `ask` is given by typer; `None` where it is not called."""
    seen: list[dict[str, Any]] = []
    app = new_app()

    def ask(**values: Any) -> None:
        seen.append(values)

    ask.__signature__ = inspect.signature(asking.ask, eval_str=True)  # type: ignore[attr-defined]
    ask.__annotations__ = {name: value.annotation for name, value in ask.__signature__.parameters.items()}
    app.command("ask")(ask)
    run(lambda standalone_mode: app(["ask", *words], standalone_mode=standalone_mode))
    return seen[0] if seen else None


@settings(max_examples=60)
@given(st.lists(WORDS, max_size=5))
def test_what_is_read_without_typer_is_what_typer_reads(words: list[str]) -> None:
    if (plain := plain_question(words)) is not None:
        defaults = {name: value.default for name, value in inspect.signature(asking.ask).parameters.items()}
        assert by_typer(words) == defaults | plain


def test_a_question_alone_with_a_folder_and_as_json_is_read() -> None:
    assert plain_question(["When?", "--index", "x", "--json"]) == {
        "question": "When?", "index": Path("x"), "as_json": True,
    }  # fmt: skip


@pytest.mark.parametrize("words", [[], ["--json"], ["-"], ["a", "b"], ["a", "--index"], ["a", "--why"], ["--help"]])
def test_all_else_is_left_to_typer(words: list[str]) -> None:
    assert plain_question(words) is None


def test_a_command_ends_as_it_says_or_as_it_is_broken_off() -> None:
    def ending(error: BaseException) -> Any:
        def command(**values: Any) -> None:
            raise error

        return command

    assert called(lambda **values: None, {}) == 0
    assert called(ending(typer.Exit(1)), {}) == 1
    assert called(ending(BrokenPipeError()), {}) == 1
    with pytest.raises(typer.Abort):
        called(ending(KeyboardInterrupt()), {})
