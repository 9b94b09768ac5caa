"""A question with what came of it, as exports take it, and the numbers of its quotes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..answering.citing import Citation
    from ..answering.outcome import Answer, NoAnswer


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question and its outcome.

    Attributes:
        question: as asked.
        outcome: what came of it; `None` where there was an error.
        within: names, folders and patterns of the documents that were asked; empty where all were.
        generation: name of the index's generation; empty where it is not known.
        error: what to say where there is no outcome.

    """

    question: str
    outcome: Answer | NoAnswer | None
    within: tuple[str, ...] = ()
    generation: str = ""
    error: str = ""


@dataclass(slots=True)
class Numbering:
    """One numbering of quotes through a conversation: from 1 in the order in which they are read, each quote once."""

    _numbers: dict[tuple[str, str, int, int], int] = field(default_factory=dict)

    def of(self, cited: Citation) -> int:
        """The number of a quote; the next one where it is new."""
        place = (cited.document, cited.sha256, cited.start, cited.end)
        return self._numbers.setdefault(place, len(self._numbers) + 1)
