"""What every request passes before gradio sees it: whose page it comes from, how large it is, and safe headers.

A page of another site can make a browser send requests here, and a name that suddenly points at this machine (DNS
rebinding) can make it read the replies. So the `Host` must be ours, and what changes anything must come from our own
page. A program such as `gradio_client` sends no `Origin`, and passes.
"""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, MutableMapping

    Scope = MutableMapping[str, Any]
    Message = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]
    App = Callable[[Scope, Receive, Send], Awaitable[None]]

# Gradio's own page needs inline scripts, and its HTML component `unsafe-eval`; nothing comes from elsewhere.
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self' data:; connect-src 'self'; "
    "worker-src 'self' blob:; frame-src 'none'; object-src 'none'; base-uri 'self'; form-action 'self'; "
    "frame-ancestors 'self'"
)
HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_READS = ("GET", "HEAD", "OPTIONS")
_API = "/v1/"  # programs ask there, and read errors as JSON
_HINTS = {
    403: "Send this from a program, without the Origin of another page.", 413: "Send less at once.",
    421: "Ask under the name or address that the server was started with.",
}  # fmt: skip
_OURS = [name for name, _ in HEADERS]


class Gate:
    """ASGI middleware: 421 for a strange host, 403 for a strange page, 413 for too large a body.

    Args:
        app: what it stands before.
        hosts: names that this page is reached by; empty for any, where the page is public by its owner's word.
        max_body: bytes of one request.
        uploads: folder that uploads pass through.
        max_uploads: bytes that may lie there; 0 where nobody may upload.

    """

    def __init__(self, app: App, *, hosts: Iterable[str], max_body: int, uploads: Path, max_uploads: int) -> None:
        self._app = app
        self._hosts = frozenset(host.lower() for host in hosts)
        self._max_body = max_body
        self._uploads = uploads
        self._max_uploads = max_uploads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        refused = self._refusal(scope, headers)
        if refused is not None:
            await _refuse(scope, send, *refused)
            return
        await self._app(scope, _Counted(receive, self._max_body), _with_headers(send))

    def _refusal(self, scope: Scope, headers: dict[str, str]) -> tuple[int, str] | None:
        host = headers.get("host", "")
        if self._hosts and _name(host) not in self._hosts:
            return 421, "This page is not served under that name."
        if scope["type"] == "websocket" or scope.get("method") not in _READS:
            origin = headers.get("origin")
            if origin is not None and urlsplit(origin).netloc.lower() != host.lower():
                return 403, "This request comes from another page."
            if origin is None and headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
                return 403, "This request comes from another page."
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > self._max_body:
            return 413, "That is more than one request may hold."
        upload = scope.get("path", "").rstrip("/").endswith("/upload")
        if upload and not self._max_uploads:
            return 403, "Nothing can be changed here without a password or a key."
        if upload and self._uploaded() > self._max_uploads:
            return 413, "Too many uploads are waiting; build the index, or try again later."
        return None

    def _uploaded(self) -> int:
        total = 0
        for file in self._uploads.rglob("*"):
            with suppress(OSError):  # it may have been read and removed meanwhile
                total += file.stat().st_size if file.is_file() else 0
        return total


class _Counted:
    """Receives a body and ends the connection where it grows beyond what its length promised."""

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive = receive
        self._left = limit

    async def __call__(self) -> Message:
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        return message if self._left >= 0 else {"type": "http.disconnect"}


def _name(host: str) -> str:
    """The host of a `Host` header without its port."""
    return (urlsplit(f"//{host}").hostname or "") if host else ""


def _with_headers(send: Send) -> Send:
    async def wrapped(message: Message) -> None:
        if message["type"] == "http.response.start":
            kept = [(name, value) for name, value in message.get("headers", []) if name.lower() not in _OURS]
            message["headers"] = [*kept, *HEADERS]
        await send(message)

    return wrapped


async def _refuse(scope: Scope, send: Send, status: int, why: str) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    kind, body = b"text/plain; charset=utf-8", why
    if scope.get("path", "").startswith(_API):
        values = {"type": "refused", "message": why, "param": None, "hint": _HINTS[status], "code": "refused"}
        kind, body = b"application/json", json.dumps({"error": values})
    headers = [(b"content-type", kind), *HEADERS]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body.encode()})
