"""Approximate search of very many vectors: those near one another stand in one cell, in a byte a number.

A search looks into the cells nearest to the query (an inverted file; Sivic & Zisserman 2003, by faiss) and gives more
than was asked for, which the exact vectors then put in order. Where cells lie is worked out from the vectors alone, so
that the same vectors give the same file.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import faiss
import numpy as np

from .choices import mask_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ..embedding import Vectors
    from .blobs import Data, Pieces

# Cells are divided twice, so that a vector is compared with about twice the fourth root of their number.
_SAMPLED = 64  # vectors that a cell's place is worked out from
_ROUNDS = 8
_AT_ONCE = 1 << 14
_SHARE = 1 / 8  # of the cells that are looked into
_LEAST = 24
# What a search within some of the vectors may take, as a part of what one of all does; the rest goes to telling them
# apart. In units of one vector that is compared in its turn: to see that one is not chosen, and to compare one that is
# fetched from between others.
_PART, _PASSED, _FETCHED = 0.6, 0.2, 2.5
_MOST = 0.3  # where so many of those looked at are chosen, all are compared, and the others dropped
_MORE = 1.5  # times as many are then asked for as should be enough
# One scale for all numbers leaves their order by cosine to a query as it is, and takes half the time of one for each.
_KIND, _LARGEST, _TINY = faiss.ScalarQuantizer.QT_8bit_direct_signed, 127, 1e-30


@dataclass(frozen=True, slots=True)
class Choice:
    """Some of the vectors.

    Attributes:
        mask: whether each is chosen: bool, shape (vectors,).
        held: how many of them lie in each cell: int64, shape (cells,).

    """

    mask: NDArray[np.bool_]
    held: NDArray[np.int64]


class Cells:
    """Vectors by the cell that they lie in."""

    def __init__(self, index: Any) -> None:
        """Take an index of faiss."""
        self._index = index
        self._probes = min(index.nlist, max(_LEAST, round(index.nlist * _SHARE)))
        self._sizes = np.array([index.invlists.list_size(cell) for cell in range(index.nlist)])

    @classmethod
    def of(cls, blocks: Sequence[Vectors]) -> Cells:
        """Sort vectors into cells.

        On one thread: on several, sums come out another way in their last digits, and a vector that lies between two
        cells in the other one.

        Args:
            blocks: of vectors, one after another: float32 of shape (some, dimension), of length one.

        """
        from threadpoolctl import threadpool_limits  # no question needs it

        with threadpool_limits(1):
            return cls(_sorted(blocks))

    @classmethod
    def from_data(cls, data: Data, count: int, dimension: int) -> Cells:
        """Read what `to_pieces` wrote.

        Raises:
            ValueError: it does not hold that many vectors of that dimension, each once.

        """
        # faiss reserves what a header claims before it reads; the limit keeps a forged header from claiming more.
        faiss.set_deserialization_vector_byte_limit(max(2 * len(data), 1 << 20))
        try:
            index: Any = faiss.deserialize_index(np.frombuffer(data, dtype=np.uint8))
        except RuntimeError as error:
            raise ValueError("faiss cannot read it") from error
        if not isinstance(index, faiss.IndexIVFScalarQuantizer) or index.metric_type != faiss.METRIC_INNER_PRODUCT:
            raise ValueError(f"it holds a {type(index).__name__}, not vectors in cells")
        if (index.ntotal, index.d, index.sq.code_size) != (count, dimension, dimension):
            raise ValueError(f"it holds {index.ntotal} vectors of {index.d}, not {count} of {dimension}")
        if not np.array_equal(np.sort(_numbers(index)), np.arange(count)):
            raise ValueError("it does not hold every vector once")
        return cls(index)

    def to_pieces(self) -> Pieces:
        """The cells as a file, the same for the same vectors."""
        library: Any = faiss  # its types do not know this class
        pieces: Pieces = []
        library.write_index(self._index, library.PyCallbackIOWriter(lambda data: pieces.append(memoryview(data))))
        return pieces

    @cached_property
    def _cell_of(self) -> NDArray[np.int32]:
        """The cell of each vector."""
        cells = np.empty(self._index.ntotal, dtype=np.int32)
        cells[_numbers(self._index)] = np.repeat(np.arange(len(self._sizes), dtype=np.int32), self._sizes)
        return cells

    def choice(self, numbers: NDArray[np.int64]) -> Choice:
        """What a search within the vectors with these numbers needs to know."""
        held = np.bincount(self._cell_of[numbers], minlength=len(self._sizes))
        return Choice(mask_of(numbers, self._index.ntotal), held)

    def near(self, query: Vectors, k: int, choice: Choice | None = None) -> NDArray[np.int64]:
        """Numbers of about the `k` most similar vectors, in no order; fewer where fewer were looked at.

        Args:
            query: float32 of shape (1, dimension), of length one.
            k: how many.
            choice: which vectors may be found. Cells without any are left out, and so many of the others are looked
                into, the nearest first, that it takes as long as where all may be found.

        """
        # The query is rounded as the vectors are; its length changes no order.
        rounded = np.rint(query * np.float32(_LARGEST / max(float(np.abs(query).max()), _TINY)))
        if choice is None:
            return self._searched(rounded, k, self._probes)
        library: Any = faiss  # its types do not know these calls
        cells = library.SearchParameters(sel=_selector(choice.held > 0))
        order = self._index.quantizer.search(rounded, int(np.count_nonzero(choice.held)), params=cells)[1][0]
        sizes, held = self._sizes[order], choice.held[order]
        work = np.minimum(sizes, _PASSED * sizes + _FETCHED * held)
        enough = _PART * self._index.ntotal * self._probes / len(self._sizes)
        probes = min(len(order), 1 + int(np.searchsorted(np.cumsum(work), enough)))
        looked_at = int(held[:probes].sum())
        share = looked_at / max(1, int(sizes[:probes].sum()))
        if share >= _MOST:
            found = self._searched(rounded, round(_MORE * k / share), probes, quantizer_params=cells)
            found = found[choice.mask[found]]
            if len(found) >= min(k, looked_at):
                return found
        return self._searched(rounded, k, probes, quantizer_params=cells, sel=_selector(choice.mask))

    def _searched(self, rounded: Vectors, k: int, probes: int, **params: Any) -> NDArray[np.int64]:
        """Numbers of the `k` most similar vectors in the nearest cells, as faiss gives them."""
        library: Any = faiss
        _, numbers = self._index.search(rounded, k, params=library.SearchParametersIVF(nprobe=probes, **params))
        found: NDArray[np.int64] = numbers[0][numbers[0] >= 0]
        return found


def _selector(mask: NDArray[np.bool_]) -> Any:
    library: Any = faiss
    return library.IDSelectorBitmap(np.packbits(mask, bitorder="little"))


def _sorted(blocks: Sequence[Vectors]) -> Any:
    """An index of faiss that holds the vectors by their cells."""
    dimension, ends = blocks[0].shape[1], np.cumsum([len(block) for block in blocks])
    count = int(ends[-1])
    branches = max(2, round(count**0.25))
    sample = _every(blocks, max(1, count // (_SAMPLED * branches**2)))
    tops, leaves = _centres(sample, branches)
    quantizer = faiss.IndexFlatIP(dimension)
    quantizer.add(leaves.reshape(-1, dimension))
    index: Any = faiss.IndexIVFScalarQuantizer(
        quantizer, dimension, branches**2, _KIND, faiss.METRIC_INNER_PRODUCT, False
    )
    index.train(sample)
    scale = np.float32(_LARGEST / np.abs(sample).max())
    for at in range(0, count, _AT_ONCE):
        some = _between(blocks, ends, at, min(count, at + _AT_ONCE))
        numbers, cells = np.arange(at, at + len(some)), _cells_of(some, tops, leaves)
        some = np.clip(np.rint(some * scale), -_LARGEST, _LARGEST)
        index.add_core(len(some), *(faiss.swig_ptr(one) for one in (some, numbers, cells)))
    return index


def _every(blocks: Sequence[Vectors], step: int) -> Vectors:
    """Every so manieth vector, copied."""
    found, before = [], 0
    for block in blocks:
        found.append(block[-before % step :: step])
        before += len(block)
    return np.concatenate(found)


def _between(blocks: Sequence[Vectors], ends: NDArray[np.int64], first: int, behind: int) -> Vectors:
    """The vectors with these numbers, copied."""
    found = []
    for number in range(int(np.searchsorted(ends, first, side="right")), len(blocks)):
        begin = int(ends[number]) - len(blocks[number])
        if begin >= behind:
            break
        found.append(blocks[number][max(0, first - begin) : behind - begin])
    return np.concatenate(found)


def _numbers(index: Any) -> NDArray[np.int64]:
    lists = index.invlists
    numbers = [
        faiss.rev_swig_ptr(lists.get_ids(cell), lists.list_size(cell)).copy()
        for cell in range(index.nlist) if lists.list_size(cell)
    ]  # fmt: skip
    return np.concatenate([np.zeros(0, np.int64), *numbers])


def _centres(sample: Vectors, branches: int) -> tuple[Vectors, Vectors]:
    """Centres of both divisions, of shape (branches, dimension) and (branches, branches, dimension)."""
    tops = _divided(sample[:: max(1, len(sample) // (256 * branches))], branches)
    own = np.argmax(sample @ tops.T, axis=1)
    leaves = [_divided(sample[own == top], branches) for top in range(branches)]
    return tops, np.stack(leaves)


def _divided(vectors: Vectors, branches: int) -> Vectors:
    """Centres of so many groups of vectors, of length one; by spherical k-means."""
    if len(vectors) <= branches:  # some centres then stand twice, or nowhere near: their cells stay empty
        return (
            np.resize(vectors, (branches, vectors.shape[1])) if len(vectors) else _nowhere(branches, vectors.shape[1])
        )
    means = faiss.Kmeans(
        vectors.shape[1], branches, niter=_ROUNDS, seed=1, spherical=True, min_points_per_centroid=1,
        max_points_per_centroid=len(vectors),
    )  # fmt: skip
    means.train(np.ascontiguousarray(vectors))
    centres: Any = means.centroids
    return cast("Vectors", centres)


def _nowhere(branches: int, dimension: int) -> Vectors:
    return np.zeros((branches, dimension), dtype=np.float32)


def _cells_of(rows: Vectors, tops: Vectors, leaves: Vectors) -> NDArray[np.int64]:
    """The cell of each vector: the nearest of the nearest centre's."""
    branches = len(tops)
    own = np.argmax(rows @ tops.T, axis=1)
    cells = np.empty(len(rows), dtype=np.int64)
    for top in range(branches):
        these = np.flatnonzero(own == top)
        if len(these):
            cells[these] = top * branches + np.argmax(rows[these] @ leaves[top].T, axis=1)
    return cells
