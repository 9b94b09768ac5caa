"""The gate before gradio: hosts, origins, sizes, headers."""

from __future__ import annotations

import asyncio

import pytest

from partnership_qa.web.gate import HEADERS, Gate


@pytest.fixture
def gate(tmp_path):
    async def app(scope, receive, send):
        body = b""
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        await send({"type": "http.response.start", "status": 200, "headers": [(b"x-content-type-options", b"old")]})
        await send({"type": "http.response.body", "body": body})

    return Gate(app, hosts=("127.0.0.1", "localhost", "::1"), max_body=100, uploads=tmp_path, max_uploads=50)


def call(gate, method="GET", path="/", body=(), kind="http", **headers):
    sent = []
    parts = list(body) or [b""]

    async def receive():
        data = parts.pop(0)
        return {"type": "http.request", "body": data, "more_body": bool(parts)}

    async def send(message):
        sent.append(message)

    raw = [
        (name.replace("_", "-").encode(), value.encode())
        for name, value in ({"host": "localhost:7860"} | headers).items()
    ]
    asyncio.run(gate({"type": kind, "method": method, "path": path, "headers": raw}, receive, send))
    return sent


def status(*args, **kwargs):
    sent = call(*args, **kwargs)
    return sent[0]["status"] if sent else None


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:7860", "[::1]:7860", "LOCALHOST"])
def test_our_own_names_pass(gate, host):
    assert status(gate, host=host) == 200


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example:7860", "", "[::2]"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_name_that_is_not_ours_is_refused(gate, host, method):
    assert status(gate, method, host=host) == 421


def test_a_public_page_has_any_name(tmp_path, gate):
    assert status(Gate(gate._app, hosts=(), max_body=9, uploads=tmp_path, max_uploads=9), host="texts.example") == 200


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://localhost:1", "http://127.0.0.1:7860", "file://"]
)
@pytest.mark.parametrize("path", ["/gradio_api/call/rebuild", "/gradio_api/upload", "/gradio_api/queue/join"])
def test_another_page_changes_nothing(gate, origin, path):
    assert status(gate, "POST", path, origin=origin) == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_browser_that_says_so_is_believed(gate, site):
    assert status(gate, "POST", sec_fetch_site=site) == 403


def test_our_own_page_and_programs_pass(gate):
    assert status(gate, "POST", origin="http://localhost:7860", sec_fetch_site="same-origin") == 200
    assert status(gate, "POST") == 200
    assert status(gate, "GET", origin="http://evil.example") == 200


def test_a_socket_of_another_page_is_closed(gate):
    assert call(gate, kind="websocket", origin="http://evil.example") == [{"type": "websocket.close", "code": 1008}]


@pytest.mark.parametrize("length", ["101", "-1", "x"])
def test_a_body_that_says_it_is_too_large_is_refused(gate, length):
    assert status(gate, "POST", content_length=length) == 413


def test_a_body_that_turns_out_too_large_is_cut_off(gate):
    assert status(gate, "POST", body=[b"x" * 60, b"x" * 30]) == 200
    assert status(gate, "POST", body=[b"x" * 60, b"x" * 60]) is None


def test_uploads_that_lie_about_are_limited(gate, tmp_path):
    (tmp_path / "a").write_bytes(b"x" * 51)
    assert status(gate, "POST", "/gradio_api/upload") == 413
    assert status(gate, "POST", "/gradio_api/queue/join") == 200


def test_every_reply_has_the_headers_once(gate):
    for sent in (call(gate), call(gate, host="evil.example")):
        names = [name for name, _ in sent[0]["headers"]]
        assert all(names.count(name) == 1 for name, _ in HEADERS)
        assert (b"x-content-type-options", b"nosniff") in sent[0]["headers"]
