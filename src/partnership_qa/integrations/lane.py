"""How many requests of a server are worked on at once, and how many more may wait for their turn."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from ..errors import ServerBusyError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

AT_ONCE = 4  # requests that are worked on
MAX_WAITING = 32  # more that wait for their turn


class Lane:
    """Lets a few requests work at once and some more wait; whoever comes then is sent away."""

    def __init__(self, at_once: int = AT_ONCE, waiting: int = MAX_WAITING) -> None:
        self._turn, self._inside, self._most = asyncio.Semaphore(at_once), 0, at_once + waiting

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for a turn.

        Raises:
            ServerBusyError: too many wait already.

        """
        if self._inside >= self._most:
            raise ServerBusyError
        self._inside += 1
        try:
            async with self._turn:
                yield
        finally:
            self._inside -= 1
