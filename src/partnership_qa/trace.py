"""What an outcome rests on: hits, readings, evidence and seconds, kept as it is made, so that nothing is done twice."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .answering.candidates import Assessment
    from .answering.outcome import Answer, NoAnswer
    from .question.words import Question
    from .reading import Reading
    from .retrieval import Hit


class Stage(str, Enum):
    """What is being done for a question; one part of it after the other."""

    SEARCHING = "searching"
    READING = "reading"
    COMPOSING = "composing"


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a question; most questions have only one.

    Attributes:
        question: what was searched and read.
        outcome: what came of this part alone.
        hits: the passages found, best first.
        readings: one a hit, in their order; empty where none was read because the corpus holds no word of the part.
        assessment: what the outcome rests on; `None` where nothing could be quoted.
        seconds: of the stages that it went through, in their order.
        leaned: whether what was said before reordered the hits.

    """

    question: Question
    outcome: Answer | NoAnswer
    hits: tuple[Hit, ...]
    readings: tuple[Reading, ...]
    assessment: Assessment | None
    seconds: dict[Stage, float]
    leaned: bool = False

    @property
    def text(self) -> str:
        """What was searched for."""
        return self.question.text


@dataclass(frozen=True, slots=True)
class Trace:
    """An outcome with all that led to it.

    Attributes:
        outcome: what `QA.answer` gives.
        parts: one or more, in the order of the question; none where what was said is no question.
        threshold: what the confidence was compared with.

    """

    outcome: Answer | NoAnswer
    parts: tuple[Part, ...]
    threshold: float

    @property
    def hits(self) -> tuple[Hit, ...]:
        """The hits of all parts, each passage once, in the order of the parts."""
        first: dict[int, Hit] = {}
        for part in self.parts:
            for hit in part.hits:
                first.setdefault(hit.number, hit)
        return tuple(first.values())

    @property
    def seconds(self) -> dict[Stage, float]:
        """Seconds of each stage over all parts."""
        spent: dict[Stage, float] = {}
        for part in self.parts:
            for stage, seconds in part.seconds.items():
                spent[stage] = spent.get(stage, 0.0) + seconds
        return spent
