"""docs/cli.md is what docs/make_cli.py writes, and says all that the command line has."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command

from partnership_qa.cli.app import app

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "cli.md").read_text("utf-8")


def sections() -> dict[str, str]:
    """Text of each command's section, by its whole name."""
    found = re.split(r"^## (partnership-qa.*)$", PAGE, flags=re.MULTILINE)[1:]
    return dict(zip(found[::2], found[1::2], strict=True))


def test_the_page_is_up_to_date() -> None:
    done = subprocess.run([sys.executable, DOCS / "make_cli.py", "--check"])
    assert done.returncode == 0, "write it again: python docs/make_cli.py"


def test_an_old_page_is_seen(tmp_path: Path) -> None:
    (tmp_path / "make_cli.py").write_bytes((DOCS / "make_cli.py").read_bytes())
    (tmp_path / "cli.md").write_text(PAGE.replace("--stability", "--steadiness"), encoding="utf-8")
    assert subprocess.run([sys.executable, tmp_path / "make_cli.py", "--check"]).returncode == 1


def every(command: object, above: str) -> dict[str, object]:
    inner = getattr(command, "commands", {})
    found = {f"{above} {name}": one for name, one in inner.items() if not hasattr(one, "commands")}
    for name, one in inner.items():
        if hasattr(one, "commands"):
            found |= every(one, f"{above} {name}")
    return found


COMMANDS = every(get_command(app), "partnership-qa")


@pytest.mark.parametrize("name", list(COMMANDS))
def test_every_command_and_every_option_of_it_has_its_place(name: str) -> None:
    section = sections()[name]
    options = {option for parameter in COMMANDS[name].params for option in parameter.opts if option.startswith("--")}  # type: ignore[attr-defined]
    assert options - {"--help"} == set(re.findall(r"^- `(--[\w-]+)", section, re.MULTILINE))


def test_every_link_leads_to_a_section() -> None:
    links = re.findall(r"\]\(#(.*?)\)", PAGE)
    assert links == [name.replace(" ", "-") for name in sections()]
