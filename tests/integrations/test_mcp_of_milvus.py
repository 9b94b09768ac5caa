"""An assistant asks an index that stands in Milvus, as it asks one on disk, and sees what is built there anew."""

from __future__ import annotations

import asyncio
import json
import shutil

import pytest
from fakes import FAKE_CALIBRATION, FakeEncoder, FakeReader

pytest.importorskip("pymilvus", reason="an index in Milvus needs pymilvus")
pytest.importorskip("milvus_lite", reason="tested with Milvus Lite")
pytest.importorskip("mcp.server", reason="the MCP server needs the MCP SDK")

from mcp import Client

from partnership_qa import home
from partnership_qa.cli.mcp import _opened
from partnership_qa.integrations.mcp import make_server
from partnership_qa.milvus import build_milvus, open_milvus
from partnership_qa.qa import QA

pytestmark = pytest.mark.filterwarnings("ignore")  # of pymilvus, about itself


@pytest.fixture
def server(tmp_path, corpus, monkeypatch):
    """The server of the command, over an index in Milvus Lite that is built from `tmp_path / "texts"`."""
    place, texts = f"milvus:{tmp_path / 'index.db'}#texts", shutil.copytree(corpus, tmp_path / "texts")
    build_milvus(texts, place, FakeEncoder())

    def load(index, **given):
        assert str(index) == place
        return QA.assemble(open_milvus(str(index)), FakeEncoder(), FakeReader(), FAKE_CALIBRATION)

    monkeypatch.setattr(home, "load", load)
    current, rebuild = _opened(place, None, None)
    return make_server(current, rebuild=rebuild)


def called(server, name, **given):
    async def asked():
        async with Client(server) as client:
            return await client.call_tool(name, given)

    result = asyncio.run(asked())
    assert not result.is_error, result.content[0].text
    return result.content[0].text


def test_every_tool_answers(server):
    assert "1874" in called(server, "ask", question="When was the harbour dug?")
    assert "Ingrid Holm" in called(server, "search", query="Who dug the harbour?")
    assert called(server, "read", document="harbour.md").startswith("harbour.md, characters 0 to ")
    assert "ledger.txt" in called(server, "list_documents")


def test_a_quote_is_verified_against_the_texts_that_stand_there(server, qa):
    answer = json.dumps(qa.answer("When was the harbour dug?").to_dict())
    assert "Intact" in called(server, "verify", answers=answer)


def test_what_is_built_anew_there_is_what_is_asked(server, tmp_path):
    (tmp_path / "texts" / "new.md").write_text("# Boats\n\nThe ferry Petrel carries forty people.\n", encoding="utf-8")
    assert "new.md" not in called(server, "list_documents")
    assert called(server, "rebuild").startswith("Indexed: ")
    assert "forty" in called(server, "ask", question="How many people does the ferry Petrel carry?")
