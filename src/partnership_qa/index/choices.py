"""What a choice of passages is turned into before a search, kept for the next question within the same choice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

_KEPT = 4  # choices

Made = TypeVar("Made")


class Remembered(Generic[Made]):
    """What was made of the last few choices; safe to share between threads."""

    def __init__(self, make: Callable[[NDArray[np.int64]], Made]) -> None:
        """Take what makes it of the numbers of passages."""
        self._make = make
        self._last: tuple[tuple[NDArray[np.int64], Made], ...] = ()

    def of(self, numbers: NDArray[np.int64]) -> Made:
        """What is made of these numbers; of an array that could be changed it is made each time."""
        if numbers.flags.writeable:
            return self._make(numbers)
        for known, made in self._last:
            if known is numbers:
                return made
        made = self._make(numbers)
        self._last = ((numbers, made), *self._last[: _KEPT - 1])
        return made


def mask_of(numbers: NDArray[np.int64], count: int) -> NDArray[np.bool_]:
    """Whether each of so many passages is one of these: bool of shape (count,)."""
    mask = np.zeros(count, dtype=np.bool_)
    mask[numbers] = True
    return mask
