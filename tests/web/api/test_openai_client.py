"""The chat completions through the real `openai` client."""

from __future__ import annotations

import asyncio
import re
import socket
import threading
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import uvicorn
from fakes import FAKE_CALIBRATION, FakeEncoder, FakeReader
from test_api_endpoints import ASKED, app_of, desk

from partnership_qa.answering.outcome import AnswerPart
from partnership_qa.index import build, open_index
from partnership_qa.qa import QA
from partnership_qa.web.api import chat
from partnership_qa.web.desk import Desk

openai = pytest.importorskip("openai", reason="the openai client is not installed")
__all__ = ["desk"]


def chatted(app, work):
    async def run():
        http = httpx.AsyncClient(transport=httpx.ASGITransport(app))
        client = openai.AsyncOpenAI(api_key="none", base_url="http://localhost/v1", http_client=http, max_retries=0)
        async with client:
            return await work(client)

    return asyncio.run(run())


def completed(app, *messages, **more):
    async def work(client):
        return await client.chat.completions.create(model="partnership-qa", messages=list(messages), **more)

    return chatted(app, work)


def user(text):
    return {"role": "user", "content": text}


def test_an_answer_is_annotated_by_offsets_into_its_text(desk, tmp_path, qa):
    message = completed(app_of(desk, tmp_path), user(ASKED)).choices[0].message
    cited = message.annotations[0].url_citation
    said = message.content[cited.start_index : cited.end_index]
    address, _, characters = cited.url.partition("#char=")
    start, end = map(int, characters.split(","))
    assert said
    assert said in qa.index.sources["harbour.md"].text[start:end]
    assert address == "http://localhost/v1/documents/harbour.md"
    assert cited.title.startswith("harbour.md, line ")


def test_a_refusal_is_a_sentence_without_annotations(desk, tmp_path):
    message = completed(app_of(desk, tmp_path), user("Who won the chess cup of Peru?")).choices[0].message
    assert not message.annotations
    assert message.content


def test_earlier_turns_are_the_history(desk, tmp_path):
    said = [user("How many barrels in 1890?"), {"role": "assistant", "content": "40"}]
    given = completed(app_of(desk, tmp_path), {"role": "system", "content": "Be brief"}, *said, user("And in 1895?"))
    assert given.model_extra["partnership_qa"]["standalone_question"] == "How many barrels in 1895?"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("When was the harbour dug and who kept the light from 1901?", 2),
        # What both parts say alike is said once.
        ("When was the harbour dug and who dug the harbour in 1874?", 1),
    ],
)
def test_each_part_of_an_answer_is_annotated_in_its_place(desk, tmp_path, qa, asked, said):
    message = completed(app_of(desk, tmp_path), user(asked)).choices[0].message
    answer = qa.answer(asked)
    parts = answer.parts
    assert (len(parts), len(answer.text.splitlines())) == (2, said)
    cited = [one.url_citation for one in message.annotations]
    assert [message.content[one.start_index : one.end_index] for one in cited] == [part.text for part in parts]
    assert len({one.start_index for one in cited}) == said


def test_a_part_is_found_by_its_line_and_not_by_its_words(qa):
    answer = qa.answer(ASKED)
    cited = answer.citations
    long, short = answer.text, "1874"
    assert short in long
    parts = tuple(AnswerPart(text, cited) for text in (long, short, long))
    found = chat.url_citations(replace(answer, text=f"{long}\n{short}", parts=parts), lambda one: one.document)
    spans = [(one["url_citation"]["start_index"], one["url_citation"]["end_index"]) for one in found]
    end = len(long)
    assert spans == [(0, end), (end + 1, end + 5), (0, end)]
    assert [one["url_citation"]["url"] for one in found] == ["harbour.md"] * 3


def test_a_chat_is_limited_to_documents_and_by_a_threshold(desk, tmp_path):
    app = app_of(desk, tmp_path)
    for more in ({"documents": ["*.txt"]}, {"no_answer_threshold": 1}):
        assert not completed(app, user(ASKED), extra_body=more).choices[0].message.annotations


def test_what_structure_adds_is_said_but_not_annotated(desk, tmp_path, qa, monkeypatch):
    trace = QA.trace

    def noted(self, *given, **more):
        found = trace(self, *given, **more)
        return replace(found, outcome=replace(found.outcome, note="There are others."))

    monkeypatch.setattr(QA, "trace", noted)
    message = completed(app_of(desk, tmp_path), user(ASKED)).choices[0].message
    said = qa.answer(ASKED).text
    assert message.content == f"{said}\n\nThere are others."
    assert max(one.url_citation.end_index for one in message.annotations) == len(said)


def test_a_stream_gives_the_same_text_and_annotations(desk, tmp_path):
    app = app_of(desk, tmp_path)
    whole = completed(app, user(ASKED)).choices[0].message

    async def work(client):
        stream = await client.chat.completions.create(
            model="partnership-qa", messages=[user(ASKED)], stream=True, stream_options={"include_usage": True}
        )
        return [chunk async for chunk in stream]

    chunks = chatted(app, work)
    deltas = [chunk.choices[0].delta for chunk in chunks if chunk.choices]
    assert "".join(delta.content or "" for delta in deltas) == whole.content
    cited = [one for delta in deltas for one in (delta.model_extra or {}).get("annotations", [])]
    assert cited == [one.model_dump() for one in whole.annotations]
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert chunks[-1].usage.total_tokens > 0


def test_models_are_listed_and_another_is_told(desk, tmp_path):
    app = app_of(desk, tmp_path)

    async def names(client):
        return [model.id async for model in client.models.list()]

    assert chatted(app, names) == ["partnership-qa"]

    async def wrong(client):
        await client.chat.completions.create(model="gpt", messages=[user("Who?")])

    with pytest.raises(openai.NotFoundError) as caught:
        chatted(app, wrong)
    assert (caught.value.code, caught.value.param) == ("model_not_found", "model")


def test_the_example_of_the_page_of_integrations_runs_against_a_server(tmp_path, monkeypatch, capsys):
    page = (Path(__file__).parents[3] / "docs" / "integrations.md").read_text("utf-8")
    first, *_ = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    command, example = re.findall(
        r"```\w+\n(.*?)```", page.split("## OpenAI's client\n")[1].split("\n## ")[0], re.DOTALL
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("partnership_qa.build_index", lambda texts, to: build(Path(texts), Path(to), FakeEncoder()))
    exec(first, {})
    served = Desk(
        open_index(Path("my_index")), lambda index: QA.assemble(index, FakeEncoder(), FakeReader(), FAKE_CALIBRATION)
    )
    with socket.create_server(("127.0.0.1", 0)) as door:
        server = uvicorn.Server(uvicorn.Config(app_of(served, tmp_path), log_level="warning"))
        answering = threading.Thread(target=server.run, args=([door],))
        answering.start()
        port = str(door.getsockname()[1])
        try:
            exec(example.replace("8017", port), {})
        finally:
            server.should_exit = True
            answering.join()
    expected = re.findall(r"print\(.*\)\s+# (.*)", example.replace("8017", port))
    assert capsys.readouterr().out.splitlines() == expected
    assert "--port 8017" in command
