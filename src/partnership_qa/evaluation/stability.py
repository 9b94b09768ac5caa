"""How steady an answer is: the question asked by its keywords alone, and with each of them left out in turn.

An answer that rests on one word of the question, or on its form, changes; one that the text says plainly comes back.
There are no rules of English in it: what counts as a keyword is what `question.words` calls a content word.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..question.words import question_words
from ..text import fold, terms, word_spans

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ..answering.outcome import Answer, NoAnswer
    from ..qa import QA


@dataclass(frozen=True, slots=True)
class Variant:
    """The question in another form, and what came of it.

    Attributes:
        question: as it was asked.
        left_out: the word that it lacks; `None` where it is the keywords alone.
        outcome: the answer or the refusal.
        same: whether it says the same words as the question itself, or declines as that did.

    """

    question: str
    left_out: str | None
    outcome: Answer | NoAnswer
    same: bool

    def to_dict(self) -> dict[str, object]:
        """Plain values for JSON."""
        return {
            "question": self.question, "left_out": self.left_out, "answered": self.outcome.answered,
            "text": self.outcome.text, "confidence": round(self.outcome.confidence, 6), "same": self.same,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stability:
    """How often the same words came back.

    Attributes:
        outcome: of the question as it was put.
        variants: of its other forms; none where it has fewer than two content words.

    """

    outcome: Answer | NoAnswer
    variants: tuple[Variant, ...]

    @property
    def same(self) -> int:
        """How many forms say the same."""
        return sum(variant.same for variant in self.variants)

    @property
    def share(self) -> float | None:
        """Share of the forms that say the same, in [0, 1]; `None` where there is none."""
        return self.same / len(self.variants) if self.variants else None

    def to_dict(self) -> dict[str, object]:
        """Plain values for JSON."""
        share = self.share
        return {
            "same": self.same, "of": len(self.variants), "share": None if share is None else round(share, 6),
            "variants": [variant.to_dict() for variant in self.variants],
        }  # fmt: skip


def stability(
    qa: QA,
    question: str,
    *,
    history: Sequence[Mapping[str, object]] = (),
    no_answer_threshold: float | None = None,
    k: int | None = None,
    documents: Sequence[str] = (),
) -> Stability:
    """Ask a question and its other forms; each is searched, read and weighed anew.

    Args:
        qa: what is asked.
        question, history, no_answer_threshold, k, documents: as `QA.answer` takes them. A question that leans on the
            history is completed first, and its forms are those of the completed one.

    Raises:
        QuestionError: as `QA.answer` does.

    """
    how = {"no_answer_threshold": no_answer_threshold, "documents": documents} | ({} if k is None else {"k": k})
    outcome = qa.answer(question, history=history, **how)  # type: ignore[arg-type]
    whole = outcome.standalone_question or question
    said = _words(outcome)
    variants = []
    for left_out, text in forms(whole):
        found = qa.answer(text, **how)  # type: ignore[arg-type]
        variants.append(Variant(text, left_out, found, _words(found) == said))
    return Stability(outcome, tuple(variants))


def forms(question: str) -> Iterator[tuple[str | None, str]]:
    """The keywords of a question alone, then the question without each of them; `None` or the word, and the form.

    None of them where there are fewer than two keywords; each form once.
    """
    content = question_words(question, lambda _: True).content
    if len(content) < 2:
        return
    seen = {_plain(question)}
    made: list[tuple[str | None, str]] = [(None, " ".join(word for word, _ in content))]
    made += [(word, _without(question, stems)) for word, stems in content]
    for word, form in made:
        if _plain(form) not in seen:
            seen.add(_plain(form))
            yield word, form


def _without(question: str, stems: frozenset[str]) -> str:
    """The question without the words of these stems."""
    kept, at = [], 0
    for start, end in word_spans(question):
        if frozenset(terms(question[start:end])) == stems:
            kept.append(question[at:start])
            at = end
    return " ".join("".join([*kept, question[at:]]).split())


def _plain(text: str) -> str:
    """What two forms are compared by: their words."""
    return " ".join(fold(text[start:end]) for start, end in word_spans(text))


def _words(outcome: Answer | NoAnswer) -> str | None:
    """What an answer says, without regard to case, accents and spaces; `None` of a refusal."""
    return " ".join(fold(outcome.text).split()) if outcome.answered else None
