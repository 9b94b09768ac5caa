"""The fake encoder and reader in the place of the real ones, and no network."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import os
import socket
from contextlib import suppress

import pytest
from fakes import FAKE_CALIBRATION, FakeEncoder, FakeReader

from partnership_qa import embedding, home, qa, reading

os.environ["HAYSTACK_TELEMETRY_ENABLED"] = "false"
# The MCP SDK keeps the standard error that it is first imported with, and gives it to the servers that it starts: it
# must be a real one, not what a test reads its output from.
with suppress(ImportError):
    importlib.import_module("mcp.client.stdio")


@pytest.fixture(autouse=True)
def fakes(monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = FakeEncoder()
    monkeypatch.setattr(home, "load_encoder", lambda: encoder)
    monkeypatch.setattr(home, "load_reader", FakeReader)
    monkeypatch.setattr(embedding, "load_encoder", lambda: encoder)
    monkeypatch.setattr(reading, "load_reader", FakeReader)
    monkeypatch.setattr(qa, "load_calibration", lambda: FAKE_CALIBRATION)


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever looks a name up, or connects to anything but a socket of this machine's file system, fails."""

    def refuse(*arguments: object, **named: object) -> None:
        pytest.fail(f"the network was used: {arguments}")

    connect = socket.socket.connect
    monkeypatch.setattr(
        socket.socket, "connect",
        lambda self, address: connect(self, address) if self.family == socket.AF_UNIX else refuse(address),
    )  # fmt: skip
    for name in ("getaddrinfo", "gethostbyname", "create_connection"):
        monkeypatch.setattr(socket, name, refuse)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run a test that is a coroutine, as libraries' own tests are, without a plugin for it."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = pyfuncitem._fixtureinfo.argnames
    asyncio.run(pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in names}))
    return True
