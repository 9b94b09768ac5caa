"""What answers need of an index, wherever it is kept: the one seam between finding and storing.

`Index` is the store on this machine's disk. Another one (a server, say) gives the same four things and so the same
hits: numbers of passages, vectors and BM25 scores are facts, and how they are ranked and fused is `retrieval`'s alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from ..chunking import Passage
    from ..embedding import Vectors
    from .generations import Generation
    from .store import Source


class DenseSearch(Protocol):
    """Unit vectors in the order of the passages; any thread may search them."""

    def __len__(self) -> int:
        """How many."""
        ...

    def search(
        self, vector: Vectors, k: int, among: NDArray[np.int64] | None = None
    ) -> tuple[NDArray[np.int64], Vectors]:
        """Numbers and cosines of the `k` most similar passages, the most similar first, ties by number.

        Args:
            vector: float32 of shape (dimension,), of length one.
            k: how many; fewer come back where there are fewer.
            among: numbers of the passages to look among, ascending, each once: those of whole documents, so that a
                store may turn them into ranges; `None` looks among all.

        """
        ...

    def vectors(self, numbers: NDArray[np.int64]) -> Vectors:
        """Vectors of the passages with these numbers, float32 of shape (len(numbers), dimension)."""
        ...


class LexicalSearch(Protocol):
    """BM25 over stemmed words (`text.terms`); any thread may search it."""

    def best(self, query: str, k: int, among: NDArray[np.int64] | None = None) -> NDArray[np.int64]:
        """Numbers of the `k` passages that score highest, best first, ties by number; none that scores 0.

        `among` is as in `DenseSearch.search`; how rare a word is stays what it is among all.
        """
        ...

    def scores(self, query: str, numbers: NDArray[np.int64]) -> NDArray[np.float32]:
        """BM25 scores of the passages with these numbers, float32 of the same shape; 0 where no word is shared."""
        ...

    def holds(self, term: str, among: NDArray[np.int64] | None = None) -> bool:
        """Whether a stemmed term occurs in any passage, or in any of these."""
        ...

    def passages_with(self, term: str) -> NDArray[np.int64]:
        """Numbers of the passages that hold a stemmed term; a server may give the first few thousand of them."""
        ...


class Store(Protocol):
    """One generation of an index; it is never changed.

    Attributes:
        root: its folder, or what stands for it in a message.
        generation: name, manifest and corpus; the manifest names every source with its number of passages, in the
            order in which the passages are numbered.
        sources: by name; a text is read when it is asked for.
        passages: by number, in the order of their documents and offsets; each is read when it is asked for.
        dense, lexical: what finds them.

    """

    @property
    def root(self) -> Path: ...  # noqa: D102
    @property
    def generation(self) -> Generation: ...  # noqa: D102
    @property
    def sources(self) -> Mapping[str, Source]: ...  # noqa: D102
    @property
    def passages(self) -> Sequence[Passage]: ...  # noqa: D102
    @property
    def dense(self) -> DenseSearch: ...  # noqa: D102
    @property
    def lexical(self) -> LexicalSearch: ...  # noqa: D102
