"""How often each word occurs in each passage, and what it adds to the passage's BM25 score.

Counts are what an index keeps of its words: with them a rebuild counts only the passages that are new, and works out
what every word adds anew, as the mean length and the rarity of words have changed.
"""

from __future__ import annotations

import math
from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..text import terms

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

K1, B = 1.2, 0.75
_AT_ONCE = 1 << 23  # postings that are worked out at once


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
    """Counts of texts, one a passage."""
    seen: dict[str, int] = {"": 0}
    found, lengths = array("i"), array("i")
    for text in texts:
        before = len(found)
        found.extend(seen.setdefault(term, len(seen)) for term in terms(text))
        lengths.append(len(found) - before)
    words = sorted(seen)
    places = {word: number for number, word in enumerate(words)}
    new = np.array([places[word] for word in seen], dtype=np.int64)
    sizes = np.frombuffer(lengths, dtype=np.int32) if lengths else np.zeros(0, np.int32)
    numbers = np.frombuffer(found, dtype=np.int32) if found else np.zeros(0, np.int32)
    keys = new[numbers] * len(sizes) + np.repeat(np.arange(len(sizes)), sizes)
    keys, times = np.unique(keys, return_counts=True)
    columns, indices = np.divmod(keys, max(1, len(sizes)))
    return Counts(tuple(words), _begins(columns, len(words)), indices.astype(np.int32), _times(times), sizes)


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
    kept = places[old.indices] if len(old.indices) else np.zeros(0, np.int64)
    stays = kept >= 0
    columns = np.repeat(np.arange(len(old.words), dtype=np.int32), np.diff(old.indptr))[stays]
    used = np.flatnonzero(np.bincount(columns, minlength=len(old.words)))
    words = sorted({"", *(old.words[column] for column in used), *added.words})
    at = {word: number for number, word in enumerate(words)}
    moved = np.array([at.get(word, -1) for word in old.words], dtype=np.int64)
    new_columns = np.array([at[word] for word in added.words], dtype=np.int64)
    count_ = int(np.count_nonzero(places >= 0)) + len(numbers)
    first = moved[columns] * count_ + kept[stays]
    other = np.repeat(new_columns, np.diff(added.indptr)) * count_ + numbers[added.indices]
    times = old.counts[stays]
    if np.any(first[1:] < first[:-1]):  # documents were renamed, so that their order is another
        order = np.argsort(first)
        first, times = first[order], times[order]
    behind = np.searchsorted(first, other)
    keys = np.insert(first, behind, other)
    lengths = np.zeros(count_, dtype=np.int32)
    lengths[places[places >= 0]] = old.lengths[places >= 0]
    lengths[numbers] = added.lengths
    column, indices = np.divmod(keys, max(1, count_))
    return Counts(
        tuple(words), _begins(column, len(words)), indices.astype(np.int32), np.insert(times, behind, added.counts),
        lengths,
    )  # fmt: skip


def _begins(columns: NDArray[Any], count: int) -> NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(np.bincount(columns, minlength=count))]).astype(np.int64)


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
    columns = np.repeat(np.arange(len(held), dtype=np.int32), held)
    for at in range(0, len(out), _AT_ONCE):
        these = slice(at, at + _AT_ONCE)
        times = counted.counts[these].astype(np.float64)
        out[these] = rarity[columns[these]] * (times / (norms[counted.indices[these]] + times))
    return out
