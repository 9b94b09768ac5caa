"""Many vectors: cells give what a comparison with each would, from any choice of passages, and the same file again."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import faiss
import numpy as np
import pytest
from fakes import FakeEncoder

from partnership_qa.index import build, dense, open_index
from partnership_qa.index.cells import Cells
from partnership_qa.index.dense import DenseIndex, cell_pieces, vector_pieces
from partnership_qa.retrieval import query_of, search

if TYPE_CHECKING:
    from pathlib import Path

COUNT, DIMENSION = 6000, 32


def _vectors() -> np.ndarray:
    """Vectors around 60 places, as texts lie around their subjects."""
    chance = np.random.default_rng(0)
    rows = chance.normal(size=(60, DIMENSION))[chance.integers(0, 60, COUNT)] + 0.5 * chance.normal(
        size=(COUNT, DIMENSION)
    )
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


VECTORS = _vectors()
QUERIES = _vectors()[::200]


def _opened(vectors: np.ndarray) -> DenseIndex:
    cells = b"".join(Cells.of([vectors]).to_pieces())
    return DenseIndex.from_data(b"".join(vector_pieces([vectors], DIMENSION)), len(vectors), DIMENSION, cells)


@pytest.fixture(scope="module")
def many() -> DenseIndex:
    return _opened(VECTORS)


CHOICES = {
    "all": None, "half": np.arange(0, COUNT, 2), "a tenth": np.arange(7, COUNT, 10), "few": np.arange(40, 90),
    "most": np.flatnonzero(np.arange(COUNT) % 5), "every one": np.arange(COUNT),
    "of one subject": np.flatnonzero(VECTORS @ VECTORS[3] > 0.4), "of no subject": np.flatnonzero(VECTORS[:, 0] > 0.2),
}  # fmt: skip


@pytest.mark.parametrize("chosen", CHOICES)
def test_of_ten_passages_all_but_one_in_a_hundred_are_found(
    many: DenseIndex, chosen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dense, "_FEW_OF_MANY", 100)
    among = CHOICES[chosen]
    held = np.arange(COUNT) if among is None else among
    right = 0
    for query in QUERIES:
        numbers, similarities = many.search(query, 10, among)
        expected = VECTORS[held] @ query
        right += len(set(numbers) & set(held[np.argsort(-expected)[:10]]))
        np.testing.assert_allclose(similarities, VECTORS[numbers] @ query, atol=1e-6)
        assert np.all(np.diff(similarities) <= 0)
    assert right >= 0.99 * 10 * len(QUERIES)


def _recorded(cells: Cells, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many cells each search of faiss looks into, from now on."""
    seen: list[int] = []
    searched = Cells._searched

    def record(self: Cells, rounded: np.ndarray, k: int, probes: int, **params: object) -> np.ndarray:
        seen.append(probes)
        return searched(self, rounded, k, probes, **params)

    monkeypatch.setattr(Cells, "_searched", record)
    assert cells.near(QUERIES[0][None], 10).size == 10
    return seen


