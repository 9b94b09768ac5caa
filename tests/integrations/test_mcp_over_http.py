"""The MCP server over HTTP as other machines ask it: the official client, with keys, under a name of ours alone."""

from __future__ import annotations

import asyncio
import time

import pytest

pytest.importorskip("mcp.server.mcpserver", reason="the extra mcp is not installed")

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from partnership_qa.cli import app as cli
from partnership_qa.errors import IndexCorruptError
from partnership_qa.integrations.lane import Lane
from partnership_qa.integrations.mcp import http_app, make_server
from partnership_qa.keys import Keys

ASKED = {"question": "When was the harbour dug?"}
OUTSIDE = "http://texts.example.org:8000/mcp"


@pytest.fixture
def keys(tmp_path):
    return Keys(tmp_path / "home")


@pytest.fixture
def built():
    """What was indexed anew, one entry a time."""
    return []


@pytest.fixture
def app(qa, keys, built):
    """A new one each time, as each can be run once."""

    def new():
        server = make_server(lambda: qa, rebuild=lambda: built.append(1) or "9 passages are indexed.", public=True)
        return http_app(server, ("texts.example.org",), keys)

    return new


def bearer(token):
    return {"authorization": f"Bearer {token}"}


def over_http(app, work, headers=None, url=OUTSIDE):
    """What `work` gives of a client of the real SDK, and the statuses of the responses that it got."""
    statuses = []

    async def noted(response):
        statuses.append(response.status_code)

    async def run():
        http = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app), headers=headers or {}, event_hooks={"response": [noted]}
        )
        async with (
            app.router.lifespan_context(app), http,
            Client(streamable_http_client(url, http_client=http)) as client,
        ):  # fmt: skip
            return await work(client)

    try:
        return asyncio.run(run()), statuses
    except Exception as error:  # noqa: BLE001 - of whichever kind the client's is
        return error, statuses


def tool(name, **arguments):
    return lambda client: client.call_tool(name, arguments)


def raw(app, headers, url=OUTSIDE, name="ask", arguments=ASKED):
    """The response to one call as it travels."""
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": name, "arguments": arguments}}

    async def run():
        async with app.router.lifespan_context(app), httpx2.AsyncClient(transport=httpx2.ASGITransport(app)) as http:
            accepts = {"accept": "application/json, text/event-stream"}
            return await http.post(url, json=call, headers=accepts | headers)

    return asyncio.run(run())


def test_a_key_that_reads_asks_and_does_not_write(app, keys, built):
    _, token = keys.make("a reader")
    asked, statuses = over_http(app(), tool("ask", **ASKED), bearer(token))
    assert "1874" in asked.content[0].text
    assert set(statuses) <= {200, 202}
    refused, _ = over_http(app(), tool("rebuild"), bearer(token))
    assert refused.is_error
    assert refused.content[0].text.endswith(
        ": This key only reads. The owner makes one that writes with: partnership-qa keys make NAME --writes"
    )
    assert built == []


def test_a_key_that_writes_does_both(app, keys, built):
    _, token = keys.make("an importer", writes=True)
    assert "1874" in over_http(app(), tool("ask", **ASKED), bearer(token))[0].content[0].text
    said, _ = over_http(app(), tool("rebuild"), bearer(token))
    assert said.content[0].text == "9 passages are indexed."
    assert built == [1]


@pytest.mark.parametrize("writes", [True, False])
def test_a_tool_that_writes_is_shown_to_a_key_that_may(app, keys, writes):
    _, token = keys.make("one", writes=writes)
    listed, _ = over_http(app(), lambda client: client.list_tools(), bearer(token))
    names = [one.name for one in listed.tools]
    assert ("rebuild" in names) == writes
    assert {"ask", "search", "read", "verify", "list_documents"} <= set(names)


@pytest.mark.parametrize("given", ["ask", "search", "read", "verify", "list_documents", "rebuild"])
def test_who_comes_when_too_many_wait_is_sent_away(qa, built, given):
    server = make_server(lambda: qa, rebuild=lambda: built.append(1) or "", public=True, lane=Lane(0, 0))
    arguments = {
        "ask": ASKED, "search": {"query": "harbour"}, "read": {"document": "harbour.md"}, "verify": {"answers": "[]"},
    }  # fmt: skip
    said, _ = over_http(http_app(server), tool(given, **arguments.get(given, {})), url="http://127.0.0.1:8000/mcp")
    assert said.is_error
    assert said.content[0].text.endswith("Too many questions are waiting. Try again in a few seconds.")
    assert built == []


