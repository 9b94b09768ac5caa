"""How often each word occurs in each passage, and what it adds to the passage's BM25 score.

Counts are what an index keeps of its words: with them a rebuild counts only the passages that are new, and works out
what every word adds anew, as the mean length and the rarity of words have changed.
"""

from __future__ import annotations

import bisect
import math
from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..text import terms

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

K1, B = 1.2, 0.75
_AT_ONCE = 1 << 20  # postings that are worked out at once
_WORDS_AT_ONCE = 1 << 21  # of texts that are counted together: all at once take several times their counts


@dataclass(frozen=True, slots=True)
class Counts:
    """A sparse matrix of counts by columns, a column a word.

    Attributes:
        words: stemmed, in the order of the alphabet; the empty one, which no passage holds, first.
        indptr: where each column begins, and where the last ends: int64, shape (words + 1,).
        indices: passages that hold the word, ascending in each column: int32, shape (postings,).
        counts: how often each holds it: uint16, of the same shape.
        lengths: words of each passage: int32, shape (passages,).

    """

    words: tuple[str, ...]
    indptr: NDArray[np.int64]
    indices: NDArray[np.int32]
    counts: NDArray[np.uint16]
    lengths: NDArray[np.int32]


def count(texts: Iterable[str]) -> Counts:
    """Counts of texts, one a passage; they are gone through once, some at a time."""
    seen: dict[str, int] = {"": 0}
    found, lengths = array("i"), array("i")
    parts: list[_Counted] = []
    done = 0
    for text in texts:
        before = len(found)
        found.extend(seen.setdefault(term, len(seen)) for term in terms(text))
        lengths.append(len(found) - before)
        if len(found) >= _WORDS_AT_ONCE:
            parts.append(_counted(found, lengths[done:], done))
            found, done = array("i"), len(lengths)
    parts.append(_counted(found, lengths[done:], done))
    words = sorted(seen)
    places = {word: number for number, word in enumerate(words)}
    new = np.array([places[word] for word in seen], dtype=np.int64)
    held = np.zeros(len(words), dtype=np.int64)
    for part in parts:
        held[new[part.words]] += part.held
    indptr = np.concatenate([[0], np.cumsum(held)])
    indices, times = np.empty(indptr[-1], dtype=np.int32), np.empty(indptr[-1], dtype=np.uint16)
    free = indptr[:-1].copy()
    for part in parts:  # passages ascend from part to part
        columns = new[part.words]
        begins = np.cumsum(part.held) - part.held
        at = np.repeat(free[columns] - begins, part.held) + np.arange(len(part.indices))
        indices[at], times[at] = part.indices, part.times
        free[columns] += part.held
    return Counts(tuple(words), indptr, indices, times, _numbers(lengths))


class _Counted(NamedTuple):
    """Counts of some passages: words in the order in which they were first seen, and how many hold each."""

    words: NDArray[np.int64]
    held: NDArray[np.int64]
    indices: NDArray[np.int32]
    times: NDArray[np.uint16]


def _counted(found: array[int], lengths: array[int], first: int) -> _Counted:
    """Counts of passages from number `first` on; `found` are the numbers of their words, `lengths` of each."""
    sizes, numbers = _numbers(lengths), _numbers(found)
    keys = numbers.astype(np.int64) * len(sizes) + np.repeat(np.arange(len(sizes)), sizes)
    keys, times = np.unique(keys, return_counts=True)
    columns, indices = np.divmod(keys, max(1, len(sizes)))
    words, held = np.unique(columns, return_counts=True)
    return _Counted(words, held, (indices + first).astype(np.int32), _times(times))


def _numbers(values: array[int]) -> NDArray[np.int32]:
    return np.frombuffer(values, dtype=np.int32) if values else np.zeros(0, np.int32)


