"""The ledger of disagreements: places of a collection that say different numbers, dates or names in like sentences.

Sentences and items that share most of their content words are found by a set-similarity join with prefix filtering
(Chaudhuri et al. 2006, Bayardo et al. 2007): sets that are alike share one of their rarest words, so that only those
are compared, and the work does not grow with the square of the collection. Two that are found are aligned word by word
(`difflib`, Ratcliff & Obershelp). They disagree where all that was exchanged is a number, or a date, or a name, in the
same place. Where another word or a second kind of value is exchanged too ("basic plan $10", "premium plan $20") they
speak of different things; and so they do where what differs stands at the beginning, as what is spoken of does.
Rows disagree where columns, headings and the cell that names the row are the same.

It is a list for a person to read and not a verdict: each entry holds both quotes with their addresses.
"""

from __future__ import annotations

import calendar
import re
from collections import Counter, defaultdict
from dataclasses import asdict, dataclass
from difflib import SequenceMatcher
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..document import BlockKind
from ..text import FUNCTION_WORDS, Span, fold, plain, terms

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..chunking import Passage, Unit
    from ..index import Store

ALIKE = 0.6  # least Jaccard similarity of the content words of two sentences, numbers and names left out
MIN_WORDS = 3  # content words and names that two sentences share at least, two of them words
LEAST = 0.5  # likeness of a pair that is listed
MAX_SHARING = 200  # a word that more sentences have tells none of them apart
_BEFORE = 2  # content words that both have before the first difference: less, and it is what is spoken of that differs
_APART = 3  # passages from which on two sentences of one section do not stand side by side
_WORD = re.compile(r"[$€£]|\d+(?:[.,]\d+)*%?|[^\W\d_]+(?:['’&-][^\W\d_]+)*")  # noqa: RUF001
# Addresses, also those that a link of Markdown points at, tags and directives: they are no words of the sentence.
_TARGET = re.compile(r"(?<=\])\([^()\s]*\)|\bhttps?://\S+|<[^<>]*>?|^\.\. .*", re.MULTILINE)
_YEAR = re.compile(r"1[5-9]\d\d|20\d\d")
_MONTHS = frozenset(fold(name) for name in calendar.month_name if name)
_DAYS = frozenset(fold(name) for name in calendar.day_name)


class Differs(str, Enum):
    """What two places say differently."""

    NUMBER = "number"
    DATE = "date"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Side:
    """One of two places.

    Attributes:
        document, start, end: where the quote stands.
        line, page: of its first character; no page where the source has none.
        heading: headings above, in one line.
        quote: verbatim.
        says: what it says differently, verbatim; one a difference.

    """

    document: str
    start: int
    end: int
    line: int
    page: int | None
    heading: str
    quote: str
    says: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Two places that say different things in like words; `likeness` in [0, 1] orders them and means nothing else."""

    differs: Differs
    likeness: float
    one: Side
    other: Side

    def to_dict(self) -> dict[str, object]:
        """Plain values for JSON."""
        return asdict(self) | {"differs": self.differs.value, "likeness": round(self.likeness, 4)}


class _Token(NamedTuple):
    key: str  # what is compared
    kind: str  # "word", "function" or a value of `Differs`
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A unit with its tokens, in characters of the document."""

    number: int  # of its passage
    passage: Passage
    unit: Unit
    tokens: tuple[_Token, ...]
    words: frozenset[str]
    names: frozenset[str]


def disagreements(
    index: Store, *, most: int = 200, kinds: frozenset[Differs] = frozenset(Differs)
) -> tuple[Disagreement, ...]:
    """The pairs of a collection, the likest first; each pair of wordings once, however often they stand there.

    Args:
        index: the collection.
        most: how many pairs at most.
        kinds: what may differ. Two dates mostly tell of two moments; numbers more often disagree.

    """
    sentences = list(_sentences(index.passages))
    found: dict[tuple[str, ...], Disagreement] = {}
    for one, other in (*_pairs(sentences), *_row_pairs(index.passages)):
        entry = _compared(index, one, other)
        if entry is None or entry.differs not in kinds:
            continue
        key = tuple(sorted((_wording(entry.one.quote), _wording(entry.other.quote))))
        if key not in found or found[key].likeness < entry.likeness:
            found[key] = entry
    ordered = sorted(found.values(), key=lambda d: (-d.likeness, d.one.document, d.one.start, d.other.document))
    return tuple(ordered[:most])


