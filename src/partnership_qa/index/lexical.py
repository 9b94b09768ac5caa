"""BM25 over stemmed words (Lucene's variant, by bm25s); the only user of bm25s.

bm25s works out, once, what each word adds to the score of each passage; a query then adds up the columns of its words.
"""

from __future__ import annotations

import io
import json
import math
import os
from array import array
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from ..text import terms

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

_ARRAYS = {"data": np.float32, "indices": np.int32, "indptr": np.int32}
# Postings of a word from which on it is worth asking whether the rest need be gone through.
_MANY = 20_000
_LOOKED_UP = 16  # postings that are gone through in the time in which a passage is looked up in them
# Scores are summed in another order than that of the query at first, which changes the last digits.
_SLACK = 0.999
FILES = (*(f"{name}.npy" for name in _ARRAYS), "vocabulary.json")


class LexicalIndex:
    """What each word adds to each passage: a sparse matrix by columns, a column a word of the vocabulary."""

    def __init__(self, texts: Iterable[str]) -> None:
        """Index texts, one a passage."""
        seen: dict[str, int] = {"": 0}
        documents = [array("i", (seen.setdefault(term, len(seen)) for term in terms(text))) for text in texts]
        if not any(documents):  # a corpus of signs alone: there is no mean length to divide by
            documents = [array("i", [0]) for _ in documents]
        # Numbered in the order of the alphabet: bm25s itself goes through a set, whose order differs between runs.
        vocabulary = {term: number for number, term in enumerate(sorted(seen))}
        numbers = [vocabulary[term] for term in seen]
        for document in documents:
            document[:] = array("i", (numbers[place] for place in document))
        bm25 = _bm25s().BM25(k1=1.2, b=0.75, method="lucene")
        bm25.index((documents, vocabulary), show_progress=False)
        arrays = {name: np.asarray(bm25.scores[name], dtype=kind) for name, kind in _ARRAYS.items()}
        self._take(arrays, vocabulary, len(documents))

    def _take(self, arrays: Mapping[str, NDArray[Any]], vocabulary: dict[str, int], count: int) -> None:
        self._arrays, self._vocabulary, self._count = dict(arrays), vocabulary, count

    @classmethod
    def from_files(cls, files: Mapping[str, bytes], count: int) -> LexicalIndex:
        """Read what `to_files` wrote; nothing is unpickled.

        Raises:
            ValueError: the files do not hold an index over `count` passages.

        """
        try:
            arrays = {name: np.load(io.BytesIO(files[f"{name}.npy"]), allow_pickle=False) for name in _ARRAYS}
        except (EOFError, MemoryError) as error:  # a header that claims more than there is
            raise ValueError("an array of it ends early") from error
        vocabulary = json.loads(files["vocabulary.json"])
        _check(arrays, vocabulary, count)
        lexical = cls.__new__(cls)
        lexical._take(arrays, vocabulary, count)
        return lexical

    def to_files(self) -> dict[str, bytes]:
        """The index as named files."""
        files = {}
        for name, values in self._arrays.items():
            stream = io.BytesIO()
            np.save(stream, values, allow_pickle=False)
            files[f"{name}.npy"] = stream.getvalue()
        files["vocabulary.json"] = json.dumps(self._vocabulary, ensure_ascii=False, sort_keys=True).encode()
        return files

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
        seen: list[NDArray[Any]] = []
        mask = None if among is None else _mask(among, self._count)
        for done, column in enumerate(waiting, 1):
            numbers, added = self._postings(column, among, mask)
            np.add.at(scores, numbers, added * np.float32(times[column]))
            seen.append(numbers)
            if done < len(waiting) and self._held(waiting[done]) < _MANY:
                continue  # it is sooner added than anything is found out
            found = _united(seen, scores)
            if len(found) > k and (rest := sum(most[done:])) < (least := _least(scores[found], k)):
                near = found[scores[found] >= _SLACK * least - rest]
                return self._narrowed(near, scores[near], waiting[done:], times, most[done:], k)
        return found

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
        indptr = self._arrays["indptr"]
        return int(indptr[column + 1] - indptr[column])

    def _ceiling(self, column: int) -> float:
        """What a word adds to a score at most: its inverse document frequency, as Lucene counts it."""
        held = self._held(column)
        return math.log(1 + (self._count - held + 0.5) / (held + 0.5))

    def _column(self, column: int) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Numbers of the passages that hold a word, ascending, and what it adds to each."""
        indices, data, indptr = (self._arrays[name] for name in ("indices", "data", "indptr"))
        held = slice(int(indptr[column]), int(indptr[column + 1]))
        return indices[held], data[held]

    def _postings(
        self, column: int, among: NDArray[np.int64] | None, mask: NDArray[np.bool_] | None
    ) -> tuple[NDArray[Any], NDArray[np.float32]]:
        """The same, of the passages to look among, which the mask marks."""
        numbers, added = self._column(column)
        if among is None or mask is None:
            return numbers, added
        if _LOOKED_UP * len(among) < len(numbers):
            added = self._looked_up(column, among)
            held = np.flatnonzero(added)
            return among[held], added[held]
        held = np.flatnonzero(mask[numbers])
        return numbers[held], added[held]

    def _looked_up(self, column: int, numbers: NDArray[np.int64]) -> NDArray[np.float32]:
        """What a word adds to these passages; 0 where it does not occur."""
        held, added = self._column(column)
        if not len(held):
            return np.zeros(len(numbers), dtype=np.float32)
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

    def rarity(self, term: str) -> float:
        """Logarithm of how few passages hold a stemmed term (inverse document frequency), from about 0 up."""
        column, indptr = self._vocabulary.get(term), self._arrays["indptr"]
        held = 0 if column is None else int(indptr[column + 1] - indptr[column])
        return math.log((self._count + 1) / (held + 0.5))


def _bm25s() -> Any:
    """The library, which builds alone need: it imports scipy, which takes as long as an answer."""
    # Even a progress bar that is not shown takes a lock, which processes that were forked from one another share: one
    # that is killed while it holds it never gives it back, and every other would wait for it for ever.
    os.environ.setdefault("DISABLE_TQDM", "1")
    import bm25s

    return bm25s


def _mask(numbers: NDArray[np.int64], count: int) -> NDArray[np.bool_]:
    mask = np.zeros(count, dtype=np.bool_)
    mask[numbers] = True
    return mask


def _united(numbers: list[NDArray[Any]], scores: NDArray[np.float32]) -> NDArray[np.int64]:
    """Numbers that occur in any of the arrays, ascending; where they are many, found by their scores."""
    if 16 * sum(map(len, numbers)) < len(scores):
        return np.unique(np.concatenate(numbers)).astype(np.int64)
    return np.flatnonzero(scores)


def _least(scores: NDArray[np.float32], k: int) -> float:
    """The `k`-th highest score; 0 where there are not so many."""
    return float(np.partition(scores, len(scores) - k)[len(scores) - k]) if len(scores) >= k else 0.0


def _check(arrays: Mapping[str, NDArray[Any]], vocabulary: object, count: int) -> None:
    if any(arrays[name].dtype != kind or arrays[name].ndim != 1 for name, kind in _ARRAYS.items()):
        raise ValueError("an array of it is of another kind")
    data, indices, indptr = (arrays[name] for name in _ARRAYS)
    known = isinstance(vocabulary, dict) and sorted(vocabulary.values()) == list(range(len(indptr) - 1))
    whole = len(data) == len(indices) and len(indptr) > 1 and indptr[0] == 0 and indptr[-1] == len(data)
    if not known or not whole or np.any(np.diff(indptr) < 0):
        raise ValueError("its arrays and its words do not fit together")
    if len(indices) and not 0 <= int(indices.min()) <= int(indices.max()) < count:
        raise ValueError(f"it counts more than {count} passages")
