"""A quote looked for in a text: where its words stand again, and else what is nearest to them.

Words are compared without regard to the white space between them (`flat`). A place counts as the quote's own by what
stands around it, as short quotes and rows of tables stand in many places.
"""

from __future__ import annotations

import re
from collections import Counter
from difflib import SequenceMatcher
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from .flat import Flat, flatten

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..text import Span
    from .record import Proof

SHORT = 24  # characters: a quote that is no longer says little by itself
_SAME_AROUND = 0.5  # share of what stood around a quote, from which on a place is its own whatever else is like it
_WHOLLY_AROUND = 0.9  # the same, where one of several places with its words is gone: which one, this alone tells
_MOST_PLACES = 2000
_ANCHOR = 12  # characters before or behind that must be the same for them to show where the quote was
# Likeness in [0, 1] from which on other words are called the changed quote: where what stood on both sides of it still
# does, on one side, and on neither.
_ALIKE_BETWEEN, _ALIKE_BESIDE, _ALIKE_ANYWHERE = 0.4, 0.75, 0.85
_ALIKE_WHOLLY = 0.8
_SHARED = 2 / 3  # of its words, where what stood on one of its sides or on both no longer does
_GAP = 8  # characters between what stood beside a quote and what stands in its place
_FEW = 5  # places where a part may end
_SEED = 3  # words that follow each other
_LONGEST = 6000  # characters that are compared letter by letter
_ENDS_SENTENCE = re.compile(r"[.!?…。！？:;][\"'’”»)\]*_`]*$")  # noqa: RUF001
_LINE_ENDS = re.compile(r"[^\S\r\n]*(?:[\r\n]|$)")
_LINE_BEGAN = re.compile(r"(?:^|[\r\n])[^\S\r\n]*$")


class Near(NamedTuple):
    """The nearest words to a quote.

    Attributes:
        span: characters of the text.
        alike: how like the quote they are, in [0, 1]; 1 is the same.

    """

    span: Span
    alike: float


def stands_alone(text: str, start: int, end: int, proof: Proof) -> bool:
    """Whether nothing has been attached to the words at a place that was not attached to them before.

    `4` is still in `40`, and `Dinghy | 3` in `Dinghy | 3 million`; neither says what the quote said. What ends with the
    end of a sentence may have another behind it.
    """
    behind, before = text[end : end + 64], text[max(0, start - 64) : start]
    if proof.suffix is not None:
        if behind and not behind[0].isspace() and behind[0] != proof.suffix[:1]:
            return False
        ended = _LINE_ENDS.match(proof.suffix) and not _ENDS_SENTENCE.search(proof.quote)
        if ended and not _LINE_ENDS.match(behind):
            return False
    if proof.prefix is not None:
        if before and not before[-1].isspace() and before[-1] != proof.prefix[-1:]:
            return False
        opened = _LINE_BEGAN.search(proof.prefix)
        if opened and not _LINE_BEGAN.search(before) and not _ENDS_SENTENCE.search(before.rstrip()):
            return False
    return True


def again(flat: Flat, text: str, proof: Proof, *, elsewhere: bool = False) -> Span | None:
    """Where the words of a quote stand again; `None` where they do not, or where it is another place that says them.

    Args:
        flat, text: in which it is looked for.
        proof: of the quote.
        elsewhere: whether it is the text of another file, where a few words say nothing by themselves.

    """
    words = flatten(proof.quote)
    expected = flat.near(proof.start)
    spans = {at: flat.span(at, at + len(words)) for at in islice(_all(words, flat.text), _MOST_PLACES)}
    places = [
        (round(_around(flat.text, at, at + len(words), proof), 3), -abs(at - expected), span)
        for at, span in spans.items()
        if stands_alone(text, *span, proof)
    ]
    if not places:
        return None
    around, _, span = max(places)
    # `4` is in `40` too, where it says something else: places that hold the words, and those where they stand alone.
    lost, fewer = (proof.occurrences is not None and len(one) < proof.occurrences for one in (spans, places))
    if lost and around < _WHOLLY_AROUND:
        return None
    if not any(text[slice(*place)] == proof.quote for _, _, place in places):
        # What differs from it in white space alone may have stood there before, and other words now in its place.
        near = _in_place(flat, proof)
        if near is not None and near.span != span:
            return None
    own = flat.text[slice(*between)].strip() if fewer and (between := _own_place(flat, proof)) is not None else words
    if own != words and (lost or words in own):
        return None  # one of several like it is gone, and what stood around it has other words between
    if around >= _SAME_AROUND or proof.prefix is None or proof.suffix is None:
        return span
    telling = len(words) > SHORT and len(places) == 1
    if elsewhere:
        return span if telling and not fewer else None
    # Where as many places hold the words as there were, it is one of them.
    return span if (proof.occurrences is not None and not lost) or (not fewer and (telling or around > 0)) else None