def _wording(quote: str) -> str:
    return " ".join(quote.split()).casefold()


def _sentences(passages: Sequence[Passage]) -> Iterator[_Sentence]:
    for number, passage in enumerate(passages):
        for unit in passage.units:
            if unit.kind in (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM):
                tokens = _tokens(passage, unit.content)
                words = frozenset(token.key for token in tokens if token.kind == "word")
                names = frozenset(token.key for token in tokens if token.kind == Differs.NAME.value)
                valued = any(token.kind not in ("word", "function") for token in tokens)
                if valued and _enough(words, names):
                    yield _Sentence(number, passage, unit, tokens, words, names)


def _tokens(passage: Passage, span: Span) -> tuple[_Token, ...]:
    """Words, numbers and names of a part of a passage."""
    text = passage.between(*span)
    found: list[_Token] = []
    for match in _WORD.finditer(_TARGET.sub(lambda target: " " * len(target[0]), text)):
        opens = text[: match.start()].rstrip()[-1:] in ("", ".", "?", "!", ":", '"', "“", "•")
        key, kind = _kind(match[0], opens)
        found.append(_Token(key, kind, span.start + match.start(), span.start + match.end()))
    # A number beside a month is part of a date.
    for at, token in enumerate(found):
        beside = found[max(0, at - 1) : at + 2]
        if token.kind == Differs.NUMBER.value and any(one.key in _MONTHS for one in beside):
            found[at] = token._replace(kind=Differs.DATE.value)
    return tuple(found)


def _kind(word: str, opens: bool) -> tuple[str, str]:
    folded = fold(word)
    if word[0].isdigit():
        return re.sub(r"\.0+(?=%?$)", "", folded.replace(",", "")), (
            Differs.DATE if _YEAR.fullmatch(word) else Differs.NUMBER
        ).value
    if word[0] in "$€£" or len(word) == 1 or folded in FUNCTION_WORDS:
        return folded, "function"
    if word[0].isupper() and (folded in _MONTHS or folded in _DAYS):
        return folded, Differs.DATE.value
    if word[0].isupper() and not opens:
        return folded, Differs.NAME.value
    return next(iter(terms(word)), folded), "word"


def _pairs(sentences: Sequence[_Sentence]) -> Iterator[tuple[_Sentence, _Sentence]]:
    """Pairs whose content words are alike, each once; only those that share one of their rarest words are compared."""
    counts = Counter(word for sentence in sentences for word in sentence.words)
    having: dict[str, list[int]] = defaultdict(list)
    for at, sentence in enumerate(sentences):
        rarest = sorted(sentence.words, key=lambda word: (counts[word], word))
        # Of two sets with a Jaccard similarity of ALIKE, one of the first so many words of each is shared.
        prefix = rarest[: len(rarest) - int(np.ceil(ALIKE * len(rarest))) + 1]
        near = {n for word in prefix for n in having[word]}
        for n in sorted(near):
            other = sentences[n]
            shared = sentence.words & other.words
            alike = len(shared) >= ALIKE * len(sentence.words | other.words)
            if alike and _enough(shared, sentence.names & other.names):
                yield other, sentence
        for word in prefix:
            if len(having[word]) < MAX_SHARING:
                having[word].append(at)


def _enough(words: frozenset[str], names: frozenset[str]) -> bool:
    """Whether so much is said that two sentences that share it may speak of one thing."""
    return len(words) >= MIN_WORDS - 1 and len(words) + len(names) >= MIN_WORDS


def _row_pairs(passages: Sequence[Passage]) -> Iterator[tuple[_Sentence, _Sentence]]:
    """Rows of different tables with the same columns, headings and first cell."""
    rows: dict[tuple[object, ...], list[_Sentence]] = defaultdict(list)
    for number, passage in enumerate(passages):
        for unit in passage.units:
            if unit.kind is not BlockKind.TABLE_ROW or unit.is_header or not unit.columns or not unit.cells:
                continue
            first = " ".join(passage.between(*unit.cells[0]).split()).casefold()
            if any(char.isalpha() for char in first):
                row = _Sentence(number, passage, unit, _tokens(passage, unit.content), frozenset(), frozenset())
                same = rows[unit.columns, passage.section, first]
                for other in same[:8]:
                    if (other.passage.document, other.unit.group) != (passage.document, unit.group):
                        yield other, row
                same.append(row)