def merge(old: Counts, places: NDArray[np.int64], added: Counts, numbers: NDArray[np.int64]) -> Counts:
    """Counts of passages of which some were counted before.

    Args:
        old: of the passages that were there.
        places: the new number of each of these, -1 where it is gone: int64, shape (old passages,).
        added: of the other passages.
        numbers: the new number of each of those, ascending.

    Returns:
        What `count` gives for all of them together.

    """
    to, numbers = places.astype(np.int32), numbers.astype(np.int32)
    first = to[old.indices]
    gone = np.flatnonzero(first < 0)
    held = np.diff(old.indptr) - np.bincount(_columns_of(old, gone), minlength=len(old.words))
    times = old.counts
    if len(gone):
        stays = first >= 0
        first, times = first[stays], times[stays]
    used = np.flatnonzero(held)
    words, moved, new = _united([old.words[column] for column in used], added.words)
    ours = np.zeros(len(words), dtype=np.int64)
    ours[moved] = held[used]
    begins = np.concatenate([[0], np.cumsum(ours)])
    if np.any(np.diff(to[to >= 0]) < 0):  # documents were renamed, so that their order is another
        order = np.lexsort((first, np.repeat(np.arange(len(words), dtype=np.int32), ours)))
        first, times = first[order], times[order]
    other = numbers[added.indices]
    behind = np.empty(len(other), dtype=np.int64)  # how many of the old ones stand before each of the new ones
    for column, begin, end in zip(new, added.indptr[:-1].tolist(), added.indptr[1:].tolist(), strict=True):
        if begin < end:
            at, after = begins[column], begins[column + 1]
            behind[begin:end] = at + np.searchsorted(first[at:after], other[begin:end])
    ours[new] += np.diff(added.indptr)
    count_ = int(np.count_nonzero(to >= 0)) + len(numbers)
    lengths = np.zeros(count_, dtype=np.int32)
    lengths[to[to >= 0]] = old.lengths[to >= 0]
    lengths[numbers] = added.lengths
    inserted = behind + np.arange(len(behind))
    return Counts(
        words, np.concatenate([[0], np.cumsum(ours)]), _with(first, inserted, other),
        _with(times, inserted, added.counts), lengths,
    )  # fmt: skip


def _columns_of(counts: Counts, places: NDArray[np.int64]) -> NDArray[np.int64]:
    """Columns of the postings that stand at these places, ascending."""
    return np.searchsorted(counts.indptr, places, side="right") - 1


def _united(used: list[str], added: Sequence[str]) -> tuple[tuple[str, ...], NDArray[np.int64], list[int]]:
    """The words of both, each in the order of the alphabet, and the number among all of each of the one and the other.

    The empty word, which the second holds, comes first.
    """
    places = [bisect.bisect_left(used, word) for word in added]
    fresh = [place == len(used) or used[place] != word for place, word in zip(places, added, strict=True)]
    at = np.array([place for place, is_new in zip(places, fresh, strict=True) if is_new], dtype=np.int64)
    numbers = np.arange(len(used))
    moved = numbers + np.searchsorted(at, numbers, side="right")
    before = np.cumsum([0, *fresh])[:-1]
    words = sorted([*used, *(word for word, is_new in zip(added, fresh, strict=True) if is_new)])
    return tuple(words), moved, (np.array(places, dtype=np.int64) + before).tolist()


def _with(values: NDArray[Any], places: NDArray[np.int64], others: NDArray[Any]) -> NDArray[Any]:
    """An array in which the others stand at these places, ascending, and the values, in their order, at those left."""
    if not len(places):
        return values
    out = np.empty(len(values) + len(others), dtype=values.dtype)
    left = np.ones(len(out), dtype=np.bool_)
    left[places] = False
    out[places], out[left] = others, values
    return out


def _times(values: NDArray[Any]) -> NDArray[np.uint16]:
    times: NDArray[np.uint16] = np.minimum(values, np.iinfo(np.uint16).max).astype(np.uint16)
    return times


def rarities(held: Sequence[int], passages: int) -> NDArray[np.float32]:
    """Inverse document frequency of words by how many passages hold them, as Lucene has it; 0 where none does."""
    known = {one: math.log(1 + (passages - one + 0.5) / (one + 0.5)) if one else 0.0 for one in set(held)}
    return np.array([known[one] for one in held], dtype=np.float32)


def weights(counted: Counts) -> NDArray[np.float32]:
    """What each posting adds to the score of its passage: BM25 in Lucene's variant (Kamphuis et al. 2020)."""
    held = np.diff(counted.indptr)
    rarity = rarities(held.tolist(), len(counted.lengths))
    mean = float(counted.lengths.mean()) if len(counted.lengths) else 0.0
    norms = K1 * ((1 - B) + B * counted.lengths / (mean or 1.0))
    out = np.empty(len(counted.indices), dtype=np.float32)
    for at in range(0, len(out), _AT_ONCE):
        these = slice(at, at + _AT_ONCE)
        times = counted.counts[these].astype(np.float64)
        ends = np.clip(counted.indptr, at, at + _AT_ONCE)
        mine = np.repeat(rarity, ends[1:] - ends[:-1])
        out[these] = mine * (times / (norms[counted.indices[these]] + times))
    return out
