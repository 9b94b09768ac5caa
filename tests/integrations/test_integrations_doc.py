"""The examples of docs/integrations.md run as they stand, and print what stands behind them."""

from __future__ import annotations

import re
import shlex
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from partnership_qa.integrations.metadata import Metadata

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = (Path(__file__).parents[2] / "docs" / "integrations.md").read_text("utf-8")
LIBRARIES = {"Haystack": "haystack", "LangChain": "langchain_core", "LlamaIndex": "llama_index", "llm": "llm"}


def blocks(language: str) -> list[tuple[str, str]]:
    """The section and the text of each block of code."""
    found, section = [], ""
    for heading, kind, text in re.findall(r"^## ([^\n]*)$|^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL):
        section = heading or section
        if kind == language:
            found.append((section, text))
    return found


(_, BUILD), *EXAMPLES = blocks("python")


@pytest.fixture(autouse=True)
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    exec(BUILD, {})


@pytest.mark.parametrize(("section", "example"), EXAMPLES, ids=[section for section, _ in EXAMPLES])
def test_an_example_runs_and_prints_what_it_says(
    section: str, example: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if (needed := LIBRARIES.get(section)) and find_spec(needed) is None:
        pytest.skip(f"{needed} is not installed")
    names: dict[str, Any] = {}
    exec(example, names)
    assert capsys.readouterr().out.splitlines() == re.findall(r"^print\(.*\)\s+# (.*)$", example, re.MULTILINE)
    if section == "Jupyter":
        assert "Anna Berg signed the lease on 3 May 2021." in re.sub("<[^>]*>", "", names["result"]._repr_html_())


def test_the_table_of_keys_is_that_of_the_metadata() -> None:
    table = PAGE.split("## What every hit and quote carries")[1].split("## ")[0]
    rows = re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)
    assert [key for row in rows for key in re.findall(r"`(\w+)`", row)] == list(Metadata.__annotations__)


def test_every_extra_that_is_named_exists() -> None:
    tomllib = pytest.importorskip("tomllib")
    values = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))
    assert set(re.findall(r"partnership_qa\[([\w-]+)\]", PAGE)) <= values["project"]["optional-dependencies"].keys()


LINES = [line for _, block in blocks("sh") for line in block.splitlines()]


@pytest.mark.parametrize("line", LINES)
def test_a_line_for_the_shell_runs_with_any_model(line: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    llm = pytest.importorskip("llm", reason="llm is not installed")
    from click.testing import CliRunner
    from llm.cli import cli
    from llm.plugins import pm

    from partnership_qa.integrations import llm as plugin

    class Model(llm.Model):
        model_id = "caller"
        supports_tools = True

        def execute(self, prompt: Any, stream: bool, response: Any, conversation: Any) -> Iterator[str]:
            if prompt.tools and not prompt.tool_results:
                response.add_tool_call(llm.ToolCall("PartnershipQA_ask", {"question": "Who signed the lease?"}))
            yield from [one.output for one in prompt.tool_results] or [prompt.prompt]

    class Models:
        @staticmethod
        @llm.hookimpl
        def register_models(register: Any) -> None:
            register(Model())

    monkeypatch.setenv("LLM_USER_PATH", str(tmp_path / "llm"))
    monkeypatch.setenv("LLM_MODEL", "caller")
    plugins = [one for one in (Models, plugin) if not pm.is_registered(one)]
    for one in plugins:
        pm.register(one)
    try:
        words = shlex.split(line)
        done = CliRunner().invoke(cli, words[1:], catch_exceptions=False)
    finally:
        for one in plugins:
            pm.unregister(one)
    assert words[0] == "llm"
    assert done.exit_code == 0, done.output
    assert "Anna Berg signed the lease on 3 May 2021." in done.output
