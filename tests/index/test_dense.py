"""The vector half: faiss against plain numpy."""

from __future__ import annotations

import io

import faiss
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from partnership_qa.errors import PartnershipQAError
from partnership_qa.index import dense as module
from partnership_qa.index.blobs import array_head, pieces_of
from partnership_qa.index.dense import DenseIndex


def _vectors(count: int, dimension: int, seed: int) -> np.ndarray:
    rows = np.random.default_rng(seed).normal(size=(count, dimension)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@given(st.integers(1, 60), st.integers(1, 40), st.integers(0, 1000), st.integers(1, 80))
def test_every_similarity_is_a_dot_product(count: int, dimension: int, seed: int, k: int) -> None:
    vectors, query = _vectors(count, dimension, seed), _vectors(1, dimension, seed + 1)[0]
    numbers, similarities = DenseIndex(vectors).search(query, k)
    expected = vectors @ query
    assert len(numbers) == min(k, count)
    np.testing.assert_allclose(similarities, expected[numbers], atol=1e-6)
    np.testing.assert_allclose(similarities, np.sort(expected)[::-1][: len(numbers)], atol=1e-6)


def test_equal_similarities_stand_in_the_order_of_the_passages() -> None:
    vectors = np.tile(_vectors(1, 8, 0), (7, 1))
    numbers, _ = DenseIndex(vectors).search(vectors[0], 7)
    assert numbers.tolist() == list(range(7))


@given(st.integers(1, 30), st.integers(1, 20), st.integers(0, 1000))
def test_what_is_written_finds_the_same(count: int, dimension: int, seed: int) -> None:
    vectors, query = _vectors(count, dimension, seed), _vectors(1, dimension, seed + 1)[0]
    dense = DenseIndex(vectors)
    again = DenseIndex.from_data(b"".join(dense.to_pieces()), count, dimension)
    for before, after in zip(dense.search(query, 5), again.search(query, 5), strict=True):
        np.testing.assert_array_equal(before, after)
    np.testing.assert_array_equal(again.vectors(np.arange(count)), vectors)


@pytest.mark.parametrize("value", [np.nan, np.inf, 0.0, 2.0])
def test_vectors_that_are_not_of_length_one_are_refused(value: float) -> None:
    vectors = _vectors(3, 4, 0)
    vectors[1] = value
    with pytest.raises(PartnershipQAError, match="length one"):
        DenseIndex(vectors)


def _data() -> bytes:
    return b"".join(DenseIndex(_vectors(3, 4, 0)).to_pieces())


def test_what_is_no_array_of_vectors_is_refused() -> None:
    data = _data()
    kinds = [np.zeros((3, 4)), np.zeros(12, np.float32), np.zeros((3, 4), np.float32, order="F")]
    others = [b"".join(pieces_of(kind)) for kind in kinds[:2]]
    stream = io.BytesIO()
    np.save(stream, kinds[2])
    for wrong in (b"", data[:10], data[:-1], data + b"x", b"junk" * 100, stream.getvalue(), *others):
        with pytest.raises(ValueError, match=r"[Aa]rray|magic|EOF"):
            DenseIndex.from_data(wrong, 3, 4)


def test_a_header_that_claims_more_than_there_is_reserves_no_memory() -> None:
    wrong = bytes(array_head("<f4", (2**40, 4))) + b"\0" * 48
    with pytest.raises(ValueError, match="ends early"):
        DenseIndex.from_data(wrong, 3, 4)


def test_another_count_or_dimension_than_the_manifest_says_is_refused() -> None:
    for count, dimension in ((4, 4), (3, 5)):
        with pytest.raises(ValueError, match="it holds 3 vectors of 4"):
            DenseIndex.from_data(_data(), count, dimension)


def test_similarities_are_the_same_to_the_last_bit_and_threads_are_left_as_they_were() -> None:
    dense, found = DenseIndex(_vectors(60_000, 64, 0)), []
    queries, threads = _vectors(20, 64, 1), faiss.omp_get_max_threads()
    try:
        for number in (1, 2):
            faiss.omp_set_num_threads(number)
            found.append([dense.search(query, 50)[1].tobytes() for query in queries])
            assert faiss.omp_get_max_threads() == number
    finally:
        faiss.omp_set_num_threads(threads)
    assert found[0] == found[1]


def test_of_many_chosen_passages_that_are_multiplied_in_blocks_each_is_compared(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_FEW", 10_000)
    vectors, query = _vectors(1500, 16, 0), _vectors(1, 16, 1)[0]
    chosen = np.arange(100, 1400)
    numbers, similarities = DenseIndex(vectors).search(query, 2000, chosen)
    expected = chosen[np.argsort(-(vectors[chosen] @ query), kind="stable")]
    np.testing.assert_array_equal(numbers, expected)
    np.testing.assert_allclose(similarities, vectors[expected] @ query, atol=1e-6)
