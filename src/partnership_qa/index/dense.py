"""Exact search by inner product over unit vectors; the only user of faiss.

The similarity of two unit vectors is their inner product, a cosine in [-1, 1].
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import faiss
import numpy as np

from ..errors import PartnershipQAError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..embedding import Vectors

# Up to so many chosen vectors are taken out and multiplied; of more, faiss passes over those that are not chosen.
_FEW = 256


def is_unit(vectors: Vectors) -> bool:
    """Whether every row is finite and of length one."""
    return bool(np.all(np.abs(np.linalg.norm(vectors, axis=1) - 1) < 1e-3))  # NaN fails this too


class DenseIndex:
    """Unit vectors in the order of their passages; never changed once made, so any thread may search it."""

    def __init__(self, vectors: Vectors) -> None:
        """Index vectors.

        Args:
            vectors: float32 of shape (n, dimension), rows of length one.

        Raises:
            PartnershipQAError: a row is not finite or not of length one.

        """
        vectors = np.ascontiguousarray(vectors, dtype=np.float32)
        if not is_unit(vectors):
            raise PartnershipQAError("The encoder gave vectors that are not of length one; use another encoder.")
        self._index: Any = faiss.IndexFlatIP(int(vectors.shape[1]))
        self._index.add(vectors)

    @classmethod
    def from_bytes(cls, data: bytes, count: int, dimension: int) -> DenseIndex:
        """Read what `to_bytes` wrote.

        Raises:
            ValueError: the bytes are no flat inner-product index of that many vectors of that dimension.

        """
        # faiss reserves what a header claims before it reads; the limit keeps a forged header from claiming more.
        faiss.set_deserialization_vector_byte_limit(max(2 * len(data), 1 << 20))
        try:
            index: Any = faiss.deserialize_index(np.frombuffer(data, dtype=np.uint8))
        except (RuntimeError, MemoryError) as error:
            raise ValueError("faiss cannot read it") from error
        if not isinstance(index, faiss.IndexFlat) or index.metric_type != faiss.METRIC_INNER_PRODUCT:
            raise ValueError(f"it holds a {type(index).__name__}, not a flat inner-product index")
        if index.ntotal != count or index.d != dimension:
            raise ValueError(f"it holds {index.ntotal} vectors of {index.d}, not {count} of {dimension}")
        dense = cls.__new__(cls)
        dense._index = index
        return dense

    def to_bytes(self) -> bytes:
        """The index as bytes, the same for the same vectors."""
        return bytes(faiss.serialize_index(self._index).tobytes())

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def search(
        self, vector: Vectors, k: int, among: NDArray[np.int64] | None = None
    ) -> tuple[NDArray[np.int64], Vectors]:
        """The `k` most similar passages.

        Args:
            vector: float32 of shape (dimension,), of length one.
            k: how many; fewer come back where there are fewer.
            among: numbers of the passages to look among, ascending, each once; `None` looks among all.

        Returns:
            Passage numbers (int64) and similarities (float32), most similar first, ties by passage number.

        """
        query = np.ascontiguousarray(vector[None, :], dtype=np.float32)
        if among is not None and len(among) <= _FEW:
            found = self.vectors(among) @ query[0]
            order = np.lexsort((among, -found))[:k]
            return among[order], found[order]
        k = min(k, len(self) if among is None else len(among))
        chosen = None if among is None else self._only(among)
        similarities, numbers = self._index.search(query, k, params=chosen)
        order = np.lexsort((numbers[0], -similarities[0]))
        return numbers[0][order], similarities[0][order]

    def _only(self, among: NDArray[np.int64]) -> Any:
        """What keeps a search of faiss to the vectors with these numbers."""
        library: Any = faiss  # its types do not know these two calls
        mask = np.zeros(len(self), dtype=np.bool_)
        mask[among] = True
        return library.SearchParameters(sel=library.IDSelectorBitmap(np.packbits(mask, bitorder="little")))

    def vectors(self, numbers: NDArray[np.int64]) -> Vectors:
        """Vectors of the passages with these numbers, float32 of shape (len(numbers), dimension)."""
        out: Vectors = self._index.reconstruct_batch(np.asarray(numbers, dtype=np.int64))
        return out
