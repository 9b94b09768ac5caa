"""The JSON endpoints in process: answers, offsets, errors of one form, and a fuzz that finds no 5xx."""

from __future__ import annotations

import asyncio
import html
import json

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from partnership_qa.errors import EmptyCorpusError, IndexBusyError, IndexCorruptError, ReadOnlyError
from partnership_qa.integrations.lane import Lane
from partnership_qa.keys import Keys
from partnership_qa.qa import QA
from partnership_qa.web.api.access import Access
from partnership_qa.web.api.app import MAX_BODY, make_api
from partnership_qa.web.api.service import Service
from partnership_qa.web.desk import Desk
from partnership_qa.web.labels import Labels

ASKED = "When was the harbour dug?"


@pytest.fixture
def desk(qa, tmp_path):
    return Desk(qa.index, lambda index: QA.assemble(index, qa.encoder, qa.reader, qa.calibration), Labels(tmp_path))


def app_of(desk, tmp_path, *, local=True, password=False, signed_in=False, lane=None):
    access = Access(Keys(tmp_path / "home"), local, password, lambda request: signed_in)
    app = FastAPI()
    app.mount("/v1", make_api(Service(desk, None), access, lane))
    return app


def sent(app, method, path, **more):
    async def send():
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost/v1/") as client:
            return await client.request(method, path, **more)

    return asyncio.run(send())


@pytest.fixture
def post(desk, tmp_path):
    app = app_of(desk, tmp_path)
    return lambda path, values, **more: sent(app, "POST", path, json=values, **more)


def test_an_answer_has_citations_with_address_and_scores(post, qa):
    given = post("ask", {"question": ASKED}).json()
    assert given["answered"]
    cited = given["citations"][0]
    assert qa.index.sources[cited["document"]].text[cited["start"] : cited["end"]] == cited["quote"]
    assert cited["generation"] == given["generation"] == qa.index.generation.name
    assert cited["similarity"] > 0


def test_a_follow_up_is_completed_from_its_history(post):
    history = [{"role": "user", "content": "How many barrels in 1890?"}, {"role": "assistant", "content": "40"}]
    given = post("ask", {"question": "And in 1895?", "history": history}).json()
    assert given["standalone_question"] == "How many barrels in 1895?"


def test_a_threshold_declines_what_is_less_sure(post):
    assert not post("ask", {"question": ASKED, "no_answer_threshold": 1}).json()["answered"]


def test_search_gives_k_passages_within_documents(post):
    hits = post("search", {"query": "lens", "k": 2, "documents": ["*.txt"]}).json()["hits"]
    assert [hit["document"].endswith(".txt") for hit in hits] == [True, True]


def test_what_was_answered_is_verified_as_intact_and_a_changed_quote_is_not(post):
    answer = post("ask", {"question": ASKED}).json()
    assert post("verify", {"answers": answer}).json()["intact"] is True
    answer["citations"][0]["quote"] = answer["citations"][0]["quote"].replace("1874", "1875")
    assert post("verify", {"answers": [answer]}).json()["counts"]["changed"] == 1


def test_an_answer_that_says_what_no_quote_says_is_not_intact(post):
    told = post("verify", {"answers": post("ask", {"question": ASKED}).json() | {"text": "1999"}}).json()
    assert (told["intact"], told["counts"]["intact"], told["counts"]["unsupported"]) == (False, 1, 1)
    assert told["verdicts"][1]["said"] == "1999"


