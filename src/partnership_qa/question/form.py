"""What a question asks for, by its form and its words alone.

Its content words and names, whether it wants several things, and whether it is two questions in one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..text import FUNCTION_WORDS, content_words, fold, terms
from .definitions import term_asked

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# Questions that ask for more than one thing.
_SEVERAL = re.compile(
    r"""^\W*(?:(?:please|can\ you|could\ you)\s+)?(?:
      (?:what|which|who)\s+(?:are|were|have\ been|will\ be)\b
      | (?:list|enumerate|name|give(?:\ me)?|tell\ me|show(?:\ me)?|mention)\b
      | (?:what|which)\s+(?:(?!(?:is|was|does|did|do|has|had|can|could|will|would)\b)[\w-]+\s+){0,3}?
        (?P<noun>[\w-]+(?<!s)s)\b
      | how\b.*\b(?:both|all|each|several)\b
      | in\ (?:what|which)\s+(?:[\w-]+\s+)?(?:ways|areas|fields|respects)\b
    )""",
    re.IGNORECASE | re.VERBOSE,
)
# What follows a verb and no plural noun, whose own verb would have to come: its object, and nothing else.
_OBJECT = re.compile(
    r"\s+(?:(?:the|an?|its|their|his|her|this|these|those)\b"
    r"|(?:(?:with|against|from|to|for|on|at|by|in)\s+)?(?:[A-Z][\w.&-]*[\s?.!]*)+$)"
)
# How, but not how much, how many and their like, which ask for a fact.
_OPEN = re.compile(
    r"^\W*(?:and|but|so|ok(?:ay)?)?\W*(?:how\s+(?!much|many|long|often|far|old|big|tall|large|high|fast|deep|wide)|why\b|"
    r"(?:can|could)\s+you\s+(?:tell|explain|describe)|tell\s+me|explain|describe|what\s+about)",
    re.IGNORECASE,
)
# Questions over several rows, whose answer is no cell: a sum, a mean, a difference, an extreme.
_COMPUTE = re.compile(
    r"\b(?:total|sum|altogether|combined|average|mean|difference|most|least|fewest|highest|lowest|largest|smallest|"
    r"biggest|greatest|longest|shortest|maximum|minimum|how many (?:times|rows|years|entries|different))\b",
    re.IGNORECASE,
)
_ASKING = re.compile(r"\b(?:who|whom|whose|what|which|when|where|why|how)\b", re.IGNORECASE)
_SINGULAR_ENDINGS = ("ss", "us", "is")
_WH = "who|whom|whose|what|which|when|where|why|how(?:\\s+(?:much|many|long|often|far|old))?"
_TWO_CLAUSES = re.compile(
    rf"^(?P<first>(?P<wh>{_WH})\b.+?),?\s+and\s+(?P<second>(?:{_WH})\b.*?)[?.!\s]*$", re.IGNORECASE
)
_TWO_NUMBERS = re.compile(
    r"\b(?P<prep>in|for|of|on|at|during|since|by)\s+(?P<one>[$€£]?\d[\w.,%]*)\s+and\s+(?:(?P=prep)\s+)?(?P<two>[$€£]?\d[\w.,%]*)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class QuestionWords:
    """The words of a question that carry meaning, each with its stems.

    Attributes:
        content: content words as written.
        names: those that look like names or numbers: a capital after the first word, or a digit.
        unknown: content words none of whose stems occurs in the corpus.
        weights: how rare each content word is in the corpus, 0 and up; see `LexicalIndex.rarity`.
        sequence: stems of all its words in order, function words among them.
        term: stems of the term whose meaning it asks for; empty where it asks for something else.
    """

    content: tuple[tuple[str, frozenset[str]], ...]
    names: tuple[tuple[str, frozenset[str]], ...]
    unknown: tuple[str, ...]
    weights: tuple[float, ...]
    sequence: tuple[str, ...]
    term: tuple[str, ...]

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
    return QuestionWords(content, names, unknown, weights, tuple(terms(question)), term_asked(question))


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


def asks_for_several(question: str) -> bool:
    """Whether a question asks for more than one thing, by its form (`What are…`, `List…`, `Which reasons…`)."""
    match = _SEVERAL.match(question)
    if match is None:
        return False
    noun = match.groupdict().get("noun")
    if noun is None:
        return True
    verb = _OBJECT.match(question, match.end()) is not None  # `Which company makes the lamp?`
    return not verb and fold(noun) not in FUNCTION_WORDS and not fold(noun).endswith(_SINGULAR_ENDINGS)


def asks_to_compute(question: str, quote: str) -> bool:
    """Whether a question asks for a sum, a count or an extreme that the quoted row does not itself speak of."""
    return any(fold(match.group()) not in fold(quote) for match in _COMPUTE.finditer(question))


def asks_openly(question: str) -> bool:
    """Whether a question asks for an account and not for a fact: how, why, tell me about, or no question at all."""
    return _OPEN.match(question) is not None or _ASKING.search(question) is None


def parts(question: str) -> tuple[str, ...]:
    """The questions that a question is made of, in order; itself alone where it is one.

    `How much in 2019 and in 2023?` asks twice, for one number and for the other; so does `Who pays and when?`.
    """
    if numbers := _TWO_NUMBERS.search(question):
        head, tail = question[: numbers.start()], question[numbers.end() :]
        return tuple(f"{head}{numbers['prep']} {numbers[name]}{tail}" for name in ("one", "two"))
    if clauses := _TWO_CLAUSES.match(question.strip()):
        second = clauses["second"].strip()
        if not content_words(second):
            second = f"{second} {clauses['first'][len(clauses['wh']) :].strip()}"
        return (f"{clauses['first']}?", f"{second[0].upper()}{second[1:]}?")
    return (question,)
