"""One question with what came of it: what the page remembers of a conversation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..answering import Answer, NoAnswer
    from ..retrieval import Hit


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and its outcome.

    Attributes:
        question: as asked.
        result: the answer or the refusal; `None` where there is only an error.
        hits: the passages that were read, best first.
        seconds: from question to result.
        generation: name of the index's generation.
        passages, documents: how many the index held.
        threshold: what the confidence was compared with.
        error: what to say where there is no result.

    """

    question: str
    result: Answer | NoAnswer | None
    hits: tuple[Hit, ...] = ()
    seconds: float = 0.0
    generation: str = ""
    passages: int = 0
    documents: int = 0
    threshold: float = 0.0
    error: str = ""

    @property
    def asked(self) -> str:
        """The question as it was searched for."""
        completed = self.result.standalone_question if self.result is not None else None
        return completed or self.question


def history(turns: Sequence[Turn]) -> list[dict[str, object]]:
    """The conversation as `QA.answer` takes it."""
    messages: list[dict[str, object]] = []
    for turn in turns:
        if turn.result is not None:
            messages.append({"role": "user", "content": turn.question})
            messages.append({"role": "assistant", "content": turn.result.text})
    return messages