def _compared(index: Store, one: _Sentence, other: _Sentence) -> Disagreement | None:
    """What two like sentences say differently; `None` where they agree, or speak of different things."""
    if _enumerated(one, other):
        return None
    keys, others = [t.key for t in one.tokens], [t.key for t in other.tokens]
    matcher = SequenceMatcher(None, keys, others, autojunk=False)
    kinds: set[str] = set()
    says: list[tuple[str, str]] = []
    shared = 0
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        left, right = one.tokens[i1:i2], other.tokens[j1:j2]
        if tag == "equal":
            shared += sum(token.kind != "function" for token in left)
            continue
        slot = _slot(left, right)
        if slot == "different":
            return None
        if slot:
            if shared < _BEFORE and not one.unit.cells:
                return None
            kinds.add(slot)
            says.append((_said(one, left), _said(other, right)))
    if len(kinds) != 1 or len(says) > 2 or not _of_one_thing(one, other, kinds, says):
        return None
    # What stands around them tells whether they speak of one thing: their passages are compared by meaning.
    a, b = index.dense.vectors(np.array([one.number, other.number], dtype=np.int64))
    likeness = matcher.ratio() * max(0.0, float(a @ b))
    if likeness < LEAST and not one.unit.cells:
        return None
    left_side, right_side = _side(one, [pair[0] for pair in says]), _side(other, [pair[1] for pair in says])
    return Disagreement(Differs(kinds.pop()), likeness, left_side, right_side)


def _of_one_thing(one: _Sentence, other: _Sentence, kinds: set[str], says: Sequence[tuple[str, str]]) -> bool:
    """Whether what differs is said of one thing, as far as names and headings tell.

    It is not where a side's own document or headings name what only that side says; and of names alone nothing is told
    where the two share few words beside names, or neither another name nor a heading.
    """
    above = [fold(f"{side.passage.document} {side.passage.heading}") for side in (one, other)]
    if any((fold(a) in above[0]) != (fold(a) in above[1]) or (fold(b) in above[0]) != (fold(b) in above[1])
           for a, b in says if kinds == {Differs.NAME.value}):  # fmt: skip
        return False
    if kinds == {Differs.NAME.value} and not one.unit.cells:
        if len(one.words & other.words) < MIN_WORDS:
            return False
        names = [{token.key for token in side.tokens if token.kind == Differs.NAME.value} for side in (one, other)]
        headings = [set(side.passage.section) for side in (one, other)]
        return bool(names[0] & names[1] or headings[0] & headings[1])
    return True


def _enumerated(one: _Sentence, other: _Sentence) -> bool:
    """Whether two stand side by side in a list or in one section, where like sentences tell of different things."""
    if one.passage.document != other.passage.document or one.passage.section != other.passage.section:
        return False
    return one.unit.group == other.unit.group >= 0 or abs(one.number - other.number) < _APART


def _slot(left: Sequence[_Token], right: Sequence[_Token]) -> str:
    """Kind of value that is exchanged in a place: empty where none is, "different" where more than one is or a word."""
    values = [{token.kind for token in side} - {"word", "function"} for side in (left, right)]
    words = [any(token.kind == "word" for token in side) for side in (left, right)]
    if not values[0] and not values[1]:
        return "different" if all(words) else ""
    if all(words) or values[0] != values[1] or len(values[0]) != 1:
        return "different"
    return values[0].pop()


def _said(sentence: _Sentence, tokens: Sequence[_Token]) -> str:
    valued = [token for token in tokens if token.kind not in ("word", "function")]
    return sentence.passage.between(valued[0].start, valued[-1].end)


def _side(sentence: _Sentence, says: Sequence[str]) -> Side:
    passage, unit = sentence.passage, sentence.unit
    quote = passage.between(unit.start, unit.end)
    line = passage.line + passage.text[: unit.start - passage.start].count("\n")
    heading = plain(passage.heading, passage.document)
    return Side(passage.document, unit.start, unit.end, line, passage.page, heading, quote, tuple(says))
