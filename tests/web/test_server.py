"""The page over HTTP and through `gradio_client`: named endpoints, limits, headers, and nothing said of the inside."""

from __future__ import annotations

import json
import time

import httpx
import pytest
from serving import serving


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("web")


@pytest.fixture(scope="module")
def address(folder):
    with serving(folder) as found:
        yield found


@pytest.fixture(scope="module")
def client(address):
    from gradio_client import Client

    client = Client(address, verbose=False, analytics_enabled=False)
    yield client
    client.close()


def test_four_endpoints_are_named_and_no_more(client):
    assert sorted(client.view_api(return_format="dict", print_info=False)["named_endpoints"]) == [
        "/ask", "/index", "/rebuild", "/search",
    ]  # fmt: skip


def test_ask_gives_the_answer_as_json(client):
    given = client.predict("When was the harbour dug?", api_name="/ask")
    assert given["answered"] is True
    assert given["citations"][0]["quote"].startswith("The harbour was dug in 1874")
    assert given.keys() >= {"question", "standalone_question", "text", "confidence", "citations", "note"}


def test_search_gives_hits(client):
    hits = client.predict("harbour", 2, api_name="/search")
    assert len(hits) == 2
    assert {"text", "score", "similarity", "lexical", "line"} <= hits[0].keys()


def test_index_says_what_is_there(client):
    given = client.predict(api_name="/index")
    assert {document["name"] for document in given["documents"]} >= {"harbour.md", "ledger.txt"}


@pytest.mark.parametrize(
    ("question", "words"),
    [("", "empty"), (" \n", "empty"), ("x" * 2001, "2,001 characters"), ("x" * 100_000, "100,000")],
)
def test_what_cannot_be_asked_is_refused_in_words(client, question, words):
    with pytest.raises(Exception, match=words):
        client.predict(question, api_name="/ask")


@pytest.mark.parametrize("question", ["<|endoftext|>", "\x00", "{0.__class__}", "?", "🙂", "' OR 1=1 --", "a" * 2000])
def test_odd_questions_get_an_answer_a_refusal_or_words(client, question):
    if question.replace("\0", "").strip():
        assert client.predict(question, api_name="/ask")["answered"] in (True, False)
    else:
        with pytest.raises(Exception, match="empty"):
            client.predict(question, api_name="/ask")


def test_rebuild_adds_a_text_and_the_running_page_answers_from_it(client):
    report = client.predict(
        text="The tide at Vadso turns at noon.", name="tides.txt", mode="add", files=None, api_name="/rebuild"
    )
    assert report["added"] == ["tides.txt"]
    answer = client.predict("When does the tide turn at Vadso?", api_name="/ask")
    assert answer["citations"][0]["document"] == "tides.txt"


def test_rebuild_takes_files_and_keeps_none_of_them_in_passing(client, folder, tmp_path):
    from gradio_client import handle_file

    (tmp_path / "moons.md").write_text("# Moons\n\nIo is hot.\n")
    (tmp_path / "bad.txt").write_bytes(b"\x00\x01")
    files = [handle_file(tmp_path / name) for name in ("moons.md", "bad.txt")]
    report = client.predict(text="", name="", mode="add", files=files, api_name="/rebuild")
    assert report["added"] == ["moons.md"]
    assert [skipped["name"] for skipped in report["skipped"]] == ["bad.txt"]
    left = [path for path in folder.glob("partnership-qa-*/**/*") if path.is_file()]
    assert not [path for path in left if path.name in ("moons.md", "bad.txt")]
    assert (folder / "index" / "texts" / "moons.md").is_file()


def test_rebuild_reports_its_progress(client):
    text = "\n\n".join(f"# Part {n}\n\nThe slow keeper of year {n} was patient." for n in range(60))
    job = client.submit(text=text, name="parts.md", mode="add", files=None, api_name="/rebuild")
    seen = set()
    while not job.done():
        seen |= {unit.desc for unit in job.status().progress_data or []}
        time.sleep(0.02)
    assert job.result()["added"] == ["parts.md"]
    assert "Comparing meanings" in seen


