"""Questions for the meaning of a term, and the sentences that give it.

`What is a covered work?` asks for a definition, and `A "covered work" means ...` is one. Both are told by their form,
as in the surface patterns of definition questions (Hildebrandt, Katz and Lin 2004): a term in quotation marks or at
the beginning of its sentence before a verb that defines, or a term behind `called` and its like.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..text import Span, terms

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAX_TERM_WORDS = 6
_ARTICLE = r"(?:(?:the|an?)\s+)?"
_ASKED = re.compile(
    rf"""^\W*(?:and\s+|but\s+|so\s+)?(?:
      (?:what|who)(?:\s+(?:is|are|was|were)|['’]s)\s+(?:(?:the\s+)?(?:meaning|definition)\s+of\s+|meant\s+by\s+)?
        {_ARTICLE}(?P<is>.+?)
      | what\s+(?:do|does|did)\s+{_ARTICLE}(?P<means>.+?)\s+(?:mean|stand\s+for|refer\s+to)
      | what\s+does\s+it\s+mean\s+to\s+(?P<to>.+?)
      | define\s+{_ARTICLE}(?P<define>.+?)
    )\W*$""",  # noqa: RUF001 - the curly apostrophe of `what's`
    re.IGNORECASE | re.VERBOSE,
)
_QUOTES = tuple("\"'“”‘’«»„`*_")  # noqa: RUF001 - and the marks of emphasis
# What may stand before a term that its sentence begins with.
_LEADING = re.compile(r"\W*(?:(?:\d+[\d.]*|[a-z])[.)]\s+)?\W*(?:(?:the|an?|to|term|word|phrase)\W+)*", re.IGNORECASE)
_VERB = re.compile(
    r"""[^\w(]*(?:\([^)]*\)[^\w(]*)?  # the abbreviation, in brackets
    (?:[\w'’-]+,?\s+){0,8}?           # `for a work`, `in this context,`
    (?:shall\s+|will\s+|may\s+)?
    (?:(?P<strong>means?|meant|refers?\s+to|denotes?|stands?\s+for|(?:is|are)\s+defined\s+as)|is|are|was|were|includes?)\b
    [\s,:]*
    """,  # noqa: RUF001
    re.IGNORECASE | re.VERBOSE,
)
_COPULA = re.compile(r"[^\w(]*(?:\([^)]*\)[^\w(]*)?(?:is|are|was|were)\s+(?:an?|the|any|one|each|all)\b", re.IGNORECASE)
_CALLED = re.compile(rf"\b(?:called|known\s+as|termed|named|referred\s+to\s+as)\s+{_ARTICLE}\W*$", re.IGNORECASE)
_BEFORE_QUOTED = 12  # words
_NEAR = 200  # characters beside a term that are looked at, so that no text can make its patterns slow


@dataclass(frozen=True, slots=True)
class Definition:
    """Where a text gives the meaning of a term.

    Attributes:
        explicit: it says so by quotation marks, a verb that does nothing but define, or `called`; else it says what the
            term *is*.
        meaning: characters of the text that give it; `None` where that is the whole text.

    """

    explicit: bool
    meaning: Span | None


def term_asked(question: str) -> tuple[str, ...]:
    """Stems of the term whose meaning a question asks for, by its form; empty where it asks for something else."""
    match = _ASKED.match(question)
    term = next((found for found in match.groupdict().values() if found), "") if match else ""
    return tuple(terms(term)) if 0 < len(term.split()) <= MAX_TERM_WORDS else ()


def definition_in(text: str, term: Sequence[str]) -> Definition | None:
    """How a sentence, item or row gives the meaning of a term; `None` where it does not.

    Args:
        text: of one unit.
        term: its stems in order, at least one.
    """
    weak: Definition | None = None
    for start, end in _places(text, term):
        before, after = text[max(0, start - _NEAR) : start], text[end : end + _NEAR]
        if _CALLED.search(before):
            return Definition(True, None)
        quoted = before.endswith(_QUOTES) and after.lstrip(".,").startswith(_QUOTES)
        opens = start <= _NEAR
        leads = opens and _LEADING.fullmatch(before) is not None
        verb = _VERB.match(after)
        if verb and ((quoted and opens and len(before.split()) <= _BEFORE_QUOTED) or (leads and verb["strong"])):
            meaning = Span(end + verb.end(), len(text.rstrip(" \t\r\n.;")))
            return Definition(True, meaning if meaning.end > meaning.start else None)
        if leads and _COPULA.match(after):
            weak = weak or Definition(False, None)
    return weak


def _places(text: str, term: Sequence[str]) -> Iterator[Span]:
    """Where the words of a term stand in a row."""
    words = [(match.start(), match.end(), terms(match.group())) for match in re.finditer(r"[^\W_]+", text)]
    stems = [stem[0] if stem else "" for _, _, stem in words]
    for first in range(len(words) - len(term) + 1):
        if tuple(stems[first : first + len(term)]) == tuple(term):
            yield Span(words[first][0], words[first + len(term) - 1][1])