def test_documents_are_listed_and_their_text_is_what_offsets_count_in(desk, tmp_path, qa):
    app = app_of(desk, tmp_path)
    names = [one["name"] for one in sent(app, "GET", "documents").json()["documents"]]
    assert names == list(qa.index.sources)
    text = sent(app, "GET", "documents/letters/june.txt")
    assert text.text == qa.index.sources["letters/june.txt"].text
    assert text.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize(
    ("path", "body", "status", "param"),
    [
        ("ask", b"{", 400, None), ("ask", b"\xff\xfe", 400, None), ("ask", b"[" * 100_000, 400, None),
        ("ask", b"{}", 422, "question"), ("ask", b'{"question": " "}', 422, None),
        ("ask", b'{"question": "\\ud800"}', 422, "question"),
        ("ask", b'{"question": "Who?", "k": 21}', 422, "k"), ("ask", b'{"question": "Who?", "kk": 1}', 422, "kk"),
        ("ask", b'{"question": "Who?", "no_answer_threshold": NaN}', 422, "no_answer_threshold"),
        ("ask", b'{"question": "Who?", "documents": ["no.txt"]}', 404, "documents"),
        ("ask", b'{"question": "Who?", "collection": "none"}', 404, "collection"),
        ("verify", b'{"answers": {"a": 1}}', 422, "answers"), ("nothing", b"{}", 404, "/v1/nothing"),
        ("chat/completions", b'{"model": "gpt", "messages": [{"role": "user", "content": "Who?"}]}', 404, "model"),
        ("chat/completions", b'{"model": "partnership-qa/", "messages": [{"role": "user", "content": "Who?"}]}', 404,
         "model"),
        ("chat/completions", b'{"model": "partnership-qa", "messages": [{"role": "system", "content": "x"}]}', 422,
         "messages"),
        ("ask", b" " * (MAX_BODY + 1), 413, None),
    ],
)  # fmt: skip
def test_an_error_says_what_where_and_what_to_do(desk, tmp_path, path, body, status, param):
    answer = sent(app_of(desk, tmp_path), "POST", path, content=body, headers={"content-type": "application/json"})
    assert answer.status_code == status
    error = answer.json()["error"]
    assert error["param"] == param
    assert error["message"].endswith(".")
    assert error["hint"]


def test_who_comes_when_too_many_wait_is_sent_away(desk, tmp_path):
    answer = sent(app_of(desk, tmp_path, lane=Lane(0, 0)), "POST", "ask", json={"question": ASKED})
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "5")
    error = answer.json()["error"]
    assert (error["type"], error["message"].split(".")[0]) == ("busy", "Too many questions are waiting")


def test_a_turn_that_is_over_makes_room_for_the_next(desk, tmp_path):
    app = app_of(desk, tmp_path, lane=Lane(1, 0))
    assert [sent(app, "POST", "ask", json={"question": ASKED}).status_code for _ in range(2)] == [200, 200]


@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [
        (lambda folder: IndexBusyError(folder), 409, "busy_index"), (lambda folder: ReadOnlyError(), 403, "read_only"),
        (lambda folder: EmptyCorpusError(folder), 422, "empty_text"),
        (lambda folder: IndexCorruptError(folder / "CURRENT", "is empty"), 503, "unavailable"),
    ],
    ids=["busy", "read only", "empty", "damaged"],
)  # fmt: skip
def test_what_goes_wrong_here_has_its_status_and_names_no_folder(desk, tmp_path, monkeypatch, error, status, kind):
    def fail(*given, **more):
        raise error(tmp_path)

    monkeypatch.setattr(type(desk), "change", fail)
    answer = sent(app_of(desk, tmp_path), "POST", "texts", json={"name": "a", "text": "A buoy."})
    assert (answer.status_code, answer.json()["error"]["type"]) == (status, kind)
    assert str(tmp_path) not in answer.text


