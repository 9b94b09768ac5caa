"""Every line of `docs/http.md` runs, and a page with a password is closed to whoever does not give it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import httpx
import pytest
from serving import serving

DOCUMENT = (Path(__file__).parents[2] / "docs" / "http.md").read_text("utf-8")
CLOSED = [
    ("GET", "/config"), ("GET", "/gradio_api/info"), ("GET", "/gradio_api/openapi.json"),
    ("GET", "/gradio_api/call/ask/x"), ("GET", "/gradio_api/call/v2/ask/x"), ("GET", "/gradio_api/queue/data"),
    ("GET", "/gradio_api/file=index"), ("POST", "/gradio_api/upload"), ("POST", "/gradio_api/queue/join"),
    *[("POST", f"/gradio_api/{way}/{name}") for way in ("call", "call/v2", "run", "api")
      for name in ("ask", "search", "index", "rebuild")],
]  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("http")


@pytest.fixture(scope="module")
def address(folder):
    with serving(folder) as found:
        yield found


@pytest.fixture(scope="module")
def locked(tmp_path_factory):
    """A page that asks for a name and a password."""
    with serving(tmp_path_factory.mktemp("locked"), "--auth", "ada:lovelace") as found:
        yield found


def blocks(part):
    """The shell lines of a part of the document, block by block."""
    return re.findall(r"```sh\n(.*?)```", part, re.DOTALL)


def shell(lines, page, folder):
    """What the lines print, run one after another in a shell that ends at the first failure."""
    if shutil.which("curl") is None:
        pytest.skip("curl is missing")
    script = re.sub(r"^PAGE=.*$", f"PAGE={page}", lines, flags=re.MULTILINE)
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_every_line_of_the_document_runs_and_gives_what_it_says(address, folder):
    open_part, _, _ = DOCUMENT.partition("## With a password")
    setup, *calls = blocks(open_part)
    *printed, (within, found) = [
        [json.loads(line)[0] for line in shell(setup + call, address, folder).splitlines()] for call in calls
    ]
    (index,), (tides,), (gulls,), (answer,), (hits,) = printed
    assert [document["name"] for document in index["documents"]] == ["harbour.md", "ledger.txt", "letters/june.txt"]
    assert (tides["added"], gulls["added"]) == (["tides.txt"], ["gulls.md"])
    assert answer["citations"][0]["quote"] == "The tide table of Vadso was printed in 1911 by a carpenter."
    assert (len(hits), hits[0]["document"]) == (3, "tides.txt")
    assert within["citations"][0]["document"] == "letters/june.txt"
    assert {hit["document"] for hit in found} == {"letters/june.txt"}


def test_the_results_that_the_document_shows_have_the_keys_of_real_ones(address, folder):
    open_part, _, _ = DOCUMENT.partition("## With a password")
    setup, index, rebuild, _, ask, _, _ = blocks(open_part)
    shown = [json.loads(block)[0] for block in re.findall(r"```json\n(.*?)```", DOCUMENT, re.DOTALL)]
    for call, example in zip((index, rebuild, ask), shown, strict=True):
        assert example.keys() <= json.loads(shell(setup + call, address, folder))[0].keys()


@pytest.mark.parametrize(("method", "path"), CLOSED)
def test_without_the_password_every_endpoint_is_closed(locked, method, path):
    body = {"json": {"data": ["When was the harbour dug?"]}} if method == "POST" else {}
    reply = httpx.request(method, locked + path, **body)
    assert reply.status_code == 401
    assert "harbour" not in reply.text


def test_the_page_itself_says_nothing_of_the_texts_before(locked):
    reply = httpx.get(locked)
    assert "Väsby" not in reply.text
    assert "harbour" not in reply.text


@pytest.mark.parametrize(("name", "password"), [("ada", "byron"), ("", ""), ("byron", "lovelace"), ("ada", "")])
def test_a_wrong_password_is_refused(locked, name, password):
    with httpx.Client(base_url=locked) as client:
        assert client.post("/login", data={"username": name, "password": password}).status_code in (400, 422)
        assert client.get("/config").status_code == 401


def test_the_right_password_opens_the_page(locked):
    with httpx.Client(base_url=locked) as client:
        assert client.post("/login", data={"username": "ada", "password": "lovelace"}).status_code == 200
        assert client.get("/config").status_code == 200
        event = client.post("/gradio_api/call/v2/ask", json={"question": "When was the harbour dug?"}).json()[
            "event_id"
        ]
        assert "dug in 1874" in client.get(f"/gradio_api/call/v2/ask/{event}").text


def test_the_lines_for_a_password_run(locked, tmp_path):
    _, _, part = DOCUMENT.partition("## With a password")
    (lines,) = blocks(part)
    assert "event_id" in shell(f"PAGE={locked}\n{lines}", locked, tmp_path)


def test_another_site_cannot_log_in_for_somebody(locked):
    given = {"username": "ada", "password": "lovelace"}
    assert httpx.post(f"{locked}/login", data=given, headers={"origin": "http://evil.example"}).status_code == 403
