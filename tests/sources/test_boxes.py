"""Boxes of characters, packed and unpacked."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from partnership_qa.sources.boxes import pack, unpack

BOX = st.tuples(*[st.integers(0, 65_535)] * 4)


@given(st.lists(BOX, max_size=40))
def test_what_was_packed_comes_back(boxes: list[tuple[int, ...]]) -> None:
    given_boxes = np.array(boxes, dtype=np.uint16).reshape(-1, 4)
    assert np.array_equal(unpack(pack(given_boxes), len(boxes)), given_boxes)


@pytest.mark.parametrize("data", [b"", b"x", pack(np.zeros((3, 4), np.uint16)), pack(np.zeros((5, 4), np.uint16))[:-2]])
def test_boxes_of_another_text_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="boxes"):
        unpack(data, 4 if len(data) > 8 else 2)


def test_boxes_of_another_type_are_refused() -> None:
    with pytest.raises(ValueError, match="int64"):
        pack(np.zeros((2, 4), np.int64))


def test_a_bomb_is_not_unpacked() -> None:
    with pytest.raises(ValueError, match="another text"):
        unpack(pack(np.zeros((1_000_000, 4), np.uint16)), 10)
