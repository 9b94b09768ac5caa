"""Search by inner product over unit vectors: exact, or by cells where there are very many (`cells`).

The similarity of two unit vectors is their inner product, a cosine in [-1, 1].
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import PartnershipQAError
from .blobs import array_head, array_in, bytes_of, release, scattered
from .choices import Remembered, mask_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from ..embedding import Vectors
    from .blobs import Data, Pieces
    from .cells import Cells

# Up to so many chosen vectors are taken out and multiplied; of more, faiss passes over those that are not chosen.
_FEW = 256
# So many at most in an index are multiplied too: faiss, which takes longer to import than that, is not needed then.
_SMALL = 1024
_FEW_OF_MANY = 2048  # the same, where vectors stand in cells
# So many at once are multiplied on one thread, whatever their number (see `_one_thread`).
_ON_ONE = 512
# Up to so many vectors every one is compared, exactly: that takes a tenth of a second for a million, of which a
# question has no more than a tenth (docs/scale.md).
FLAT_UP_TO = 100_000
# What is found in cells is put in order by exact vectors: so many times what is asked for, and at least so many.
_LOOKED_THROUGH = 4
_LOOKED_THROUGH_LEAST = 200


def is_unit(vectors: Vectors) -> bool:
    """Whether every row is finite and of length one."""
    return bool(np.all(np.abs(np.linalg.norm(vectors, axis=1) - 1) < 1e-3))  # NaN fails this too


def checked_unit(vectors: Vectors) -> Vectors:
    """The vectors, contiguous, in float32.

    Raises:
        PartnershipQAError: a row is not finite or not of length one.

    """
    vectors = np.ascontiguousarray(vectors, dtype=np.float32)
    if not is_unit(vectors):
        raise PartnershipQAError("The encoder gave vectors that are not of length one; use another encoder.")
    return vectors


def vector_pieces(blocks: Sequence[Vectors], dimension: int) -> Pieces:
    """The file of vectors that stand in blocks, one after another; float32, rows of length one."""
    count = sum(map(len, blocks))
    return [array_head("<f4", (count, dimension)), *(piece for block in blocks for piece in bytes_of(block))]


def cell_pieces(blocks: Sequence[Vectors]) -> Pieces | None:
    """The file that makes many vectors quick to search; `None` where they are few enough to compare with each."""
    if sum(map(len, blocks)) <= FLAT_UP_TO:
        return None
    from .cells import Cells

    return Cells.of(blocks).to_pieces()


@contextmanager
def _one_thread() -> Iterator[None]:
    """Have faiss use no further thread for what this one asks of it.

    Two threads wait for one another: where others use the machine too, that takes far longer than the work (a search
    of 10,000 vectors 60 ms instead of 1.4), and similarities differ in their last digits with the number of threads.
    """
    import faiss

    threads = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(threads)


class Rows:
    """Vectors as they stand in their file, read where they are wanted."""

    def __init__(self, data: Data | None, values: Vectors) -> None:
        """Take vectors; `data` is what they are a view of, if that is a file."""
        self._data, self._values = data, values
        scattered(data)

    def __len__(self) -> int:
        return len(self._values)

    @property
    def values(self) -> Vectors:
        """All of them, float32 of shape (n, dimension)."""
        return self._values

    def take(self, numbers: NDArray[np.int64]) -> Vectors:
        """A copy of the rows with these numbers."""
        out: Vectors = self._values[numbers]
        # The system maps up to megabytes around each row; all vectors would soon count as memory of this process.
        release(self._data)
        return out


class DenseIndex:
    """Unit vectors in the order of their passages; never changed once made, so any thread may search it."""

    def __init__(self, vectors: Vectors) -> None:
        """Index vectors.

        Args:
            vectors: float32 of shape (n, dimension), rows of length one.

        Raises:
            PartnershipQAError: a row is not finite or not of length one.

        """
        self._take(Rows(None, checked_unit(vectors)))

    def _take(self, rows: Rows, cells: Cells | None = None) -> None:
        self._rows, self._cells = rows, cells
        self._index: Any = None
        self._bits = Remembered(self._only)
        if cells is not None:
            self._choices = Remembered(cells.choice)
        if cells is None and len(rows) > _SMALL:
            import faiss

            self._index = faiss.IndexFlatIP(int(rows.values.shape[1]))
            self._index.add(rows.values)

    @classmethod
    def from_data(cls, data: Data, count: int, dimension: int, cells: Data | None = None) -> DenseIndex:
        """Read what `vector_pieces` and `cell_pieces` wrote.

        Raises:
            ValueError: the files do not hold that many vectors of that dimension.

        """
        values = array_in(data, "<f4", 2)
        if values.shape != (count, dimension):
            raise ValueError(f"it holds {values.shape[0]} vectors of {values.shape[1]}, not {count} of {dimension}")
        dense, found = cls.__new__(cls), None
        if cells is not None:
            from .cells import Cells

            found = Cells.from_data(cells, count, dimension)
        dense._take(Rows(data, values), found)
        release(data)
        release(cells)
        return dense

    def to_pieces(self) -> Pieces:
        """The vectors as a file, the same for the same vectors."""
        return vector_pieces([self._rows.values], self._rows.values.shape[1])

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def rows(self) -> Vectors:
        """All vectors, float32 of shape (n, dimension), as they stand in their file."""
        return self._rows.values

    def search(
        self, vector: Vectors, k: int, among: NDArray[np.int64] | None = None
    ) -> tuple[NDArray[np.int64], Vectors]:
        """The `k` most similar passages; where vectors stand in cells, all but all of them.

        Args:
            vector: float32 of shape (dimension,), of length one.
            k: how many; fewer come back where there are fewer.
            among: numbers of the passages to look among, ascending, each once; `None` looks among all.

        Returns:
            Passage numbers (int64) and similarities (float32), most similar first, ties by passage number.

        """
        query = np.ascontiguousarray(vector[None, :], dtype=np.float32)
        if among is not None and len(among) <= (_FEW if self._cells is None else _FEW_OF_MANY):
            return self._exact(query[0], among, k)
        if self._cells is not None:
            choice = None if among is None or len(among) == len(self) else self._choices.of(among)
            near = self._cells.near(query, max(_LOOKED_THROUGH * k, _LOOKED_THROUGH_LEAST), choice)
            return self._exact(query[0], np.sort(near), k)
        if self._index is None:
            return self._exact(query[0], np.arange(len(self)) if among is None else among, k)
        k = min(k, len(self) if among is None else len(among))
        chosen = None if among is None or len(among) == len(self) else self._bits.of(among)
        with _one_thread():
            similarities, numbers = self._index.search(query, k, params=chosen)
        order = ranked(similarities[0], numbers[0])
        return numbers[0][order], similarities[0][order]

    def _only(self, among: NDArray[np.int64]) -> Any:
        """What keeps a search of faiss to the vectors with these numbers."""
        import faiss

        library: Any = faiss  # its types do not know these two calls
        bits = np.packbits(mask_of(among, len(self)), bitorder="little")
        return library.SearchParameters(sel=library.IDSelectorBitmap(bits))

    def _exact(self, query: Vectors, numbers: NDArray[np.int64], k: int) -> tuple[NDArray[np.int64], Vectors]:
        """The `k` most similar of these passages, whose numbers ascend."""
        rows = self.vectors(numbers)
        found = np.concatenate([rows[at : at + _ON_ONE] @ query for at in range(0, max(1, len(rows)), _ON_ONE)])
        order = ranked(found, numbers)[:k]
        return numbers[order], found[order]

    def vectors(self, numbers: NDArray[np.int64]) -> Vectors:
        """Vectors of the passages with these numbers, float32 of shape (len(numbers), dimension)."""
        return self._rows.take(np.asarray(numbers, dtype=np.int64))


def ranked(similarities: NDArray[np.floating[Any]], numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """The order of passages, most similar first, equal ones by number.

    Beyond six digits the similarity of a vector depends on the processor, and on the rows that stand beside it.
    """
    return np.lexsort((numbers, -np.round(similarities, 6)))
