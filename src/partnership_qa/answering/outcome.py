"""What a question comes to: an answer in the text's own words, or a refusal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from .. import notebook
from ..proof.wording import Kind, Reason

if TYPE_CHECKING:
    from ..retrieval import Hit
    from .citing import Citation
    from .report import Report


__all__ = ["Answer", "AnswerPart", "Kind", "NoAnswer", "Reason"]


@dataclass(frozen=True, slots=True)
class AnswerPart:
    """One thing that an answer says, and the quotes that say it.

    Attributes:
        text: its own words, verbatim from the quotes but for Markdown's signs and line breaks; one line.
        citations: one or more, each of them among the answer's.

    """

    text: str
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """Words of the corpus that answer, with their address.

    Attributes:
        question: as asked.
        standalone_question: completed from the conversation; `None` where it stood on its own.
        text: the answer's own words: those of its parts, one a line.
        confidence: calibrated probability in [0, 1] that the answer is right.
        citations: one or more; those of the parts, then others that may hold more of the answer.
        note: what the structure of the text adds, such as how many items of which list; empty where nothing.
        kind: what it is made of.
        parts: what it says, in order, one or more.

    """

    answered: ClassVar[bool] = True
    question: str
    standalone_question: str | None
    text: str
    confidence: float
    citations: tuple[Citation, ...]
    note: str = ""
    kind: Kind = Kind.WORDS
    parts: tuple[AnswerPart, ...] = ()

    def to_dict(self) -> dict[str, object]:
        """Plain values for JSON."""
        return {
            "answered": True, "question": self.question, "standalone_question": self.standalone_question,
            "text": self.text, "confidence": round(self.confidence, 6),
            "citations": [citation.to_dict() for citation in self.citations], "note": self.note,
            "kind": self.kind.value,
            "parts": [
                {"text": part.text, "citations": [self.citations.index(c) + 1 for c in part.citations]}
                for part in self.parts
            ],
        }  # fmt: skip

    def _repr_html_(self) -> str:
        note = f" ({self.note})" if self.note else ""
        quotes = [cited.html(number) for number, cited in enumerate(self.citations, 1)]
        sure = notebook.line(f"confidence {self.confidence:.2f}{note}", dim=True)
        return notebook.boxed(notebook.line(self.text, strong=True), sure, *quotes)


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
        candidates: where the reason is `DOUBTFUL`, the quotes that most likely hold the answer, best first; else empty.
        report: what the refusal rests on and what would change it; `None` where there was no question.
        citations: always empty: nothing is claimed.

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
    candidates: tuple[Citation, ...] = ()
    report: Report | None = None

    def to_dict(self) -> dict[str, object]:
        """Plain values for JSON."""
        return {
            "answered": False, "question": self.question, "standalone_question": self.standalone_question,
            "text": self.text, "confidence": round(self.confidence, 6), "reason": self.reason.value,
            "nearest": [hit.to_dict() for hit in self.nearest], "unknown_words": list(self.unknown_words),
            "candidates": [citation.to_dict() for citation in self.candidates], "citations": [],
            "report": self.report.to_dict() if self.report is not None else None,
        }  # fmt: skip

    def _repr_html_(self) -> str:
        closest = " The closest passages (no answer is claimed):" if self.candidates else ""
        quotes = [cited.html(number) for number, cited in enumerate(self.candidates, 1)]
        sure = notebook.line(f"confidence {self.confidence:.2f}.{closest}", dim=True)
        return notebook.boxed(notebook.line(self.text), sure, *quotes)
