"""All doors to one index: what a hit and a quote carry is the same behind each, and so is what cannot be asked."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

import httpx
import pytest

from partnership_qa import home
from partnership_qa.cli import app as cli
from partnership_qa.errors import IndexNotFoundError, PartnershipQAError, QuestionError, UnknownDocumentError
from partnership_qa.integrations.metadata import Metadata, citation_metadata, hit_metadata
from partnership_qa.keys import Keys
from partnership_qa.qa import QA
from partnership_qa.web.api.access import Access
from partnership_qa.web.api.app import make_api
from partnership_qa.web.api.service import Service
from partnership_qa.web.desk import Desk

# One is answered by one quote, by several of one passage, in two parts, and declined as doubtful.
QUESTIONS = [
    "When was the harbour dug by Ingrid Holm?", "Which things are forbidden on the quay?",
    "Who kept the light from 1901 and when was the harbour dug by Ingrid Holm?", "Who dug the harbour well in June?",
]  # fmt: skip
QUERY = "lantern of the light"
KEYS = Metadata.__annotations__.keys()


@dataclass
class Asked:
    """What is asked of a door."""

    qa: QA
    question: str = QUESTIONS[0]
    k: int = 4
    documents: list[str] = field(default_factory=list)
    index: str = ""

    @property
    def root(self) -> str:
        return self.index or str(self.qa.index.root)


def needs(module: str) -> None:
    try:
        there = find_spec(module)
    except ModuleNotFoundError:
        there = None
    if there is None:
        pytest.skip(f"{module} is not installed")


def desk_of(qa: QA) -> Desk:
    return Desk(qa.index, lambda index: QA.assemble(index, qa.encoder, qa.reader, qa.calibration))


def posted(a: Asked, path: str, values: dict[str, Any]) -> httpx.Response:
    """The response of a server over the index."""
    access = Access(Keys(a.qa.index.root / "home"), True, False, lambda request: False)
    app = make_api(Service(desk_of(a.qa), None), access)

    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            more = {"collection": "gone"} if a.index and path != "/chat/completions" else {}
            return await client.post(path, json=values | more)

    return asyncio.run(send())


def tool(a: Asked, name: str, **given: Any) -> Any:
    """The result of a tool of the MCP server."""
    needs("mcp.server")
    from mcp import Client

    from partnership_qa.integrations.mcp import make_server

    holds = [a.qa]
    server = make_server(lambda: home.load(a.index) if a.index and not holds else holds.pop() if a.index else a.qa)

    async def run() -> Any:
        async with Client(server) as client:
            return await client.call_tool(name, given)

    return asyncio.run(run())


def command(a: Asked, capsys: Any, *words: str) -> tuple[int, str, str]:
    within = [word for name in a.documents for word in ("--within", name)]
    given = [*words, "--index", a.root, "--k", str(a.k), "--json", *within]
    code = cli.run(lambda standalone_mode: cli.app(given, standalone_mode=standalone_mode))
    told = capsys.readouterr()
    return code, told.out, told.err


def of_metadata(values: dict[str, Any]) -> dict[str, Any]:
    return {key: values[key] for key in KEYS}


# --- what a quote and a hit carry ---


def quotes_of_mcp(a: Asked, capsys: Any) -> list[dict[str, Any]]:
    return tool(a, "ask", question=a.question).meta["partnership_qa"]["citations"]


def quotes_of_llm(a: Asked, capsys: Any) -> list[dict[str, Any]]:
    needs("llm")
    from partnership_qa.integrations.llm import PartnershipQA

    said = json.loads(PartnershipQA(a.root).ask(a.question))
    quotes = said.get("quotes", []) + said.get("closest", [])
    return [{key: value for key, value in one.items() if key != "quote"} for one in quotes]


def quotes_of_llama_index(a: Asked, capsys: Any) -> list[dict[str, Any]]:
    needs("llama_index")
    from partnership_qa.integrations.llama_index import PartnershipQAQueryEngine

    return [one.node.metadata for one in PartnershipQAQueryEngine(a.root).query(a.question).source_nodes]


def quotes_of(values: dict[str, Any]) -> list[dict[str, Any]]:
    return [of_metadata(one) for one in values.get("citations") or values.get("candidates", [])]


def quotes_of_http(a: Asked, capsys: Any) -> list[dict[str, Any]]:
    return quotes_of(posted(a, "/ask", {"question": a.question}).json())


def quotes_of_chat(a: Asked, capsys: Any) -> list[dict[str, Any]]:
    asked = {"model": "partnership-qa", "messages": [{"role": "user", "content": a.question}]}
    return quotes_of(posted(a, "/chat/completions", asked).json()["partnership_qa"])


def quotes_of_page(a: Asked, capsys: Any) -> list[dict[str, Any]]:
    from partnership_qa.web.endpoints import asked

    return quotes_of(asked(desk_of(a.qa), a.question))


def quotes_of_command(a: Asked, capsys: Any) -> list[dict[str, Any]]:
    return quotes_of(json.loads(command(a, capsys, "ask", a.question)[1]))


QUOTING = {
    "mcp": quotes_of_mcp, "llm": quotes_of_llm, "llama-index": quotes_of_llama_index, "http": quotes_of_http,
    "chat": quotes_of_chat, "page": quotes_of_page, "json": quotes_of_command,
}  # fmt: skip


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("door", QUOTING)
def test_a_quote_carries_the_same_behind_every_door(qa, capsys, door, question):
    trace = qa.trace(question)
    cited = trace.outcome.citations or trace.outcome.candidates
    expected = [dict(citation_metadata(one, qa.index, trace.hits)) for one in cited]
    assert expected
    assert all(one["score"] is not None for one in expected)
    found = QUOTING[door](Asked(qa, question), capsys)
    assert found == expected
    assert all(one.keys() == KEYS for one in found)


def test_an_answer_of_haystack_s_reader_has_the_address_that_its_document_was_found_under(qa):
    needs("haystack")
    from partnership_qa.integrations.haystack import PartnershipQAReader, PartnershipQARetriever

    documents = PartnershipQARetriever(str(qa.index.root), top_k=7).run(QUESTIONS[0])["documents"]
    best = PartnershipQAReader().run(QUESTIONS[0], documents)["answers"][0]
    (cited,) = qa.answer(QUESTIONS[0]).citations
    expected = citation_metadata(cited, qa.index)
    assert best.meta.keys() == KEYS
    address = KEYS - {"score", "similarity", "lexical"}
    assert {key: best.meta[key] for key in address} == {key: expected[key] for key in address}


def hits_of_mcp(a: Asked, capsys: Any) -> list[dict[str, Any]]:
    return tool(a, "search", query=a.question, k=a.k).meta["partnership_qa"]["hits"]


def hits_of_llm(a: Asked, capsys: Any) -> list[dict[str, Any]]:
    needs("llm")
    from partnership_qa.integrations.llm import PartnershipQA

    found = json.loads(PartnershipQA(a.root).search(a.question, a.k))
    return [{key: value for key, value in one.items() if key != "text"} for one in found]


def hits_of_haystack(a: Asked, capsys: Any) -> list[dict[str, Any]]:
    needs("haystack")
    from partnership_qa.integrations.haystack import PartnershipQARetriever

    found = PartnershipQARetriever(a.root, top_k=a.k, documents=a.documents).run(a.question)["documents"]
    return [one.meta for one in found]


def hits_of_langchain(a: Asked, capsys: Any) -> list[dict[str, Any]]:
    needs("langchain_core")
    from partnership_qa.integrations.langchain import PartnershipQARetriever

    retriever = PartnershipQARetriever(index=a.root, documents=a.documents)
    return [one.metadata for one in retriever.invoke(a.question, k=a.k)]


def hits_of_llama_index(a: Asked, capsys: Any) -> list[dict[str, Any]]:
    needs("llama_index")
    from partnership_qa.integrations.llama_index import PartnershipQARetriever

    retriever = PartnershipQARetriever(a.root, similarity_top_k=a.k, documents=a.documents)
    return [one.node.metadata for one in retriever.retrieve(a.question)]


def hits_of_http(a: Asked, capsys: Any) -> list[dict[str, Any]]:
    return [of_metadata(one) for one in posted(a, "/search", {"query": a.question, "k": a.k}).json()["hits"]]


def hits_of_page(a: Asked, capsys: Any) -> list[dict[str, Any]]:
    from partnership_qa.web.endpoints import found

    return [of_metadata(one) for one in found(desk_of(a.qa), a.question, a.k)]


def hits_of_command(a: Asked, capsys: Any) -> list[dict[str, Any]]:
    return [of_metadata(one) for one in json.loads(command(a, capsys, "search", a.question)[1])]


FINDING = {
    "mcp": hits_of_mcp, "llm": hits_of_llm, "haystack": hits_of_haystack, "langchain": hits_of_langchain,
    "llama-index": hits_of_llama_index, "http": hits_of_http, "page": hits_of_page, "json": hits_of_command,
}  # fmt: skip


@pytest.mark.parametrize("door", FINDING)
def test_a_hit_carries_the_same_behind_every_door(qa, capsys, door):
    expected = [dict(hit_metadata(hit, qa.index)) for hit in qa.search(QUERY, k=4)]
    assert len({one["document"] for one in expected}) > 1
    assert FINDING[door](Asked(qa, QUERY), capsys) == expected


# --- what cannot be asked ---

BAD = {
    "an empty question": ({"question": " \t"}, QuestionError, ("empty", "no text")),
    "3,000 characters": ({"question": "Who? " * 600}, QuestionError, ("2,000", "2000")),
    "no passages": ({"k": 0}, QuestionError, ("1 or more", "equal to 1", "1<=x<=", "x>=1", "whole number")),
    "an unknown document": ({"documents": ["leger.txt"]}, UnknownDocumentError, ("leger.txt",)),
    "no index": ({"index": "nowhere"}, IndexNotFoundError, ("No index at", "no such collection", "no such model")),
}  # fmt: skip


def raised(work: Any, kind: type[Exception]) -> str:
    with pytest.raises(kind) as caught:
        work()
    return str(caught.value)


def told_by_python(a: Asked, kind: Any, capsys: Any) -> list[str]:
    def qa() -> QA:
        return home.load(a.root)

    def given() -> dict[str, Any]:
        return {"k": a.k, "documents": a.documents}

    return [
        raised(lambda: qa().answer(a.question, **given()), kind),
        raised(lambda: qa().search(a.question, **given()), kind),
    ]


def told_by_command(a: Asked, kind: Any, capsys: Any) -> list[str]:
    both = [command(a, capsys, name, a.question) for name in ("ask", "search")]
    assert [(code, out) for code, out, _ in both] == [(2, ""), (2, "")]
    assert all(("error:" in err) or err.startswith("Usage:") for _, _, err in both)
    return [err for _, _, err in both]


def told_by_page(a: Asked, kind: Any, capsys: Any) -> list[str]:
    import gradio as gr

    from partnership_qa.web.endpoints import _answered, asked, found

    if a.index:
        pytest.skip("the page has its index open")
    works = [lambda: found(desk_of(a.qa), a.question, a.k, a.documents)]
    works += [] if a.k == 0 else [lambda: asked(desk_of(a.qa), a.question, None, a.documents)]
    return [raised(lambda work=work: _answered(work), gr.Error) for work in works]


def told_by_http(a: Asked, kind: Any, capsys: Any) -> list[str]:
    more = {"k": a.k, "documents": a.documents}
    chat = {"model": "partnership-qa" + "/gone" * bool(a.index), "messages": [{"role": "user", "content": a.question}]}
    given = [("/ask", {"question": a.question}), ("/search", {"query": a.question}), ("/chat/completions", chat)]
    told = [posted(a, path, values | more) for path, values in given]
    assert {one.status_code for one in told} == {404 if kind in (UnknownDocumentError, IndexNotFoundError) else 422}
    errors = [one.json()["error"] for one in told]
    assert all(one.keys() == {"type", "message", "param", "hint", "code"} and one["hint"] for one in errors)
    return [one["message"] for one in errors]


def told_by_mcp(a: Asked, kind: Any, capsys: Any) -> list[str]:
    more = {"k": a.k, "documents": a.documents}
    told = [tool(a, "ask", question=a.question, **more), tool(a, "search", query=a.question, **more)]
    assert all(one.is_error for one in told)
    return [one.content[0].text for one in told]


def told_by_haystack(a: Asked, kind: Any, capsys: Any) -> list[str]:
    needs("haystack")
    from haystack import Document

    from partnership_qa.integrations.haystack import PartnershipQAReader

    told = [raised(lambda: hits_of_haystack(a, capsys), kind)]
    if not a.documents and not a.index:
        reading = [Document(content="The harbour was dug in 1874.")]
        told.append(raised(lambda: PartnershipQAReader().run(a.question, reading, top_k=a.k), kind))
    return told


def told_by_langchain(a: Asked, kind: Any, capsys: Any) -> list[str]:
    return [raised(lambda: hits_of_langchain(a, capsys), kind)]


def told_by_llama_index(a: Asked, kind: Any, capsys: Any) -> list[str]:
    needs("llama_index")
    from partnership_qa.integrations.llama_index import PartnershipQAQueryEngine

    told = [raised(lambda: hits_of_llama_index(a, capsys), kind)]
    if a.k:
        engine = PartnershipQAQueryEngine(a.root, documents=a.documents)
        told.append(raised(lambda: engine.query(a.question), kind))
    return told


def told_by_llm(a: Asked, kind: Any, capsys: Any) -> list[str]:
    """As a model is told that has called the tools, and as the command line is of a fragment."""
    llm = pytest.importorskip("llm", reason="llm is not installed")
    from partnership_qa.integrations.llm import PartnershipQA, passages

    if a.documents:
        pytest.skip("its tools look in all documents")
    calls = [("search", {"words": a.question, "passages": a.k})]
    calls += [("ask", {"question": a.question})] if a.k else []

    class Caller(llm.Model):
        model_id = "caller"
        supports_tools = True

        def execute(self, prompt: Any, stream: bool, response: Any, conversation: Any) -> Any:
            if prompt.tool_results:
                yield json.dumps([one.output for one in prompt.tool_results])
            else:
                for name, given in calls:
                    response.add_tool_call(llm.ToolCall(f"PartnershipQA_{name}", given))

    told = json.loads(Caller().chain("?", tools=[PartnershipQA(a.root)]).text())
    assert all(one.startswith("Error: ") for one in told)
    return told + ([raised(lambda: passages(f"{a.root}::{a.question}"), ValueError)] if a.k else [])


TELLING = {
    "python": told_by_python, "command": told_by_command, "page": told_by_page, "http": told_by_http,
    "mcp": told_by_mcp, "haystack": told_by_haystack, "langchain": told_by_langchain,
    "llama-index": told_by_llama_index, "llm": told_by_llm,
}  # fmt: skip


@pytest.mark.parametrize("what", BAD)
@pytest.mark.parametrize("door", TELLING)
def test_what_cannot_be_asked_is_told_in_the_form_of_the_door(qa, capsys, tmp_path, door, what):
    given, kind, words = BAD[what]
    if "index" in given:
        given = {"index": str(tmp_path / "nowhere")}
    assert issubclass(kind, PartnershipQAError)
    for message in TELLING[door](Asked(qa, **given), kind, capsys):
        assert any(word in message for word in words), message
        assert "Traceback" not in message