def test_a_document_is_read_as_a_resource_when_its_turn_comes(qa):
    def read(lane):
        server = make_server(lambda: qa, lane=lane)
        given, _ = over_http(
            http_app(server), lambda client: client.read_resource("partnership-qa:///harbour.md"),
            url="http://127.0.0.1:8000/mcp",
        )  # fmt: skip
        return given

    assert read(Lane(1, 0)).contents[0].text == qa.index.sources["harbour.md"].text
    assert "Too many questions are waiting" in repr(read(Lane(0, 0)))


def test_of_many_calls_at_once_a_few_are_worked_on_and_all_are_answered(qa):
    inside, most = [], []

    def current():
        inside.append(1)
        most.append(len(inside))
        time.sleep(0.05)
        inside.pop()
        return qa

    async def eight(client):
        return await asyncio.gather(*(client.call_tool("list_documents", {}) for _ in range(8)))

    server = make_server(current, lane=Lane(2, 6))
    most.clear()
    said, _ = over_http(http_app(server), eight, url="http://127.0.0.1:8000/mcp")
    assert [one.is_error for one in said] == [False] * 8
    assert max(most) == 2


@pytest.mark.parametrize("given", ["none", "wrong", "revoked", "basic"])
def test_without_a_key_that_is_known_nothing_is_served(app, keys, built, given):
    made, token = keys.make("one", writes=True)
    if given == "revoked":
        keys.revoke(made.id)
    headers = {
        "none": {}, "wrong": bearer(token[:-1] + ("0" if token[-1] != "0" else "1")), "revoked": bearer(token),
        "basic": {"authorization": f"Basic {token}"},
    }[given]  # fmt: skip
    error, statuses = over_http(app(), tool("rebuild"), headers)
    assert isinstance(error, Exception)
    assert set(statuses) == {401}
    assert built == []
    answer = raw(app(), headers)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Bearer error="invalid_token"')
    assert answer.json() == {
        "error": "invalid_token",
        "error_description": ("A key is needed. " if given == "none" else "This key is not known. ")
        + "Give one as Authorization: Bearer KEY; the owner makes it with: partnership-qa keys make NAME",
    }
    # Nor is anything told of what lies beside it.
    assert raw(app(), headers, OUTSIDE.replace("/mcp", "/other")).status_code == 401


def test_a_key_that_is_revoked_while_it_is_served_is_refused_at_once(app, keys):
    made, token = keys.make("one")

    async def work(client):
        first = await client.call_tool("ask", ASKED)
        keys.revoke(made.id)
        return first, await client.call_tool("ask", ASKED)

    error, statuses = over_http(app(), work, bearer(token))
    assert isinstance(error, Exception)
    assert statuses[-1] == 401
    assert 200 in statuses


def test_keys_that_cannot_be_read_let_nobody_in(app, keys):
    _, token = keys.make("one")
    keys.file.chmod(0o644)
    answer = raw(app(), bearer(token))
    assert answer.status_code == 401
    assert "keys cannot be read" in answer.json()["error_description"]
    assert str(keys.file) not in answer.text


@pytest.mark.parametrize(
    ("url", "more", "status"),
    [
        (OUTSIDE, {}, 200), ("http://texts.example.org/mcp", {}, 200), ("http://127.0.0.1:8000/mcp", {}, 200),
        ("http://[::1]:8000/mcp", {}, 200), ("http://[fd00::7]:8000/mcp", {}, 200),
        (OUTSIDE, {"host": "TEXTS.example.org.evil.example"}, 421),
        ("http://evil.example/mcp", {}, 421), ("http://texts.example.org.evil.example:8000/mcp", {}, 421),
        (OUTSIDE, {"origin": "http://evil.example"}, 403), (OUTSIDE, {"origin": "https://texts.example.org"}, 200),
    ],
)  # fmt: skip
def test_a_key_counts_only_under_a_name_of_ours(qa, keys, url, more, status):
    app = http_app(make_server(lambda: qa), ("Texts.example.org", "fd00::7"), keys)
    _, token = keys.make("one")
    answer = raw(app, bearer(token) | more, url)
    assert answer.status_code == status
    assert ("1874" in answer.text) == (status == 200)


@pytest.mark.parametrize(("key", "writes"), [(None, True), ("reads", False), ("writes", True), ("revoked", True)])
def test_on_this_machine_a_key_only_counts_for_what_it_may_not_do(qa, keys, built, key, writes):
    server = make_server(lambda: qa, rebuild=lambda: built.append(1) or "")
    app, headers = http_app(server, (), keys, required=False), {}
    if key:
        made, token = keys.make("one", writes=key != "reads")
        headers = bearer(token)
        if key == "revoked":
            keys.revoke(made.id)
    said, _ = over_http(app, tool("rebuild"), headers, "http://127.0.0.1:8000/mcp")
    assert said.is_error == (not writes)
    assert built == [1] * writes


