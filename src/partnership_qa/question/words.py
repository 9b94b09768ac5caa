"""A question on its way to an answer, and the words of it that carry meaning."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..text import content_words, terms
from .form import asks_for_several

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@dataclass(frozen=True, slots=True)
class QuestionWords:
    """The words of a question that carry meaning, each with its stems.

    Attributes:
        content: content words as written.
        names: those that look like names or numbers: a capital after the first word, or a digit.
        unknown: content words none of whose stems occurs in the corpus.
        weights: how rare each content word is in the corpus, 0 and up; see `LexicalIndex.rarity`.
    """

    content: tuple[tuple[str, frozenset[str]], ...]
    names: tuple[tuple[str, frozenset[str]], ...]
    unknown: tuple[str, ...]
    weights: tuple[float, ...]

    @property
    def stems(self) -> frozenset[str]:
        """Stems of all content words."""
        return frozenset(stem for _, stems in self.content for stem in stems)


def question_words(
    question: str, holds: Callable[[str], bool], rarity: Callable[[str], float] = lambda _: 1.0
) -> QuestionWords:
    """Take a question apart.

    Args:
        question: any text.
        holds: whether a stem occurs in the corpus.
        rarity: how rare a stem is there, 0 and up; a word counts by its rarest.
    """
    first = question.split(maxsplit=1)[0] if question.split() else ""
    pairs = [(word, frozenset(terms(word))) for word in content_words(question)]
    content = tuple((word, stems) for word, stems in pairs if stems)
    names = tuple((word, stems) for word, stems in content if _is_name(word, first))
    unknown = tuple(word for word, stems in content if not any(holds(stem) for stem in stems))
    weights = tuple(max(rarity(stem) for stem in stems) for _, stems in content)
    return QuestionWords(content, names, unknown, weights)


def _is_name(word: str, first: str) -> bool:
    if any(char.isdigit() for char in word):
        return True
    return any(char.isupper() for char in word) and not first.startswith(word)


def coverage(
    words: Sequence[tuple[str, frozenset[str]]], stems: frozenset[str], weights: Sequence[float] | None = None
) -> float:
    """Share of the words of which every stem is among `stems`, by their weights where given; 1 where there are none."""
    counted = [1.0] * len(words) if weights is None else weights
    total = sum(counted)
    held = sum(weight for weight, (_, wanted) in zip(counted, words, strict=True) if wanted <= stems)
    return held / total if total else 1.0


@dataclass(frozen=True, slots=True)
class Question:
    """A question, made once.

    Attributes:
        asked: as the user put it.
        standalone: completed from the conversation; `None` where it stood on its own.
        text: what is searched for.
        reading: what the reader is asked.
        words: content words of `text`.

    """

    asked: str
    standalone: str | None
    text: str
    reading: str
    words: QuestionWords

    @property
    def several(self) -> bool:
        """Whether it asks for several things, by its form."""
        return asks_for_several(self.text)