def test_chosen_vectors_that_lie_behind_others_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of each cell is chosen, and it is the half that is further away."""
    cells, query = Cells.of([VECTORS]), QUERIES[4]
    cosines = VECTORS @ query
    middles = [np.median(cosines[cells._cell_of == cell]) for cell in cells._cell_of]
    chosen = np.flatnonzero(cosines < np.array(middles))
    best = chosen[np.argsort(-cosines[chosen])][:10]
    seen = _recorded(cells, monkeypatch)
    found = cells.near(query[None], 200, cells.choice(chosen))
    assert set(best) <= set(found.tolist()) <= set(chosen.tolist())
    assert len(seen) == 3  # all of the nearest were compared first, of which too few are chosen


def test_cells_that_hold_none_of_the_chosen_vectors_are_not_looked_into(monkeypatch: pytest.MonkeyPatch) -> None:
    cells = Cells.of([VECTORS])
    chosen = np.flatnonzero(np.isin(cells._cell_of, [2, 5, 70]))[::2]
    seen = _recorded(cells, monkeypatch)
    for query in QUERIES:
        found = set(cells.near(query[None], 50, cells.choice(chosen)).tolist())
        assert set(chosen[np.argsort(-(VECTORS[chosen] @ query))][:10]) <= found <= set(chosen.tolist())
    assert max(seen[1:]) == 3


def test_the_fewer_of_a_cell_are_chosen_the_more_cells_are_looked_into_and_never_all_the_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cells = Cells.of([VECTORS])
    seen = _recorded(cells, monkeypatch)
    for step in (2, 10, 100):
        cells.near(QUERIES[0][None], 10, cells.choice(np.arange(0, COUNT, step)))
    assert seen[1] <= seen[0] < seen[2] < seen[3] < cells._index.nlist


def test_fewer_are_given_where_there_are_fewer(many: DenseIndex) -> None:
    assert len(many.search(QUERIES[0], 10, np.arange(4))[0]) == 4


def test_vectors_that_are_all_alike_are_sorted_and_found() -> None:
    same = np.tile(VECTORS[:1], (40, 1))
    assert _opened(same).search(same[0], 5)[0].tolist() == [0, 1, 2, 3, 4]


def test_blocks_give_the_same_file_as_one() -> None:
    whole = b"".join(Cells.of([VECTORS]).to_pieces())
    assert b"".join(Cells.of([VECTORS[:1], VECTORS[1:1], VECTORS[1:2500], VECTORS[2500:]]).to_pieces()) == whole


def test_the_file_and_what_decides_on_a_cell_are_the_same_whatever_the_number_of_threads() -> None:
    code = """if True:
        import hashlib, sys
        import faiss, numpy as np
        from partnership_qa.index import cells
        faiss.omp_set_num_threads(int(sys.argv[1]))
        vectors = np.random.default_rng(0).standard_normal((3000, 384), np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        digest, cells_of = hashlib.sha256(), cells._cells_of
        def recorded(rows, tops, leaves):
            digest.update((rows @ rows[:32].T).tobytes() + leaves.tobytes())
            return cells_of(rows, tops, leaves)
        cells._cells_of = recorded
        digest.update(b"".join(cells.Cells.of([vectors]).to_pieces()))
        print(digest.hexdigest())
    """
    found = {
        subprocess.run(
            [sys.executable, "-c", code, threads],
            env={"PYTHONPATH": ":".join(sys.path), "OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads},
            capture_output=True, check=True,
        ).stdout
        for threads in ("1", "2")
    }  # fmt: skip
    assert len(found) == 1


def test_cells_are_made_only_of_many(monkeypatch: pytest.MonkeyPatch) -> None:
    assert cell_pieces([VECTORS]) is None
    monkeypatch.setattr(dense, "FLAT_UP_TO", COUNT - 1)
    assert cell_pieces([VECTORS]) is not None


def test_cells_of_a_former_version_with_a_scale_for_each_number_are_searched() -> None:
    quantizer = faiss.IndexFlatIP(DIMENSION)
    index = faiss.IndexIVFScalarQuantizer(
        quantizer, DIMENSION, 30, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT, False
    )
    index.train(VECTORS)
    index.add(VECTORS)
    cells = Cells.from_data(bytes(faiss.serialize_index(index).tobytes()), COUNT, DIMENSION)
    for query in QUERIES:
        nearest = int(np.argmax(VECTORS @ query))
        assert nearest in cells.near(query[None], 10)


def _hnsw() -> bytes:
    index = faiss.IndexHNSWFlat(DIMENSION, 4, faiss.METRIC_INNER_PRODUCT)
    index.add(VECTORS)
    return bytes(faiss.serialize_index(index).tobytes())


def _twice() -> bytes:
    cells = Cells.of([VECTORS])
    lists = cells._index.invlists
    number = next(n for n in range(cells._index.nlist) if lists.list_size(n) > 1)
    faiss.rev_swig_ptr(lists.get_ids(number), 2)[:] = 1
    return b"".join(cells.to_pieces())


@pytest.mark.parametrize("forged", [
    lambda: b"", lambda: b"junk" * 100, _hnsw, _twice, lambda: b"".join(Cells.of([VECTORS[1:]]).to_pieces()),
    lambda: b"".join(Cells.of([VECTORS]).to_pieces())[:-1],
])  # fmt: skip
def test_cells_that_do_not_hold_every_vector_once_are_refused(forged) -> None:
    with pytest.raises(ValueError, match=r"faiss cannot read|it holds|every vector once"):
        Cells.from_data(forged(), COUNT, DIMENSION)


def test_a_rebuild_of_many_equals_one_from_scratch_and_finds_what_few_would(
    corpus: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dense, "FLAT_UP_TO", 3)
    for number in range(30):
        (corpus / f"note-{number}.txt").write_text(f"The lamp number {number} burnt {number * 7} barrels of oil.")
    build(corpus, root, FakeEncoder())
    (corpus / "note-3.txt").write_text("The lens was ground in June.")
    (corpus / "note-4.txt").unlink()
    (corpus / "note-5.txt").rename(corpus / "anote.txt")
    encoder = FakeEncoder()
    digest = build(corpus, root, encoder).digest
    assert encoder.encoded == 1
    assert digest == build(corpus, root.parent / "fresh", FakeEncoder()).digest
    assert "cells.faiss" in open_index(root).generation.manifest.files
    few = root.parent / "few"
    monkeypatch.setattr(dense, "FLAT_UP_TO", 100_000)
    build(corpus, few, FakeEncoder())
    for query in ("Who ground the lens?", "How many barrels burnt lamp 9?"):
        asked = query_of(encoder, query)
        assert search(open_index(root), asked, 5) == search(open_index(few), asked, 5)