def _all(words: str, text: str) -> Iterator[int]:
    at = text.find(words)
    while at >= 0:
        yield at
        at = text.find(words, at + 1)


def _around(flat: str, start: int, end: int, proof: Proof) -> float:
    """Which share of what stood before and behind a quote stands there too, counted from the quote on; in [0, 1]."""
    prefix, suffix = flatten(proof.prefix or ""), flatten(proof.suffix or "")
    if not prefix and not suffix:
        return float(not flat[:start].strip() and not flat[end:].strip())
    before, behind = flat[max(0, start - len(prefix) - 1) : start].rstrip(), flat[end : end + len(suffix) + 1].lstrip()
    same = _common(prefix[::-1], before[::-1]) + _common(suffix, behind)
    # Where the text began or ended with the quote, that is something that stood around it.
    return same / (len(prefix) + len(suffix))


def _common(one: str, other: str) -> int:
    """How many characters two texts have in common from their beginning on."""
    for number, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return number
    return min(len(one), len(other))


def nearest(flat: Flat, proof: Proof, *, anywhere: bool = True) -> Near | None:
    """What stands where the quote stood, or what is nearest to it elsewhere; `None` where nothing is like it.

    Args:
        flat: the text.
        proof: of the quote.
        anywhere: whether it counts where what stood on both sides of the quote is not there.

    """
    words = flatten(proof.quote)
    between = _own_place(flat, proof) is not None
    found = _in_place(flat, proof) if between or anywhere else None
    if found is not None or between or not anywhere or len(words) <= SHORT:
        return found
    found = _best(flat, words, _seeded(words, flat.text), _ALIKE_ANYWHERE)
    return None if found is not None and _is_beside(flat, found.span, proof) else found


def _is_beside(flat: Flat, span: Span, proof: Proof) -> bool:
    """Whether words are what stood beside a quote, and so not what has become of it."""
    start, end = flat.near(span.start), flat.near(span.end)
    after, ahead = _sides(flat, proof)
    return any(start < at <= end for at in after) or any(start <= at < end for at in ahead)


def _in_place(flat: Flat, proof: Proof) -> Near | None:
    """What stands in a quote's place, between or beside what stood beside it; `None` where that is not like it."""
    words = flatten(proof.quote)
    own = _own_place(flat, proof)
    if own is not None:
        part = flat.text[slice(*own)]
        return _best(flat, words, [own], 0 if words in part else _ALIKE_BETWEEN, whole=True)
    reaches = len(words) + 2 * _GAP, len(words) + len(words) // 2 + 40
    after, ahead = _sides(flat, proof)
    parts = [([(at, at + far) for far in reaches], 1) for at in after[:2]]
    parts += [([(at - far, at) for far in reaches], -1) for at in ahead[:2]]
    found = (_best(flat, words, ways, _ALIKE_BESIDE, edge=edge) for ways, edge in parts)
    return next((near for near in found if near is not None), None)


def _sides(flat: Flat, proof: Proof) -> tuple[list[int], list[int]]:
    """Where what stood before a quote ends, and where what stood behind it begins, the nearest to its place first."""
    expected = flat.near(proof.start)
    prefix, suffix = flatten(proof.prefix or ""), flatten(proof.suffix or "")
    after = [at + len(prefix) for at in _anchors(prefix, flat.text, at_end=True)]
    ahead = list(_anchors(suffix, flat.text, at_end=False))
    return sorted(after, key=lambda at: abs(at - expected)), sorted(ahead, key=lambda at: abs(at - expected))


def _anchors(around: str, text: str, *, at_end: bool) -> list[int]:
    """Where what stood beside a quote stands; the part of it that is next to the quote is enough."""
    if len(around) < _ANCHOR:
        return []
    if found := list(islice(_all(around, text), _MOST_PLACES)):
        return found
    short = around[-_ANCHOR:] if at_end else around[:_ANCHOR]
    skip = len(around) - len(short) if at_end else 0
    return [at - skip for at in islice(_all(short, text), _MOST_PLACES)]


