"""One question with what came of it: what the page remembers of a conversation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..qa import MAX_QUESTION_CHARS
from ..question.history import is_read_as_put

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..answering.outcome import Answer, NoAnswer
    from ..retrieval import Hit
    from ..trace import Trace


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and its outcome.

    Attributes:
        question: as asked.
        trace: the outcome and what it rests on; `None` where there is only an error.
        generation: name of the index's generation.
        passages, documents: how many the index held.
        error: what to say where there is no outcome.
        rating: what the visitor thinks of it: `up`, `down`, or empty.
        note: what the visitor says of it.
        within: names, folders and patterns of the documents that were asked; empty where all were.

    """

    question: str
    trace: Trace | None
    generation: str = ""
    passages: int = 0
    documents: int = 0
    error: str = ""
    rating: str = ""
    note: str = ""
    within: tuple[str, ...] = ()

    @property
    def result(self) -> Answer | NoAnswer | None:
        """The answer or the refusal; `None` where there is only an error."""
        return self.trace.outcome if self.trace is not None else None

    @property
    def hits(self) -> tuple[Hit, ...]:
        """The passages that were found, each part's best first."""
        return self.trace.hits if self.trace is not None else ()

    @property
    def threshold(self) -> float:
        """What the confidence was compared with."""
        return self.trace.threshold if self.trace is not None else 0.0

    @property
    def seconds(self) -> float:
        """Seconds of all stages together."""
        return sum(self.trace.seconds.values()) if self.trace is not None else 0.0

    @property
    def leaned(self) -> bool:
        """Whether what was said before counted in the search."""
        counted = self.trace is not None and any(part.leaned for part in self.trace.parts)
        return counted or (self.asked != self.question and not self.understood)

    @property
    def understood(self) -> str:
        """The question as it was read, where that is not how it was put; else empty."""
        return "" if self.asked == self.question or is_read_as_put(self.question, self.asked) else self.asked

    @property
    def asked(self) -> str:
        """The question as it was searched for."""
        completed = self.result.standalone_question if self.result is not None else None
        return completed or self.question


def shown_question(question: str) -> str:
    """A question as the conversation shows it: what is longer than is read is cut, with a sign that it is."""
    return question if len(question) <= MAX_QUESTION_CHARS else f"{question[:MAX_QUESTION_CHARS]} …"


def history(turns: Sequence[Turn]) -> list[dict[str, object]]:
    """The conversation as `QA.answer` takes it."""
    messages: list[dict[str, object]] = []
    for turn in turns:
        if turn.result is not None:
            messages.append({"role": "user", "content": turn.question})
            messages.append({"role": "assistant", "content": turn.result.text})
    return messages
