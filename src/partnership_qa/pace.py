"""How long a build still takes, in words, from how fast its stage went so far."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_TOLD_AFTER = 3.0  # seconds of a stage: before that its speed says little


class Pace:
    """The speed of the stage that a build is in; one for each build."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin; `clock` gives seconds."""
        self._clock = clock
        self._stage, self._began, self._first = "", 0.0, 0

    def left(self, stage: str, done: int, total: int) -> str:
        """What is left of a stage (`about 40 s left`) as `done` of `total` are; empty as long as that is not known."""
        now = self._clock()
        if stage != self._stage or done < self._first:
            self._stage, self._began, self._first = stage, now, done
        took, made = now - self._began, done - self._first
        if took < _TOLD_AFTER or made < 1 or done >= total:
            return ""
        return f"about {_shown(took / made * (total - done))} left"


def _shown(seconds: float) -> str:
    if seconds < 55:
        return f"{max(5, 5 * math.ceil(seconds / 5))} s"
    hours, minutes = divmod(math.ceil(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
