"""The examples of docs/integrations.md run as they stand, and print what stands behind them."""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from partnership_qa.integrations.metadata import Metadata

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

PROJECT = Path(__file__).parents[2]
PAGE = (PROJECT / "docs" / "integrations.md").read_text("utf-8")
LIBRARIES = {
    "Haystack": "haystack", "LangChain": "langchain_core", "LlamaIndex": "llama_index", "llm": "llm",
    "MCP": "mcp.server", "Milvus": "milvus_lite",
}  # fmt: skip
ELSEWHERE = "OpenAI's client"  # tests/web/api/test_openai_client.py: it asks a server
# The command as it is, but for the models.
COMMAND = """#!{python}
import sys
sys.path[:0] = {path}
from fakes import FAKE_CALIBRATION, FakeEncoder, FakeReader
from partnership_qa import home, qa
home.load_encoder, home.load_reader, qa.load_calibration = FakeEncoder, FakeReader, lambda: FAKE_CALIBRATION
from partnership_qa.cli import main
main()
"""


def blocks(language: str) -> list[tuple[str, str]]:
    """The section and the text of each block of code."""
    found, section = [], ""
    for heading, kind, text in re.findall(r"^## ([^\n]*)$|^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL):
        section = heading or section
        if kind == language:
            found.append((section, text))
    return found


(_, BUILD), *RUNNING = blocks("python")
EXAMPLES = [one for one in RUNNING if one[0] != ELSEWHERE]


@pytest.fixture(autouse=True)
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    exec(BUILD, {})


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`partnership-qa` with the fakes in the place of its models."""
    path = [one for one in sys.path if one]
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "partnership-qa"
    program.write_text(COMMAND.format(python=sys.executable, path=path), "utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")


def installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    spec = importlib.util.spec_from_file_location("bench_integrations", PROJECT / "benchmarks" / "integrations.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def test_the_benchmark_runs_every_example_once_after_the_first(bench: ModuleType) -> None:
    ran = [block for row in bench.rows(PAGE) for block in row.blocks]
    every = re.findall(r"^```(\w*)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert sorted(ran) == sorted(every[1:])
    assert every[0] == ("python", BUILD)


def test_the_benchmark_knows_how_each_extra_is_installed_and_imported(bench: ModuleType) -> None:
    tomllib = pytest.importorskip("tomllib")
    extras = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    found = bench.rows(PAGE)
    keys = [row.key for row in (*found, *bench.others(found))]
    assert {*keys} - {"jupyter", "openai"} == extras.keys() - {*bench.GROUPS}
    assert {*keys} <= bench.IMPORTS.keys()
    assert {row.key for row in bench.others(found)} == set(re.findall(r"`([\w-]+)` \| \d+ package", PAGE))
    commands = {row.key: row.command for row in found}
    assert (commands["llm"], commands["jupyter"], commands["openai"]) == (["partnership_qa[llm]"], [], ["openai"])


def test_the_benchmark_says_so_where_an_example_prints_something_else(bench: ModuleType, tmp_path: Path) -> None:
    told = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    assert bench._python("print(1 + 1)  # 2\n", tmp_path, told) == ""
    assert bench._python("print(1 + 1)  # 3\n", tmp_path, told) == "printed ['2'], not ['3']"
    assert bench._python("1 / 0\n", tmp_path, told) == "ZeroDivisionError: division by zero"
    assert "AttributeError" in bench._python("shown = 1\nshown\n", tmp_path, told)


@pytest.mark.usefixtures("command")
@pytest.mark.filterwarnings("ignore::Warning:pymilvus")
@pytest.mark.parametrize(("section", "example"), EXAMPLES, ids=[section for section, _ in EXAMPLES])
def test_an_example_runs_and_prints_what_it_says(section: str, example: str, capfd: pytest.CaptureFixture[str]) -> None:
    if (needed := LIBRARIES.get(section)) and not installed(needed):
        pytest.skip(f"{needed} is not installed")
    names: dict[str, Any] = {}
    exec(example, names)
    assert capfd.readouterr().out.splitlines() == re.findall(r"^ *print\(.*\)\s+# (.*)$", example, re.MULTILINE)
    if section == "Jupyter":
        assert "Anna Berg signed the lease on 3 May 2021." in re.sub("<[^>]*>", "", names["result"]._repr_html_())


def test_the_table_of_keys_is_that_of_the_metadata() -> None:
    table = PAGE.split("## What every hit and quote carries")[1].split("## ")[0]
    rows = re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)
    assert [key for row in rows for key in re.findall(r"`(\w+)`", row)] == list(Metadata.__annotations__)


def test_every_extra_that_is_named_exists() -> None:
    tomllib = pytest.importorskip("tomllib")
    values = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))
    assert set(re.findall(r"partnership_qa\[([\w-]+)\]", PAGE)) <= values["project"]["optional-dependencies"].keys()


LINES = [line for section, block in blocks("sh") if section != ELSEWHERE for line in block.splitlines()]


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
