"""The MCP server in process, over stdio in a process of its own, and over HTTP."""

from __future__ import annotations

import asyncio
import json
import sys

import httpx
import pytest

pytest.importorskip("mcp.server.mcpserver", reason="the extra mcp is not installed")

from mcp import Client, StdioServerParameters

from partnership_qa.integrations import mcp_tools as door
from partnership_qa.integrations.mcp import http_app, make_server
from partnership_qa.integrations.metadata import Metadata

READING = ["ask", "search", "read", "verify", "list_documents"]
ASKED = "When was the harbour dug?"
SERVED = """
import sys
sys.path[:0] = sys.argv[2:]
from pathlib import Path
from fakes import FAKE_CALIBRATION, FakeEncoder, FakeReader
from partnership_qa.index import open_index
from partnership_qa.integrations.mcp import make_server
from partnership_qa.qa import QA
qa = QA.assemble(open_index(Path(sys.argv[1])), FakeEncoder(), FakeReader(), FAKE_CALIBRATION)
make_server(lambda: qa).run("stdio")
"""


def called(server, work):
    async def run():
        async with Client(server) as client:
            return await work(client)

    return asyncio.run(run())


def tool(qa, name, **arguments):
    return called(make_server(lambda: qa), lambda client: client.call_tool(name, arguments))


def test_all_tools_only_read_unless_writing_is_allowed(qa):
    listed = called(make_server(lambda: qa), lambda client: client.list_tools()).tools
    assert [one.name for one in listed] == READING
    assert all(one.annotations.read_only_hint for one in listed)
    built = []
    server = make_server(lambda: qa, rebuild=lambda: built.append(1) or "3 passages are indexed.")
    listed = called(server, lambda client: client.list_tools()).tools
    assert [one.name for one in listed if not one.annotations.read_only_hint] == ["rebuild"]
    assert called(server, lambda client: client.call_tool("rebuild", {})).content[0].text == "3 passages are indexed."
    assert built == [1]


def test_an_answer_is_text_with_addresses_once(qa):
    result = tool(qa, "ask", question=ASKED)
    cited = result.meta["partnership_qa"]["citations"][0]
    source = qa.index.sources[cited["document"]]
    assert len(result.content) == 1
    assert result.structured_content is None
    quote = f"“{source.text[cited['start'] : cited['end']]}”"
    assert f"{quote} ({cited['document']}, line {cited['line']}, characters" in result.content[0].text
    assert cited.keys() == Metadata.__annotations__.keys()


def test_a_question_without_an_answer_is_declined(qa):
    result = tool(qa, "ask", question="Who won the chess cup of Peru?")
    assert result.meta["partnership_qa"]["answered"] is False


def test_hits_carry_the_shared_metadata(qa):
    result = tool(qa, "search", query="lens", k=2, documents=["letters/"])
    hits = result.meta["partnership_qa"]["hits"]
    assert {hit["document"] for hit in hits} == {"letters/june.txt"}
    assert all(qa.index.sources[h["document"]].text[h["start"] : h["end"]] in result.content[0].text for h in hits)


def test_characters_of_a_document_are_read(qa):
    text = qa.index.sources["ledger.txt"].text
    assert text[4:14] in tool(qa, "read", document="ledger.txt", start=4, end=14).content[0].text


def test_a_long_document_is_read_in_parts(qa, monkeypatch):
    monkeypatch.setattr(door, "MAX_READ", 10)
    text = qa.index.sources["ledger.txt"].text
    for given in ({"start": 4}, {"start": 4, "end": 400}):
        said = tool(qa, "read", document="ledger.txt", **given).content[0].text
        head, read = said.split("\n", 1)
        assert head == f"ledger.txt, characters 4 to 14 of {len(text)}:"
        assert read == f"{text[4:14]}\n(read on from start=14)"
    last = tool(qa, "read", document="ledger.txt", start=len(text) - 5).content[0].text
    assert last.endswith(f":\n{text[-5:]}")


def test_the_closest_quotes_of_a_doubtful_question_are_told_as_such(qa):
    said = tool(qa, "ask", question="Who dug the harbour well of paraffin in June?")
    lines = said.content[0].text.splitlines()
    assert "Not certain; the closest quotes:" in lines
    assert lines[lines.index("Not certain; the closest quotes:") + 1].startswith("[1] “")
    assert not any(line.startswith("Probability") for line in lines)


def test_an_answer_is_verified(qa):
    answer = qa.answer(ASKED).to_dict()
    assert tool(qa, "verify", answers=json.dumps(answer)).content[0].text.startswith("[1] Intact")
    answer["citations"][0]["quote"] = "The harbour was dug in 1999 by Ingrid Holm."
    assert "Changed" in tool(qa, "verify", answers=json.dumps(answer)).content[0].text
    forged = [qa.answer(ASKED).to_dict(), qa.answer(ASKED).to_dict() | {"text": "Somebody else"}]
    lines = tool(qa, "verify", answers=json.dumps(forged)).content[0].text.splitlines()
    assert lines[0].startswith("[1.1] Intact")
    assert lines[-1].startswith("[2.-] Unsupported: the answer says “Somebody else”")


@pytest.mark.parametrize(
    ("name", "given", "what"),
    [
        ("ask", {"question": " "}, "empty"), ("ask", {"question": "Who?", "documents": ["leger.txt"]}, "Near it are"),
        ("read", {"document": "no"}, "list_documents"), ("read", {"document": "ledger.txt", "start": -1}, "characters"),
        ("verify", {"answers": "{"}, "no proof"), ("search", {"query": "a", "k": 0}, "greater than"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said(qa, name, given, what):
    result = tool(qa, name, **given)
    assert result.is_error
    assert what in result.content[0].text


def test_documents_are_resources(qa):
    async def work(client):
        listed = (await client.list_resources()).resources
        one = next(resource for resource in listed if resource.name == "letters/june.txt")
        return [resource.name for resource in listed], (await client.read_resource(one.uri)).contents[0].text

    names, text = called(make_server(lambda: qa), work)
    assert names == list(qa.index.sources)
    assert text == qa.index.sources["letters/june.txt"].text


def test_over_stdio(qa):
    paths = [path for path in sys.path if path]
    parameters = StdioServerParameters(command=sys.executable, args=["-c", SERVED, str(qa.index.root), *paths])
    result = called(parameters, lambda client: client.call_tool("ask", {"question": ASKED}))
    assert "1874" in result.content[0].text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200), ({"host": "evil.example"}, 421), ({"origin": "http://evil.example"}, 403),
        ({"host": "localhost.evil.example:8000"}, 421),
    ],
)  # fmt: skip
def test_over_http_for_our_own_names_alone(qa, headers, status):
    app = http_app(make_server(lambda: qa))
    call = {
        "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "ask", "arguments": {"question": ASKED}},
    }  # fmt: skip

    async def run():
        async with app.router.lifespan_context(app):
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
                accepts = {"accept": "application/json, text/event-stream"}
                return await client.post("/mcp", json=call, headers=accepts | headers)

    answer = asyncio.run(run())
    assert answer.status_code == status
    assert ("1874" in answer.text) == (status == 200)
