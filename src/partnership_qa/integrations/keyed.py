"""The door of a server that other machines reach: a key with each request, and no writing with one that only reads."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ..errors import AccessKeyError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import ASGIApp, Receive, Scope, Send

    from ..keys import Keys

LOOPBACK = ("127.0.0.1", "localhost", "::1")
ANY = ("0.0.0.0", "::", "")  # noqa: S104 - compared with, not bound to
_KEY = "partnership_qa.key"
_ASK_FOR_ONE = "Give one as Authorization: Bearer KEY; the owner makes it with: partnership-qa keys make NAME"


class Keyed:
    """ASGI middleware: 401 without a key that is known; which one it was is noted for what stands behind.

    An error has the form that OAuth's clients read: `{"error", "error_description"}` (RFC 6750).
    """

    def __init__(self, app: ASGIApp, keys: Keys, *, required: bool) -> None:
        """Note the rule.

        Args:
            app: what it stands before.
            keys: read anew with each request, so that one that is revoked is refused at once.
            required: whether anybody without a key is refused; else a key only counts for what it may not do.

        """
        self._app, self._keys, self._required = app, keys, required

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        from starlette.concurrency import run_in_threadpool

        given = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"authorization"), "")
        try:
            key = await run_in_threadpool(self._keys.bearer, given)
        except AccessKeyError:
            # Whose keys cannot be read lets nobody in by one.
            await _refuse(send, "The server's keys cannot be read: its owner sees why with: partnership-qa keys list")
            return
        if key is None and self._required:
            what = "This key is not known." if given else "A key is needed."
            await _refuse(send, f"{what} {_ASK_FOR_ONE}")
            return
        await self._app({**scope, _KEY: key}, receive, send)


def only_reads(scope: Mapping[str, Any] | None) -> bool:
    """Whether a request came with a key that may not write; one that came by no door at all comes from this machine."""
    key = None if scope is None else scope.get(_KEY)
    return key is not None and not key.writes


async def _refuse(send: Send, why: str) -> None:
    headers = [
        (b"content-type", b"application/json"), (b"www-authenticate", b'Bearer error="invalid_token"'),
    ]  # fmt: skip
    await send({"type": "http.response.start", "status": 401, "headers": headers})
    body = json.dumps({"error": "invalid_token", "error_description": why})
    await send({"type": "http.response.body", "body": body.encode()})
