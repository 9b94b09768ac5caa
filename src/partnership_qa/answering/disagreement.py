"""Whether two places of the text answer the same question differently.

Two quotes disagree where they say the same but for their answers: other numbers or other names in otherwise like
words, or the same words once with and once without a negation. What is said of another year or another amount is said
of something else, and is no disagreement. This is a rule of words, without a model of entailment: it is meant to miss
rather than to cry wolf.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..text import FUNCTION_WORDS, fold, terms

# Share of the words of both quotes, their answers left out, that the two have in common (Jaccard).
ALIKE = 0.6
MIN_SHARED = 2
_NUMBER = re.compile(r"\d[\d.,]*")
_NAME = re.compile(r"\b[A-Z][\w'’.-]+")  # noqa: RUF001 - the curly apostrophe is a word's own
_NEGATION = re.compile(r"\b(?:not|no|never|none|nor|cannot|without|\w+n['’]t)\b", re.IGNORECASE)  # noqa: RUF001


@dataclass(frozen=True, slots=True)
class Said:
    """A quoted sentence, item or row, and the words of it that answer."""

    quote: str
    answer: str


def disagree(one: Said, other: Said) -> bool:
    """Whether two quotes give different answers in otherwise like words."""
    rests = _rest(one), _rest(other)
    if _numbers(rests[0]) != _numbers(rests[1]):
        return False
    if bool(_NEGATION.search(one.quote)) != bool(_NEGATION.search(other.quote)):
        return _alike(one.quote, other.quote)
    return _alike(*rests) and _differ(one.answer, other.answer)


def _rest(said: Said) -> str:
    return said.quote.replace(said.answer, " ", 1)


def _numbers(text: str) -> frozenset[str]:
    return frozenset(number.rstrip(".,").replace(",", "") for number in _NUMBER.findall(text))


def _stems(text: str) -> frozenset[str]:
    return frozenset(stem for stem in terms(text) if stem not in FUNCTION_WORDS and not stem[0].isdigit())


def _alike(one: str, other: str) -> bool:
    first, second = _stems(one), _stems(other)
    shared = len(first & second)
    return shared >= MIN_SHARED and shared >= ALIKE * len(first | second)


def _differ(one: str, other: str) -> bool:
    """Whether two answers of one kind, numbers or names, have nothing in common."""
    first, second = _numbers(one), _numbers(other)
    if first or second:
        return bool(first and second) and not first & second
    names = {fold(name) for name in _NAME.findall(one)}, {fold(name) for name in _NAME.findall(other)}
    return all(names) and not names[0] & names[1]
