"""BM25 over stemmed words (Lucene's variant).

What each word adds to the score of each passage is worked out once, as in bm25s (Lù 2024), which the tests compare it
with; a query then adds up the columns of its words, of those passages alone that may be among the best.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from ..text import terms
from .blobs import array_in, pieces_of, release
from .choices import Remembered, mask_of
from .counting import Counts, count, weights

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from .blobs import Data, Pieces

_ARRAYS = {"data": "<f4", "indices": "<i4", "indptr": "<i8", "counts": "<u2", "lengths": "<i4"}
WORDS = "vocabulary.json"
# Postings of a word from which on it is worth asking whether the rest need be gone through.
_MANY = 20_000
_BOUNDING = 3  # of the rarest words, whose passages bound the score that counts
_BOUNDERS = 4  # times as many of a word's passages as are wanted: those that were best when they were first looked at
_SOME = 0.25  # share of the passages that are looked among, from which on it is sooner seen afterwards which they are
_FEW = 2_000  # passages that are always sought one by one
_LOOKED_UP = 16  # postings that are gone through in the time in which a passage is looked up in them
# Scores are summed in another order than that of the query at first, which changes the last digits.
_SLACK = 0.999
FILES = (*(f"{name}.npy" for name in _ARRAYS), WORDS)


class LexicalIndex:
    """What each word adds to each passage: a sparse matrix by columns, a column a word of the vocabulary."""

    def __init__(self, texts: Iterable[str]) -> None:
        """Index texts, one a passage."""
        counts = count(texts)
        self._take(counts, weights(counts))

    def _take(self, counts: Counts, added: NDArray[np.float32]) -> None:
        self._counts, self._added, self._count = counts, added, len(counts.lengths)
        self._vocabulary = {word: number for number, word in enumerate(counts.words)}
        self._masks = Remembered(lambda numbers: mask_of(numbers, self._count))

    @classmethod
    def of(cls, counts: Counts) -> LexicalIndex:
        """Index what was counted."""
        lexical = cls.__new__(cls)
        lexical._take(counts, weights(counts))
        return lexical

    @classmethod
    def from_files(cls, files: Mapping[str, Data], passages: int) -> LexicalIndex:
        """Read what `to_files` wrote.

        Raises:
            ValueError: the files do not hold an index over so many passages.

        """
        arrays = {name: array_in(files[f"{name}.npy"], kind) for name, kind in _ARRAYS.items()}
        words = json.loads(bytes(files[WORDS]))
        added = arrays.pop("data")
        _check(arrays, added, words, passages)
        lexical = cls.__new__(cls)
        lexical._take(Counts(tuple(words), **arrays), added)
        for data in files.values():
            release(data)
        return lexical

    def to_files(self) -> dict[str, Pieces]:
        """The index as named files."""
        files = {f"{name}.npy": pieces_of(self._array(name)) for name in _ARRAYS}
        return files | {WORDS: [memoryview(json.dumps(self._counts.words, ensure_ascii=False).encode())]}

    def _array(self, name: str) -> NDArray[Any]:
        values: NDArray[Any] = self._added if name == "data" else getattr(self._counts, name)
        return values

    @property
    def counts(self) -> Counts:
        """How often each word occurs in each passage."""
        return self._counts

    def best(self, query: str, k: int, among: NDArray[np.int64] | None = None) -> NDArray[np.int64]:
        """Numbers of the `k` passages that score highest, best first, ties by number; none that scores 0.

        The words that most passages hold add least. As soon as the rare ones alone put `k` passages out of the reach
        of all that hold none of them, the frequent ones are looked up only for passages that may still be among the
        `k` (MaxScore; Turtle & Flood 1995): what comes out is what a score of every passage would give.

        Args:
            query: a question or words.
            k: how many.
            among: numbers of the passages to look among, ascending, each once; `None` looks among all.

        """
        columns = self._columns(query)
        if not columns or k < 1 or (among is not None and not len(among)):
            return np.zeros(0, dtype=np.int64)
        if among is not None and len(among) == self._count:
            among = None
        numbers = self._candidates(columns, k, among)
        scores = self._scores(columns, numbers)
        order = np.lexsort((numbers, -scores))[:k]
        best: NDArray[np.int64] = numbers[order][scores[order] > 0]
        return best

    def _candidates(self, columns: list[int], k: int, among: NDArray[np.int64] | None) -> NDArray[np.int64]:
        """Numbers, ascending, of passages that hold any of the words, those of the `k` best among them."""
        times = Counter(columns)
        waiting = sorted(times, key=self._held)
        # What a column adds is at most its word's rarity, as BM25 saturates.
        most = [times[column] * self._ceiling(column) for column in waiting]
        scores = np.zeros(self._count, dtype=np.float32)
        bounding: list[NDArray[Any]] = []
        mask = None if among is None else self._masks.of(among)
        share = 1.0 if among is None else len(among) / self._count
        for done, column in enumerate(waiting, 1):
            # Adding a word to passages that are not looked among is cheaper than leaving them out first.
            numbers, added = self._postings(column, among)
            np.add.at(scores, numbers, added if times[column] == 1 else added * np.float32(times[column]))
            if len(bounding) < _BOUNDING and len(numbers) >= k:
                bounding.append(_bounders(numbers, scores, _BOUNDERS * k, mask, share))
            if done < len(waiting) and self._held(waiting[done]) < _MANY:
                continue  # it is sooner added than anything is found out
            # Any `k` passages bound the `k`-th best from below; those that hold a rare word do so well.
            least = max((_least(scores[one], k) for one in bounding), default=0.0)
            if (rest := sum(most[done:])) < _SLACK * least:
                near = _only(np.flatnonzero(scores >= np.float32(_SLACK * least - rest)), mask)
                return self._narrowed(near, scores[near], waiting[done:], times, most[done:], k)
        return _only(np.flatnonzero(scores > 0), mask)

    def _narrowed(
        self, numbers: NDArray[np.int64], reached: NDArray[np.float32], waiting: list[int], times: Counter[int],
        most: list[float], k: int,
    ) -> NDArray[np.int64]:  # fmt: skip
        """Those of the passages that may still be among the `k` best when the waiting columns are added too."""
        for done, column in enumerate(waiting, 1):
            reached = reached + np.float32(times[column]) * self._looked_up(column, numbers)
            kept = reached >= _SLACK * _least(reached, k) - sum(most[done:])
            numbers, reached = numbers[kept], reached[kept]
        return numbers

    def scores(self, query: str, numbers: NDArray[np.int64]) -> NDArray[np.float32]:
        """BM25 scores of the passages with these numbers, float32 of the same shape; 0 where no word is shared."""
        return self._scores(self._columns(query), numbers)

    def _scores(self, columns: list[int], numbers: NDArray[np.int64]) -> NDArray[np.float32]:
        scores = np.zeros(len(numbers), dtype=np.float32)
        for column in columns:  # in the order of the query, as a sum depends on it
            scores += self._looked_up(column, numbers)
        return scores

    def _columns(self, query: str) -> list[int]:
        """Columns of the words of a query, in its order, repeats kept."""
        return [column for term in terms(query) if (column := self._vocabulary.get(term)) is not None]

    def _held(self, column: int) -> int:
        """How many passages hold a word."""
        indptr = self._counts.indptr
        return int(indptr[column + 1] - indptr[column])

    def _ceiling(self, column: int) -> float:
        """What a word adds to a score at most: its inverse document frequency, as Lucene counts it."""
        held = self._held(column)
        return math.log(1 + (self._count - held + 0.5) / (held + 0.5))

    def _column(self, column: int) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Numbers of the passages that hold a word, ascending, and what it adds to each."""
        held = slice(int(self._counts.indptr[column]), int(self._counts.indptr[column + 1]))
        return self._counts.indices[held], self._added[held]

    def _postings(self, column: int, among: NDArray[np.int64] | None) -> tuple[NDArray[Any], NDArray[np.float32]]:
        """The same, without what is not looked among where each of those is sooner looked up."""
        numbers, added = self._column(column)
        if among is None or _LOOKED_UP * len(among) >= len(numbers):
            return numbers, added
        added = self._looked_up(column, among)
        held = np.flatnonzero(added)
        return among[held], added[held]

    def _looked_up(self, column: int, numbers: NDArray[np.int64]) -> NDArray[np.float32]:
        """What a word adds to these passages; 0 where it does not occur."""
        held, added = self._column(column)
        if not len(held):
            return np.zeros(len(numbers), dtype=np.float32)
        # Sooner all are written down than each is sought.
        if _LOOKED_UP * len(numbers) > len(held) and len(numbers) > _FEW:
            every = np.zeros(self._count, dtype=np.float32)
            np.add.at(every, held, added)
            return every[numbers]
        places = np.minimum(np.searchsorted(held, numbers.astype(held.dtype)), len(held) - 1)
        return np.where(held[places] == numbers, added[places], np.float32(0))

    def holds(self, term: str, among: NDArray[np.int64] | None = None) -> bool:
        """Whether a stemmed term occurs in any passage, or in any of these."""
        column = self._vocabulary.get(term)
        if column is None or among is None:
            return column is not None
        return bool(self._looked_up(column, among).any())

    def passages_with(self, term: str) -> NDArray[np.int64]:
        """Numbers of the passages that hold a stemmed term, ascending, int64 of shape (found,)."""
        column = self._vocabulary.get(term)
        return np.zeros(0, dtype=np.int64) if column is None else self._column(column)[0].astype(np.int64)


