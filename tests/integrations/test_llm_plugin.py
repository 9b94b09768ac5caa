"""llm: its own command line finds the tools and the fragments, and a model's calls get quotes with addresses."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from fakes import CORPUS

llm = pytest.importorskip("llm", reason="llm is not installed: pip install 'partnership_qa[llm]'")

from click.testing import CliRunner  # noqa: E402
from llm.plugins import pm  # noqa: E402

from partnership_qa.integrations import llm as plugin  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

    from partnership_qa.qa import QA

QUESTION = "Who kept the light from 1901?"


@pytest.fixture(autouse=True)
def plugged(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setenv("LLM_USER_PATH", str(tmp_path / "llm"))
    there = pm.is_registered(plugin)
    if not there:
        pm.register(plugin, name="partnership_qa")
    yield
    if not there:
        pm.unregister(plugin)


@pytest.fixture
def tools(qa: QA) -> plugin.PartnershipQA:
    return plugin.PartnershipQA(str(qa.index.root))


def run(*arguments: str) -> Any:
    from llm.cli import cli

    return CliRunner().invoke(cli, list(arguments), catch_exceptions=False)


def test_the_entry_point_is_this_module() -> None:
    tomllib = pytest.importorskip("tomllib")
    values = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))
    assert values["project"]["entry-points"]["llm"] == {"partnership_qa": plugin.__name__}


def test_its_command_line_lists_the_tools_and_the_fragments() -> None:
    listed = json.loads(run("tools", "list", "--json").output)
    (box,) = [one for one in listed["toolboxes"] if one["name"] == "PartnershipQA"]
    assert [one["name"] for one in box["tools"]] == [
        "PartnershipQA_ask", "PartnershipQA_documents", "PartnershipQA_read", "PartnershipQA_search",
    ]  # fmt: skip
    assert "partnership-qa:" in run("fragments", "loaders").output


def test_an_answer_has_its_quotes_with_their_addresses(tools: plugin.PartnershipQA, qa: QA) -> None:
    said = json.loads(tools.ask(QUESTION))
    assert (said["answered"], said["text"]) == (True, qa.answer(QUESTION).text)
    for one in said["quotes"]:
        assert CORPUS[one["document"]][one["start"] : one["end"]] == one["quote"]
        assert one["generation"] == qa.index.generation.name


def test_a_refusal_has_no_quotes(tools: plugin.PartnershipQA) -> None:
    said = json.loads(tools.ask("What is the capital of France?"))
    assert said["answered"] is False
    assert said["text"].startswith("Not in the text:")
    assert said["closest"] == []
    assert "quotes" not in said


def test_passages_that_are_found_are_the_source(tools: plugin.PartnershipQA) -> None:
    found = json.loads(tools.search("lantern", passages=2))
    assert len(found) == 2
    for one in found:
        assert CORPUS[one["document"]][one["start"] : one["end"]] == one["text"]


def test_a_document_is_read_by_characters(tools: plugin.PartnershipQA) -> None:
    text = CORPUS["ledger.txt"]
    assert json.loads(tools.read("ledger.txt", 4, 14)) == {
        "document": "ledger.txt", "start": 4, "end": 14, "characters": len(text), "text": text[4:14],
    }  # fmt: skip
    beyond = json.loads(tools.read("ledger.txt", 9_999))
    assert (beyond["text"], beyond["start"], beyond["end"]) == ("", 9_999, 9_999)
    assert json.loads(tools.read("ledger.txt", -5, 3))["text"] == text[:3]


def test_no_more_is_read_at_once_than_a_model_takes(
    tools: plugin.PartnershipQA, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plugin, "MAX_READ", 10)
    said = json.loads(tools.read("ledger.txt", 2, 400))
    assert (said["text"], said["end"]) == (CORPUS["ledger.txt"][2:12], 12)


def test_the_documents_are_listed(tools: plugin.PartnershipQA, qa: QA) -> None:
    assert json.loads(tools.documents()) == [
        {"document": name, "characters": len(source.text), "sha256": source.sha256}
        for name, source in qa.index.sources.items()
    ]


def test_a_model_that_calls_a_tool_is_given_the_quotes(tools: plugin.PartnershipQA) -> None:
    class Caller(llm.Model):
        model_id = "caller"
        supports_tools = True

        def execute(self, prompt: Any, stream: bool, response: Any, conversation: Any) -> Iterator[str]:
            if prompt.tool_results:
                yield prompt.tool_results[0].output
            else:
                response.add_tool_call(llm.ToolCall("PartnershipQA_ask", {"question": QUESTION}))

    said = json.loads(Caller().chain("When?", tools=[tools]).text())
    assert said["quotes"][0]["document"] == "ledger.txt"


def test_fragments_are_passages_named_by_their_addresses(qa: QA) -> None:
    found = plugin.passages(f"{qa.index.root}::{QUESTION}")
    assert len(found) == 5
    for one in found:
        name, line, start, end, sha256 = re.fullmatch(r"(.+):(\d+) \[(\d+):(\d+)\] sha256:(\w+)", one.source).groups()  # type: ignore[union-attr]
        text = CORPUS[name]
        assert text[int(start) : int(end)] == str(one)
        assert int(line) == text.count("\n", 0, int(start)) + 1
        assert sha256 == qa.index.sources[name].sha256


def test_a_fragment_that_cannot_be_found_says_why(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"No index at .*nowhere"):
        plugin.passages(f"{tmp_path}/nowhere::Why?")