def test_a_body_that_comes_in_small_parts_is_counted_whole(desk, tmp_path):
    async def parts():
        for _ in range(5):
            yield b" " * (MAX_BODY // 4)

    answer = sent(app_of(desk, tmp_path), "POST", "ask", content=parts())
    assert (answer.status_code, answer.json()["error"]["type"]) == (413, "too_large")


def test_fewer_passages_are_read_where_k_says_so(desk, tmp_path, monkeypatch, qa):
    given = []
    app, trace = app_of(desk, tmp_path), QA.trace
    desk.qa()  # which is asked a question of its own when it is made
    monkeypatch.setattr(QA, "trace", lambda self, *a, **more: given.append(more["k"]) or trace(self, *a, **more))
    sent(app, "POST", "ask", json={"question": ASKED, "k": 2})
    chat = {"model": "partnership-qa", "messages": [{"role": "user", "content": ASKED}], "k": 3}
    sent(app, "POST", "chat/completions", json=chat)
    assert given == [2, 3]


def test_what_nobody_foresaw_is_told_without_how(desk, tmp_path, monkeypatch):
    monkeypatch.setattr(type(desk), "qa", lambda self: 1 / 0)
    answer = sent(app_of(desk, tmp_path), "POST", "ask", json={"question": ASKED})
    assert answer.status_code == 500
    assert "division" not in answer.text


@pytest.mark.parametrize(
    ("local", "password", "key", "reads", "writes"),
    [
        (True, False, None, 200, 200), (False, False, None, 200, 401), (False, True, None, 401, 401),
        (True, True, None, 401, 401), (False, True, "reads", 200, 403), (False, False, "reads", 200, 403),
        (False, True, "writes", 200, 200), (False, False, "writes", 200, 200), (True, True, "revoked", 401, 401),
        (True, False, "reads", 200, 403),
    ],
)  # fmt: skip
def test_who_reads_and_who_writes(desk, tmp_path, local, password, key, reads, writes):
    app = app_of(desk, tmp_path, local=local, password=password)
    desk.read_only = not local and not password
    headers = {}
    if key:
        keys = Keys(tmp_path / "home")
        made, token = keys.make("one", writes=key != "reads")
        headers["authorization"] = f"Bearer {token}"
        if key == "revoked":
            keys.revoke(made.id)
    assert sent(app, "POST", "ask", json={"question": ASKED}, headers=headers).status_code == reads
    new = {"name": "buoy", "text": "The buoy was painted green in 1901."}
    assert sent(app, "POST", "texts", json=new, headers=headers).status_code == writes
    assert ("buoy.txt" in desk.index.sources) == (writes == 200)


def test_a_visitor_who_signed_in_reads_and_writes(desk, tmp_path):
    app = app_of(desk, tmp_path, local=False, password=True, signed_in=True)
    assert sent(app, "POST", "ask", json={"question": ASKED}).status_code == 200
    assert sent(app, "POST", "texts", json={"name": "a", "text": "One buoy."}).status_code == 200


def test_the_page_of_the_endpoints_asks_for_nothing_from_elsewhere(desk, tmp_path):
    app = app_of(desk, tmp_path, password=True)
    described, page = sent(app, "GET", "openapi.json").json(), sent(app, "GET", "docs").text
    assert all(f"/v1{path}" in html.unescape(page) for path in described["paths"])
    assert not any(word in page for word in ("<script", "<link", "src=", "@import", "url("))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=8,
)
FIELDS = st.sampled_from(
    ["question", "query", "history", "documents", "collection", "k", "no_answer_threshold", "answers", "model",
     "messages", "stream", "n", "stream_options"]
)  # fmt: skip
BODIES = st.dictionaries(FIELDS, VALUES | st.sampled_from(["Who?", "partnership-qa", 3, ["*.md"]]), max_size=6)
PATHS = st.sampled_from(["ask", "search", "verify", "chat/completions"])


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(PATHS, BODIES)
def test_no_body_breaks_an_endpoint(desk, tmp_path, path, body):
    if "fuzzed" not in desk.__dict__:
        desk.fuzzed = app_of(desk, tmp_path)
    content = json.dumps(body).encode("utf-8", "surrogatepass")
    answer = sent(desk.fuzzed, "POST", path, content=content, headers={"content-type": "application/json"})
    assert answer.status_code < 500
    assert answer.status_code == 200 or answer.json()["error"]["hint"]
