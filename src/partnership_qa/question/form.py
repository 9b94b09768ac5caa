"""What a question asks for, by its form alone: a sum, or two things one after the other."""

from __future__ import annotations

import re

from ..text import content_words, fold

# Questions over several rows, whose answer is no cell: a sum, a mean, a difference, an extreme.
_COMPUTE = re.compile(
    r"\b(?:total|sum|altogether|combined|average|mean|difference|most|least|fewest|highest|lowest|largest|smallest|"
    r"biggest|greatest|longest|shortest|maximum|minimum|how many (?:times|rows|years|entries|different))\b",
    re.IGNORECASE,
)
PREPOSITIONS = "in|for|of|at|on|from|about|with|by|to|during|since|before|after|under|against"
_WH = "who|whom|whose|what|which|when|where|why|how"
_TWO_CLAUSES = re.compile(rf"(?P<first>(?:{_WH})\b.+?),?\s+and\s+(?P<second>(?:{_WH})\b.*?)[?.!\s]*", re.IGNORECASE)
_FINITE = "is are was were do does did has have had can could will would shall should may might must happens happened"
_VERBS = frozenset(_FINITE.split())
# Behind a question word they make no question but a clause of one: `what the fee is`.
_SUBJECT_WORDS = "the a an this that these those it he she they i you we my your his her its our their"
_SUBJECTS = frozenset(_SUBJECT_WORDS.split())
# The same of two years, sizes or places: two numbers behind one preposition, or two phrases behind the same one twice.
# `between 1890 and 1895` asks once.
_PREPOSITIONS = f"{PREPOSITIONS}|over"
_NUMBER = r"[$€£]?\d(?:[\w.,]*\w)?%?"
_PHRASE = rf"(?!(?:{_WH})\b)[^\s?!]+(?:\s+(?!(?:and|{_PREPOSITIONS}|{_WH})\b)[^\s?!]+){{0,4}}?"
_TWICE = re.compile(
    rf"""\b(?P<prep>{_PREPOSITIONS})\s+(?:
      (?P<number>{_NUMBER}),?\s+and\s+(?:(?P=prep)\s+)?(?P<other_number>{_NUMBER})
      | (?P<phrase>{_PHRASE}),?\s+and\s+(?P=prep)\s+(?P<other_phrase>{_PHRASE})
        (?=,?\s+(?:{_PREPOSITIONS}|{_WH})\b | [?!.\s]*$)
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_ASKED_AGAIN = re.compile(rf",?\s+and\s+(?:{_WH})(?:\s+\w+)?\s+(?=(?:{_PREPOSITIONS})\s)", re.IGNORECASE)


def asks_to_compute(question: str, quote: str) -> bool:
    """Whether a question asks for a sum, a count or an extreme that the quoted row does not itself speak of."""
    return any(fold(match.group()) not in fold(quote) for match in _COMPUTE.finditer(question))


def parts(question: str) -> tuple[str, ...]:
    """The questions that a question is made of, in order; itself alone where it is one.

    `How much in 2019 and in 2023?` asks twice, for one number and for the other; so do `How warm is it in May and in
    August?` and `Who won in 1920, and who in 1924?`. Two clauses are two questions where each is whole: `Who pays and
    when is it due?`, but not `Who pays and when?`.
    """
    if twice := _TWICE.search(_ASKED_AGAIN.sub(" and ", question, count=1)):
        head, tail = twice.string[: twice.start()], twice.string[twice.end() :]
        pair = (twice["number"] or twice["phrase"], twice["other_number"] or twice["other_phrase"])
        return tuple(f"{head}{twice['prep']} {one}{tail}" for one in pair)
    clauses = _TWO_CLAUSES.fullmatch(question.strip())
    if clauses and _is_whole(clauses["first"]) and _is_whole(clauses["second"]):
        second = clauses["second"]
        return (f"{clauses['first'].rstrip(' ?.!')}?", f"{second[0].upper()}{second[1:]}?")
    return (question,)


def _is_whole(clause: str) -> bool:
    """Whether a clause that begins with a question word has its own verb, in the order of a question."""
    asking, *rest = clause.lower().split()
    if not rest or rest[0] in _SUBJECTS:
        return asking.endswith("s") and bool(rest)  # `what's the fee`
    if rest[0] in _VERBS or asking in ("when", "where", "why"):
        return rest[0] in _VERBS
    if asking == "how":
        return rest[1:2] != [] and rest[1] not in _SUBJECTS and not _VERBS.isdisjoint(rest)
    # `Who pays` has a verb, `which boats sank` too, `what price` has none.
    return len(content_words(" ".join(rest))) > (asking != "who") or not _VERBS.isdisjoint(rest)
