"""The report of a refusal: what was searched, the nearest words and how likely they answer, and what would change it.

All of it is taken from what the refusal rests on; nothing is searched or read again.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..text import Span, plain
from .citing import citation
from .outcome import NoAnswer
from .words import whole_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..index import Store
    from ..question.words import Question
    from ..reading import Reading
    from ..selection import Selection
    from .candidates import Assessment
    from .citing import Citation
    from .outcome import Answer

_NAMED = 5  # words or patterns that a sentence holds


@dataclass(frozen=True, slots=True)
class Report:
    """What a refusal rests on.

    Attributes:
        threshold: confidence in [0, 1] from which on an answer is given.
        passages, documents: how many were searched; `read` of the passages were read for words that answer.
        total: documents of the index.
        within: names, folders and patterns of the documents that were asked; empty where all were.
        nearest: the quote that most likely holds the answer, its words highlighted; `None` where none was pointed at.
        items: how many items or rows the nearest list or table has, where all of it is likelier than any words: it
            begins with `nearest`; else 0.
        confidence: calibrated probability in [0, 1] that the nearest words, or the list, would have been right.
        missing: content words of the question that occur nowhere in the documents that were asked; `words` counts
            all content words.
        elsewhere: those of the missing words that occur in documents that were not asked.

    """

    threshold: float
    passages: int
    documents: int
    read: int
    total: int
    within: tuple[str, ...]
    nearest: Citation | None
    items: int
    confidence: float
    missing: tuple[str, ...]
    words: int
    elsewhere: tuple[str, ...] = ()

    @property
    def enough(self) -> float | None:
        """The highest threshold of few digits that would have let the nearest words pass; `None` without any."""
        if self.nearest is None:
            return None
        digits = next((digits for digits in (2, 3, 4) if self.confidence >= 10.0**-digits), 0)
        found = math.floor(self.confidence * 10**digits + 1e-9) / 10**digits if digits else 0.0
        return found if found <= self.confidence else max(0.0, found - 10.0**-digits)

    @property
    def changes(self) -> tuple[str, ...]:
        """What would change the verdict, a sentence each."""
        told = []
        if self.enough is not None:
            what = "this list" if self.items else "this quote"
            told.append(f"At a threshold of {self.enough:g} or below, {what} would have been given as the answer.")
        left = self.total - self.documents
        if self.elsewhere:
            told.append(f"Documents that were not asked hold {_quoted(self.elsewhere)}: ask all of them.")
        elif left > 0:
            told.append(f"{_counted(left, 'other document')} {'was' if left == 1 else 'were'} not asked: ask all.")
        nowhere = [word for word in self.missing if word not in self.elsewhere]
        if nowhere and len(nowhere) == self.words:
            told.append(f"None of the question's words stands in the texts ({_quoted(nowhere)}): add a text about it.")
        elif nowhere:
            verb = "stands" if len(nowhere) == 1 else "stand"
            told.append(f"{_quoted(nowhere)} {verb} nowhere in the texts: use other words, or add a text with them.")
        return tuple(told)

    def rows(self) -> list[tuple[str, str]]:
        """The report as people read it: what each line is about, and what it says."""
        read = f", of which {self.read:,} {'was' if self.read == 1 else 'were'} read"
        searched = f"{_counted(self.passages, 'passage')} of {_counted(self.documents, 'document')}{read}"
        if self.within:
            searched += f"; only within {_quoted(self.within)}"
        told = [("Searched", searched)]
        if self.nearest is not None:
            marked = self.nearest.highlights[0] if self.nearest.highlights else Span(0, 0)
            start, end = (at - self.nearest.start for at in marked)
            words = plain(self.nearest.quote[start:end], self.nearest.document)
            what = f"the list of {self.items} that begins with “{words}”" if self.items else f"“{words}”"
            told += [
                ("Nearest", f"{what}, {self.nearest.document}, {self.nearest.where}"),
                ("How likely", f"{self.confidence:.3f}; an answer is given from {self.threshold:.3f} on"),
            ]
        else:
            told.append(("Nearest", "no words that could answer"))
        if self.missing:
            where = "Not in these documents" if self.within else "Nowhere in the texts"
            told.append((where, _quoted(self.missing)))
        if self.changes:
            told.append(("What would change it", " ".join(self.changes)))
        return told

    def to_dict(self) -> dict[str, object]:
        """Plain values for JSON."""
        return {
            "threshold": round(self.threshold, 6), "passages": self.passages, "documents": self.documents,
            "read": self.read, "total": self.total, "within": list(self.within),
            "nearest": self.nearest.to_dict() if self.nearest is not None else None, "items": self.items,
            "confidence": round(self.confidence, 6), "missing": list(self.missing), "words": self.words,
            "elsewhere": list(self.elsewhere), "changes": list(self.changes),
        }  # fmt: skip


def with_report(
    outcome: Answer | NoAnswer,
    question: Question,
    index: Store,
    readings: Sequence[Reading],
    found: Assessment | None,
    threshold: float,
    within: Selection | None = None,
) -> Answer | NoAnswer:
    """A refusal with its report; an answer as it is.

    Args:
        outcome: of one question.
        question: what was searched and read.
        index: where.
        readings: of the passages that were read.
        found: what the outcome rests on; `None` where no words were pointed at.
        threshold: what the confidence was compared with.
        within: the documents that were asked; `None` where all were.

    Raises:
        CitationError: the nearest quote is not what its source holds.

    """
    if not isinstance(outcome, NoAnswer):
        return outcome
    nearest, items = _nearest(index, found) if found is not None else (None, 0)
    total, missing = len(index.sources) if within is None else within.total, question.words.unknown
    report = Report(
        threshold,
        passages=len(index.passages) if within is None else len(within.numbers),
        documents=total if within is None else len(within.documents),
        read=len(readings),
        total=total,
        within=() if within is None else within.patterns,
        nearest=nearest,
        items=items,
        confidence=outcome.confidence,
        missing=missing,
        words=len(question.words.content),
        elsewhere=tuple(
            word
            for word, stems in question.words.content
            if within is not None and word in missing and any(map(index.lexical.holds, stems))
        ),
    )
    return replace(outcome, report=report)


def _nearest(index: Store, found: Assessment) -> tuple[Citation, int]:
    """The quote that most likely answers, or the first of a list that does, and how many items that list has."""
    whole = found.given_whole
    if whole is not None:
        passage, number = whole.group.items[0]
        return citation(index, passage, number, (passage.units[number].content,)), len(whole.group.items)
    best = found.best
    return citation(index, best.passage, best.span.unit, (whole_words(best.passage, best.span),)), 0


def report_text(refusal: NoAnswer) -> str:
    """The report of a refusal, a line each; empty where it has none, as a reply to a greeting."""
    rows = refusal.report.rows() if refusal.report is not None else []
    return "\n".join(f"{name}: {said}" for name, said in rows)


def _quoted(words: Sequence[str]) -> str:
    more = f" and {len(words) - _NAMED} more" if len(words) > _NAMED else ""
    return ", ".join(f"“{word}”" for word in words[:_NAMED]) + more


def _counted(count: int, one: str) -> str:
    return f"{count:,} {one if count == 1 else one + 's'}"