def _only(numbers: NDArray[Any], mask: NDArray[np.bool_] | None) -> NDArray[Any]:
    """Those of the passages that the mask marks; all without one."""
    return numbers if mask is None else numbers[np.flatnonzero(mask.take(numbers))]


def _highest(numbers: NDArray[Any], scores: NDArray[np.float32], k: int) -> NDArray[Any]:
    """Those `k` of the passages that score highest, in no order."""
    if len(numbers) <= k:
        return numbers
    return numbers[np.argpartition(scores.take(numbers), len(numbers) - k)[len(numbers) - k :]]


def _bounders(
    numbers: NDArray[Any], scores: NDArray[np.float32], k: int, mask: NDArray[np.bool_] | None, share: float
) -> NDArray[Any]:
    """About the `k` best of those of the passages that the mask marks, which are this share of all."""
    if share < _SOME:
        return _highest(_only(numbers, mask), scores, k)
    return _only(_highest(numbers, scores, round(k / share)), mask)  # few are then looked up in the mask


def _least(scores: NDArray[np.float32], k: int) -> float:
    """The `k`-th highest score; 0 where there are not so many."""
    return float(np.partition(scores, len(scores) - k)[len(scores) - k]) if len(scores) >= k else 0.0


def _check(arrays: Mapping[str, NDArray[Any]], added: NDArray[Any], words: object, passages: int) -> None:
    indices, indptr, counts, lengths = (arrays[name] for name in ("indices", "indptr", "counts", "lengths"))
    known = isinstance(words, list) and len(words) == len(indptr) - 1 and all(isinstance(one, str) for one in words)
    whole = len(added) == len(indices) == len(counts) and len(indptr) > 1 and (indptr[0], indptr[-1]) == (0, len(added))
    if not known or not whole or np.any(np.diff(indptr) < 0):
        raise ValueError("its arrays and its words do not fit together")
    if len(lengths) != passages or (len(indices) and not 0 <= int(indices.min()) <= int(indices.max()) < passages):
        raise ValueError(f"it does not count {passages} passages")
