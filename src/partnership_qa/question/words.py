"""A question on its way to an answer, and the words of it that carry meaning."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..text import content_words, terms
from .kind import NO_KIND, QuestionKind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@dataclass(frozen=True, slots=True)
class QuestionWords:
    """The words of a question that carry meaning, each with its stems.

    Attributes:
        content: content words as written.
        names: those that look like names or numbers: a capital after the first word, or a digit.
        unknown: content words none of whose stems occurs in the corpus.
    """

    content: tuple[tuple[str, frozenset[str]], ...]
    names: tuple[tuple[str, frozenset[str]], ...]
    unknown: tuple[str, ...]

    @property
    def stems(self) -> frozenset[str]:
        """Stems of all content words."""
        return frozenset(stem for _, stems in self.content for stem in stems)


def question_words(question: str, holds: Callable[[str], bool]) -> QuestionWords:
    """Take a question apart.

    Args:
        question: any text.
        holds: whether a stem occurs in the corpus.
    """
    first = question.split(maxsplit=1)[0] if question.split() else ""
    pairs = [(word, frozenset(terms(word))) for word in content_words(question)]
    content = tuple((word, stems) for word, stems in pairs if stems)
    names = tuple((word, stems) for word, stems in content if _is_name(word, first))
    unknown = tuple(word for word, stems in content if not any(holds(stem) for stem in stems))
    return QuestionWords(content, names, unknown)


def _is_name(word: str, first: str) -> bool:
    if any(char.isdigit() for char in word):
        return True
    return any(char.isupper() for char in word) and not first.startswith(word)


def held_by(words: Sequence[tuple[str, frozenset[str]]], stems: frozenset[str]) -> bool:
    """Whether every stem of the words is among `stems`; true where there are no words."""
    return all(wanted <= stems for _, wanted in words)


@dataclass(frozen=True, slots=True)
class Question:
    """A question, made once.

    Attributes:
        asked: as the user put it.
        standalone: completed from the conversation; `None` where it stood on its own.
        text: what is searched for.
        reading: what the reader is asked.
        words: content words of `text`.
        kind: what it wants, as its vector tells.

    """

    asked: str
    standalone: str | None
    text: str
    reading: str
    words: QuestionWords
    kind: QuestionKind = NO_KIND
