"""BM25 over stemmed words (Lucene's variant, by bm25s); the only user of bm25s.

bm25s works out, once, what each word adds to the score of each passage; a query then adds up the columns of its words.
"""

from __future__ import annotations

import io
import json
import math
import os
from array import array
from typing import TYPE_CHECKING, Any

import numpy as np

from ..text import terms

# Even a progress bar that is not shown takes a lock, which processes that were forked from one another share: one that
# is killed while it holds it never gives it back, and every other would wait for it for ever.
os.environ.setdefault("DISABLE_TQDM", "1")
import bm25s

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

_ARRAYS = {"data": np.float32, "indices": np.int32, "indptr": np.int32}
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
        bm25 = bm25s.BM25(k1=1.2, b=0.75, method="lucene")
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

    def scores(self, query: str) -> NDArray[np.float32]:
        """BM25 score of every passage for a query, float32 of shape (passages,); 0 where no word is shared."""
        data, indices, indptr = (self._arrays[name] for name in _ARRAYS)
        scores = np.zeros(self._count, dtype=np.float32)
        for term in terms(query):
            if (column := self._vocabulary.get(term)) is not None:
                # A passage stands once in a column, so that nothing is added twice.
                scores[indices[indptr[column] : indptr[column + 1]]] += data[indptr[column] : indptr[column + 1]]
        return scores

    def holds(self, term: str) -> bool:
        """Whether a stemmed term occurs in any passage."""
        return term in self._vocabulary

    def passages_with(self, term: str) -> NDArray[np.int32]:
        """Numbers of the passages that hold a stemmed term, int32 of shape (found,)."""
        column = self._vocabulary.get(term)
        if column is None:
            return np.zeros(0, dtype=np.int32)
        indices, indptr = self._arrays["indices"], self._arrays["indptr"]
        held: NDArray[np.int32] = indices[indptr[column] : indptr[column + 1]]
        return held

    def rarity(self, term: str) -> float:
        """Logarithm of how few passages hold a stemmed term (inverse document frequency), from about 0 up."""
        column, indptr = self._vocabulary.get(term), self._arrays["indptr"]
        held = 0 if column is None else int(indptr[column + 1] - indptr[column])
        return math.log((self._count + 1) / (held + 0.5))


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
