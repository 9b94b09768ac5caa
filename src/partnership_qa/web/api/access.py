"""Who may ask and who may write: a key, a visitor who has signed in, or anybody where the server says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...errors import AccessKeyError
from .failures import ApiError

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from ...keys import Keys

_ASK_FOR_ONE = "Give one as Authorization: Bearer KEY; the owner makes it with: partnership-qa keys make NAME"


@dataclass(frozen=True)
class Access:
    """The rule of one server.

    Attributes:
        keys: of its home folder.
        local: it listens at this machine's own address alone.
        password: its page asks for one.
        signed_in: whether a request comes from a visitor who gave it.

    """

    keys: Keys
    local: bool
    password: bool
    signed_in: Callable[[Request], bool]

    def check(self, request: Request, *, writes: bool) -> None:
        """Let a request pass.

        On this machine, where the page asks for no password, anybody may read and write; elsewhere without a password,
        anybody may read. Else a key or a visitor's sign-in is needed. A key that reads never writes.

        Raises:
            ApiError: 401 where a key is needed, 403 where the key only reads.

        """
        given = request.headers.get("authorization", "")
        try:
            key = self.keys.bearer(given)
        except AccessKeyError as error:
            # Whose keys cannot be read lets nobody in by one.
            raise ApiError(
                401, "keys_unreadable", "The server's keys cannot be read.", "Authorization",
                "Its owner finds out why with: partnership-qa keys list", {"www-authenticate": "Bearer"},
            ) from error  # fmt: skip
        if key is not None:
            if writes and not key.writes:
                hint = "The owner makes one that writes with: partnership-qa keys make NAME --writes"
                raise ApiError(403, "read_only_key", "This key only reads.", "Authorization", hint)
            return
        open_to_all = self.signed_in(request) if self.password else self.local or not writes
        if not open_to_all:
            what = "This key is not known." if given else "A key is needed."
            raise ApiError(401, "key_needed", what, "Authorization", _ASK_FOR_ONE, {"www-authenticate": "Bearer"})
