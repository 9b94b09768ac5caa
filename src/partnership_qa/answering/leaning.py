"""Sentences that lean on the one before: `It was sold in 1999.` says little until one reads what was sold.

Told by how a sentence opens: with a pronoun or a demonstrative (`She`, `These engines`), or with a plain noun as
something known that the sentence before spoke of (`The company` behind `A company was founded in 1886`), which is where
English puts what is given (Prince 1981, Toward a taxonomy of given-new information).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..document import BlockKind
from ..text import FUNCTION_WORDS, terms

if TYPE_CHECKING:
    from collections.abc import Container

    from ..chunking import Passage

REACH = 2  # sentences before the one that is quoted
_CONNECTIVES = (
    r"[\W_]*(?:(?:and|but|so|yet|then|thus|hence|also|however|therefore|moreover|furthermore|nevertheless|nonetheless|"
    r"consequently|accordingly|additionally|similarly|likewise|instead|meanwhile|indeed|finally|today|later|afterwards|"
    r"in\ (?:addition|fact|turn|particular|contrast)|as\ a\ result|for\ (?:example|instance|this\ reason))\b[\s,]*)*"
)
_PRONOUN = re.compile(
    rf"""{_CONNECTIVES}(?:(?:he|she|it|they|his|her|its|their|this|these|those|such|both|the\ (?:former|latter|same))\b
    | (?:all|some|many|most|none|one|each|any|neither|either|both|part|parts)\ of\ (?:it|this|these|them|those)\b)""",
    re.IGNORECASE | re.VERBOSE,
)
# `It is known that ...` and `It is possible to ...` point back at nothing.
_EXPLETIVE = re.compile(
    rf"""{_CONNECTIVES}it\s+(?:(?:may|can|could|would|should|must|will)\s+(?:also\s+)?be|
      (?:has|had)\s+(?:\w+\s+)?been|is|was|seems|appears|follows)\s+
    (?:(?:(?!the\b|an?\b)[\w-]+\s+){{0,2}}?(?:that|whether)\b
    | (?:\w+ly\s+)?(?:possible|impossible|important|necessary|essential|better|best|common|usual|hard|easy|
      difficult)\b)""",
    re.IGNORECASE | re.VERBOSE,
)
_KNOWN = re.compile(
    rf"(?i:{_CONNECTIVES}the)\s+(?P<noun>[a-z][\w-]*)"
    r"(?![\w-]|\s+(?:of|that|which|who|whose|where|in|for|to|on|at|from|with|between|by)\b)"
)


def leans(sentence: str, before: str) -> bool:
    """Whether a sentence opens with words that point back at `before`, the sentence before it."""
    if _PRONOUN.match(sentence):
        return _EXPLETIVE.match(sentence) is None
    known = _KNOWN.match(sentence)
    return known is not None and known["noun"] not in FUNCTION_WORDS and set(terms(known["noun"])) <= set(terms(before))


def first_of(passage: Passage, number: int, taken: Container[int] = ()) -> int:
    """The unit that a quote of unit `number` begins with, so that its words say by themselves what they are about.

    At most `REACH` sentences of its own paragraph before it, none of them `taken`, as quoted by itself already;
    `number` where it leans on nothing, or where that many do not tell what it leans on.
    """
    first = number
    while first > 0 and _leans_in(passage, first):
        first -= 1
        if number - first > REACH or first in taken:
            return number
    return first


def _leans_in(passage: Passage, number: int) -> bool:
    """Whether a unit is a sentence that leans on the one before it in its paragraph."""
    before, unit = passage.units[number - 1 : number + 1]
    if not before.kind == unit.kind == BlockKind.PARAGRAPH:
        return False
    gap = passage.between(before.end, unit.start)
    texts = (passage.between(one.start, one.end) for one in (unit, before))
    return gap.count("\n") < 2 and leans(*texts)  # an empty line ends a paragraph