def test_rebuild_of_nothing_is_refused_in_words(client):
    with pytest.raises(Exception, match="Give a text or files"):
        client.predict(text=" ", name="", mode="add", files=None, api_name="/rebuild")


def test_rebuild_of_what_is_no_text_is_refused_and_the_old_one_stays(client, tmp_path):
    from gradio_client import handle_file

    (tmp_path / "bad.txt").write_bytes(b"\x00\x01")
    before = client.predict(api_name="/index")
    with pytest.raises(Exception, match="Nothing would be left"):
        client.predict(text="", name="", mode="replace", files=[handle_file(tmp_path / "bad.txt")], api_name="/rebuild")
    assert client.predict(api_name="/index") == before


def test_a_file_of_the_machine_cannot_be_named_as_an_upload(address, client):
    body = {
        "data": ["", "", "add", [{"path": "/etc/hostname", "orig_name": "a.txt", "meta": {"_type": "gradio.FileData"}}]]
    }
    event = httpx.post(f"{address}/gradio_api/call/rebuild", json=body)
    if event.status_code == 200:
        stream = httpx.get(f"{address}/gradio_api/call/rebuild/{event.json()['event_id']}", timeout=20).text
        assert "event: error" in stream
    assert "hostname" not in json.dumps(client.predict(api_name="/index"))


def test_every_reply_is_guarded(address):
    for path in ("/", "/gradio_api/info", "/gradio_api/openapi.json", "/no/such/path", "/favicon.ico"):
        headers = httpx.get(address + path).headers
        assert "default-src 'self'" in headers["content-security-policy"], path
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("path", ["/", "/gradio_api/info", "/gradio_api/call/ask", "/gradio_api/upload", "/config"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_another_name_for_this_machine_is_refused(address, path, method):
    reply = httpx.request(method, address + path, headers={"host": "evil.example"}, content=b"{}")
    assert reply.status_code == 421


@pytest.mark.parametrize("origin", ["http://evil.example", "null"])
def test_another_page_cannot_rebuild_or_upload(address, origin, client):
    before = client.predict(api_name="/index")
    body = {"data": ["words of a stranger", "x.txt", "add", None]}
    reply = httpx.post(f"{address}/gradio_api/call/rebuild", json=body, headers={"origin": origin})
    assert reply.status_code == 403
    reply = httpx.post(f"{address}/gradio_api/upload", files={"files": ("a.txt", b"x")}, headers={"origin": origin})
    assert reply.status_code == 403
    assert client.predict(api_name="/index") == before


def test_too_large_an_upload_is_refused(address):
    from partnership_qa.web.intake import MAX_FILE_BYTES

    reply = httpx.post(f"{address}/gradio_api/upload", files={"files": ("a.txt", b"x" * (MAX_FILE_BYTES + 1))})
    assert reply.status_code == 413


@pytest.mark.parametrize("path", [
    "/gradio_api/file=/etc/passwd", "/gradio_api/file=../../etc/passwd", "/gradio_api/file=http://evil.invalid/",
    "/file=/etc/passwd", "/static/../../etc/passwd", "/gradio_api/file=app.py",
])  # fmt: skip
def test_no_file_of_the_machine_is_served(address, path):
    assert httpx.get(address + path).status_code in (403, 404)


def test_the_inside_of_a_failure_stays_inside(address):
    event = httpx.post(f"{address}/gradio_api/call/ask", json={"data": ["Does the harbour explode?"]}).json()[
        "event_id"
    ]
    stream = httpx.get(f"{address}/gradio_api/call/ask/{event}", timeout=20).text
    assert "event: error" in stream
    assert "secret" not in stream


def test_nothing_is_shared_or_counted(address):
    config = httpx.get(f"{address}/config").json()
    assert config["analytics_enabled"] is False
    assert not config.get("is_space")