def _own_place(flat: Flat, proof: Proof) -> tuple[int, int] | None:
    """The part of the flat text between what stood before a quote and what stood behind it; `None` where there is none.

    Where rows of a table end alike there are several such parts; the one that begins nearest to the quote's place is
    its own. Where what stood behind it begins as the quote does, it may end at the quote's own beginning: then one that
    ends further on is taken, if that is the quote all but for little.
    """
    after, ahead = _sides(flat, proof)
    words = flatten(proof.quote)
    most = 3 * len(words) + 200
    for here in after:
        behind = sorted(there for there in ahead if 0 <= there - here <= most)[:_FEW]
        if behind:
            return here, next((one for one in behind if _is_longer(words, flat.text[here:one].strip())), behind[0])
    return None


def _is_longer(words: str, other: str) -> bool:
    """Whether a text is a quote all but for a little that was put in or exchanged."""
    if len(other) > min(_LONGEST, len(words) + len(words) // 2 + 4 * _GAP):
        return False
    return words in other or SequenceMatcher(None, words, other, autojunk=False).ratio() >= _ALIKE_WHOLLY


def _seeded(words: str, text: str) -> list[tuple[int, int]]:
    """Parts of a text that hold words of a quote in its order, the one with most of them."""
    votes: dict[int, int] = {}
    at, parts = 0, words.split(" ")
    step = max(20, len(words) // 2)
    for number in range(len(parts) - _SEED + 1):
        seed = " ".join(parts[number : number + _SEED])
        for found in islice(_all(seed, text), 50):
            votes[(found - at) // step] = votes.get((found - at) // step, 0) + 1
        at += len(parts[number]) + 1
    if not votes:
        return []
    most = max(votes, key=lambda one: votes[one] + votes.get(one + 1, 0))
    return [(most * step - step, most * step + len(words) + 3 * step)]


def _best(
    flat: Flat, words: str, parts: list[tuple[int, int]], least: float, *, whole: bool = False, edge: int = 0
) -> Near | None:  # fmt: skip
    """The part that is most like a quote, if it is enough so; see `_near`."""
    found = (_near(flat, words, max(0, start), end, whole=whole, edge=edge) for start, end in parts)
    alike = [near for near in found if near is not None and near.alike >= least]
    if not whole:
        alike = [near for near in alike if _shares(words, flat.text[flat.near(near.span[0]) : flat.near(near.span[1])])]
    return max(alike, key=lambda near: near.alike, default=None)


def _shares(words: str, part: str) -> bool:
    """Whether a part of a flat text has enough of a quote's words; letters are alike sooner."""
    wanted = Counter(words.split(" "))
    return sum((wanted & Counter(part.split(" "))).values()) >= _SHARED * sum(wanted.values())


def _near(flat: Flat, words: str, start: int, end: int, *, whole: bool, edge: int) -> Near | None:
    """The words of a part of the flat text that are like a quote.

    Args:
        flat: the text.
        words: of the quote.
        start, end: of the part.
        whole: whether all of its words are meant.
        edge: 1 where they must stand at its beginning, -1 at its end, else 0.

    """
    part = flat.text[start:end]
    start, part = start + len(part) - len(part.lstrip()), part.strip()
    if not part or len(part) > _LONGEST or len(words) > _LONGEST:
        return None
    matcher = SequenceMatcher(None, words, part, autojunk=False)
    first, last = (0, len(part)) if whole else _trimmed(matcher, part)
    gap = {1: first, -1: len(part) - last}.get(edge, 0)
    if last <= first or gap > (_GAP if words not in part else 4 * _GAP):  # all of them, and some more
        return None
    matcher.set_seq2(part[first:last])
    return Near(flat.span(start + first, start + last), matcher.ratio())


def _trimmed(matcher: SequenceMatcher[str], part: str) -> tuple[int, int]:
    """The part from its first to its last word that has something of the quote, stray letters left out."""
    blocks = [block for block in matcher.get_matching_blocks() if block.size >= 3]
    if not blocks:
        return 0, 0
    first, last = blocks[0].b, blocks[-1].b + blocks[-1].size
    while first > 0 and not part[first - 1].isspace():
        first -= 1
    while last < len(part) and not part[last].isspace():
        last += 1
    while first < last and part[first].isspace():
        first += 1
    while last > first and part[last - 1].isspace():
        last -= 1
    return first, last


def difference(old: str, new: str) -> tuple[tuple[str, str, str], ...]:
    """What became of a quote, word by word: `(equal | changed | removed | added, words before, words now)`."""
    before, now = old.split(), new.split()
    kinds = {"equal": "equal", "replace": "changed", "delete": "removed", "insert": "added"}
    return tuple(
        (kinds[kind], " ".join(before[a:b]), " ".join(now[c:d]))
        for kind, a, b, c, d in SequenceMatcher(None, before, now, autojunk=False).get_opcodes()
    )