def test_other_machines_are_not_told_of_folders_here(qa, keys, tmp_path):
    def broken():
        raise RuntimeError(f"secret {tmp_path}")

    _, token = keys.make("one", writes=True)
    server = make_server(lambda: qa, rebuild=broken, public=True)
    said, _ = over_http(http_app(server, ("texts.example.org",), keys), tool("rebuild"), bearer(token))
    assert said.content[0].text.endswith("Something went wrong on this side; the server's terminal says more.")
    server = make_server(lambda: qa, rebuild=lambda: Keys(tmp_path / "other").revoke("x"), public=True)
    (tmp_path / "other").write_text("no folder")
    said, _ = over_http(http_app(server, ("texts.example.org",), keys), tool("rebuild"), bearer(token))
    assert said.content[0].text.endswith("This cannot be done at the moment; the server's terminal says more.")


def test_what_is_no_request_of_http_is_closed(app):
    door, sent = app().build_middleware_stack(), []

    async def send(message):
        sent.append(message)

    asyncio.run(door({"type": "websocket", "path": "/mcp", "headers": []}, None, send))
    assert sent == [{"type": "websocket.close", "code": 1008}]


@pytest.fixture
def command(monkeypatch, capsys, tmp_path, qa):
    """The command, which serves nothing but gives what it would serve, and its exit code and words."""
    import uvicorn

    monkeypatch.setenv("PARTNERSHIP_QA_HOME", str(tmp_path / "home"))

    def run(*arguments):
        served = []
        monkeypatch.setattr(uvicorn, "run", lambda app, **options: served.append((app, options)))
        given = ["mcp", "--index", str(qa.index.root), *arguments]
        code = cli.run(lambda standalone_mode: cli.app(given, standalone_mode=standalone_mode))
        return code, served, capsys.readouterr().err

    return run


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (["--http", "--host", "192.168.1.7"], "make one first"),
        (["--http", "--name", "texts.example.org"], "make one first"),
        (["--http", "--host", "0.0.0.0"], "--name"), (["--host", "192.168.1.7"], "add --http"),
        (["--name", "texts.example.org"], "add --http"),
    ],
)  # fmt: skip
def test_the_command_refuses_what_would_be_open_or_shut_to_all(command, arguments, what):
    code, served, said = command(*arguments)
    assert (code, served) == (2, [])
    assert what in said


@pytest.mark.parametrize(
    ("arguments", "address", "url", "open_without"),
    [
        (["--http"], ("127.0.0.1", 8000), "http://127.0.0.1:8000/mcp", True),
        (["--http", "--host", "192.168.1.7", "--port", "8123"], ("192.168.1.7", 8123), "http://192.168.1.7:8123/mcp",
         False),
        (["--http", "--host", "0.0.0.0", "--name", "texts.example.org"], ("0.0.0.0", 8000), OUTSIDE, False),
        (["--http", "--name", "texts.example.org"], ("127.0.0.1", 8000), OUTSIDE, False),
    ],
)  # fmt: skip
def test_the_command_serves_other_machines_with_keys_alone(command, keys, arguments, address, url, open_without):
    _, token = keys.make("one")

    def answered(headers, url):
        _, ((app, options),), _ = command(*arguments)
        assert (options["host"], options["port"]) == address
        return raw(app, headers, url).status_code

    assert answered(bearer(token), url) == 200
    assert answered({}, url) == (200 if open_without else 401)
    assert answered(bearer(token), "http://evil.example/mcp") == 421


def test_the_command_takes_the_keys_of_the_home_folder_that_is_named(command, tmp_path):
    _, token = Keys(tmp_path / "elsewhere").make("one")
    arguments = ["--http", "--name", "texts.example.org"]
    assert command(*arguments)[0] == 2
    _, ((app, _),), _ = command(*arguments, "--home", str(tmp_path / "elsewhere"))
    assert raw(app, bearer(token)).status_code == 200


@pytest.mark.parametrize("public", [True, False])
def test_the_command_names_folders_to_this_machine_alone(command, keys, qa, monkeypatch, public):
    def damaged():
        raise IndexCorruptError(qa.index.root / "CURRENT", "is empty")

    _, token = keys.make("one", writes=True)
    monkeypatch.setattr("partnership_qa.cli.mcp._opened", lambda *given: (lambda: qa, damaged))
    _, ((app, _),), _ = command("--http", "--allow-writes", *(["--name", "texts.example.org"] if public else []))
    said, _ = over_http(app, tool("rebuild"), bearer(token), OUTSIDE if public else "http://127.0.0.1:8000/mcp")
    assert said.is_error
    assert (str(qa.index.root) in said.content[0].text) == (not public)
