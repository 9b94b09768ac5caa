"""BM25 over stemmed words (Lucene's variant, by bm25s); the only user of bm25s."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bm25s
import numpy as np

from ..text import terms

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

FILES = ("data.npy", "indices.npy", "indptr.npy", "vocabulary.json", "parameters.json")
_NAMES = dict(zip(("data_name", "indices_name", "indptr_name", "vocab_name", "params_name"), FILES, strict=True))


class LexicalIndex:
    """Word statistics of the passages, in their order."""

    def __init__(self, texts: Sequence[str]) -> None:
        """Index texts, one a passage."""
        documents = [terms(text) for text in texts]
        if not any(documents):  # a corpus of signs alone: there is no mean length to divide by
            documents = [[""] for _ in documents]
        # Numbered in the order of the alphabet: bm25s itself goes through a set, whose order differs between runs.
        vocabulary = {term: number for number, term in enumerate(sorted({t for d in documents for t in d} | {""}))}
        self._bm25 = bm25s.BM25(k1=1.2, b=0.75, method="lucene")
        self._bm25.index(([[vocabulary[t] for t in d] for d in documents], vocabulary), show_progress=False)
        self._count = len(documents)

    @classmethod
    def from_files(cls, files: Mapping[str, bytes], count: int) -> LexicalIndex:
        """Read what `to_files` wrote; nothing is unpickled.

        Raises:
            ValueError: the files do not hold an index over `count` passages.

        """
        with tempfile.TemporaryDirectory() as folder:
            for name in FILES:
                (Path(folder) / name).write_bytes(files[name])
            lexical = cls.__new__(cls)
            lexical._bm25 = bm25s.BM25.load(folder, show_progress=False, allow_pickle=False, **_NAMES)
        lexical._count = count
        if int(lexical._bm25.scores["num_docs"]) != count:
            raise ValueError(f"it counts {lexical._bm25.scores['num_docs']} passages, not {count}")
        return lexical

    def to_files(self) -> dict[str, bytes]:
        """The index as named files."""
        with tempfile.TemporaryDirectory() as folder:
            self._bm25.save(folder, show_progress=False, **_NAMES)
            files = {name: (Path(folder) / name).read_bytes() for name in FILES}
        for name in ("vocabulary.json", "parameters.json"):
            files[name] = json.dumps(json.loads(files[name]), ensure_ascii=False, sort_keys=True).encode()
        return files

    def scores(self, query: str) -> NDArray[np.float32]:
        """BM25 score of every passage for a query, float32 of shape (passages,); 0 where no word is shared."""
        known: dict[str, Any] = self._bm25.vocab_dict
        words = [term for term in terms(query) if term in known]
        if not words:
            return np.zeros(self._count, dtype=np.float32)
        return np.asarray(self._bm25.get_scores(words), dtype=np.float32)

    def holds(self, term: str) -> bool:
        """Whether a stemmed term occurs in any passage."""
        return term in self._bm25.vocab_dict
