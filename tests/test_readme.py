"""The README's example runs and gives what it says; every command of it exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

README = (Path(__file__).parents[1] / "README.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


@pytest.mark.slow
def test_the_python_example_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "my_texts").mkdir()
    (tmp_path / "my_texts" / "contract.txt").write_text(
        "Anna Berg signed the contract on 3 May 2021. Termination needs ninety days' notice.", encoding="utf-8"
    )
    monkeypatch.chdir(tmp_path)
    (example,) = blocks("python")
    names: dict[str, object] = {}
    exec(example, names)
    expected = re.findall(r"print\(.*\)\s+# (.*)", example)
    assert capsys.readouterr().out.splitlines() == expected
    assert names["hits"][0].passage.document == "contract.txt"  # type: ignore[index]
    assert names["result"].standalone_question  # type: ignore[attr-defined]


def test_every_command_shown_exists() -> None:
    from typer.main import get_command

    from partnership_qa.cli.app import app

    shown = set(re.findall(r"^(?:\$ )?partnership-qa (\w+)", README, re.MULTILINE))
    commands = set(get_command(app).commands)  # type: ignore[attr-defined]
    assert shown == commands


def test_it_is_short() -> None:
    assert len(README.splitlines()) <= 160
