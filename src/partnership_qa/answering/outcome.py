"""What a question comes to: an answer in the text's own words, or a refusal."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from ..retrieval import Hit
    from .citing import Citation


class Reason(str, Enum):
    """Why a question is declined."""

    NOTHING_RELATED = "nothing_related"
    NOT_ANSWERED = "not_answered"
    DOUBTFUL = "doubtful"
    NO_QUESTION = "no_question"


@dataclass(frozen=True, slots=True)
class Answer:
    """Words of the corpus that answer, with their address.

    Attributes:
        question: as asked.
        standalone_question: completed from the conversation; `None` where it stood on its own.
        text: the answer's own words; of a list, its items one a line.
        confidence: calibrated probability in [0, 1] that the answer is right.
        citations: one or more.
        note: what the structure of the text adds, such as how many items of which list; empty where nothing.
        disagreement: whether the citations answer differently, each with its own highlighted words.

    """

    answered: ClassVar[bool] = True
    question: str
    standalone_question: str | None
    text: str
    confidence: float
    citations: tuple[Citation, ...]
    note: str = ""
    disagreement: bool = False

    def to_dict(self) -> dict[str, object]:
        """Plain values for JSON."""
        return {
            "answered": True, "question": self.question, "standalone_question": self.standalone_question,
            "text": self.text, "confidence": round(self.confidence, 6),
            "citations": [citation.to_dict() for citation in self.citations], "note": self.note,
            "disagreement": self.disagreement,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """The text does not hold the answer, as far as can be told.

    Attributes:
        question: as asked.
        standalone_question: completed from the conversation; `None` where it stood on its own.
        text: one sentence that says why.
        confidence: probability in [0, 1] that the best candidate would have been right.
        reason: why it is declined.
        nearest: the closest hits, best first.
        unknown_words: content words of the question that occur nowhere in the corpus.
        citations: always empty.

    """

    answered: ClassVar[bool] = False
    citations: ClassVar[tuple[Citation, ...]] = ()
    question: str
    standalone_question: str | None
    text: str
    confidence: float
    reason: Reason
    nearest: tuple[Hit, ...]
    unknown_words: tuple[str, ...]

    def to_dict(self) -> dict[str, object]:
        """Plain values for JSON."""
        return {
            "answered": False, "question": self.question, "standalone_question": self.standalone_question,
            "text": self.text, "confidence": round(self.confidence, 6), "reason": self.reason.value,
            "nearest": [hit.to_dict() for hit in self.nearest], "unknown_words": list(self.unknown_words),
            "citations": [],
        }  # fmt: skip
