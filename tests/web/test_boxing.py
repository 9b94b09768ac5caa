"""Marked words as rectangles on their pages."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from partnership_qa.document import line_starts
from partnership_qa.index import Source
from partnership_qa.sources.boxes import WHOLE, Rectangle, line_rectangles, pack
from partnership_qa.web.html.boxing import leaves
from partnership_qa.web.html.marks import Mark


def boxed(*rows: tuple[int, int, int, int]) -> np.ndarray:
    return np.array(rows, dtype=np.uint16).reshape(-1, 4)


def obvious(boxes: np.ndarray) -> list[Rectangle]:
    """The same, character by character."""
    lines: list[list[list[int]]] = []
    for left, top, right, bottom in boxes.tolist():
        if (left, top, right, bottom) == (0, 0, 0, 0):
            continue
        if lines:
            _, upper, _, lower = lines[-1][-1]
            shared = min(bottom, lower) - max(top, upper)
            if shared >= min(bottom - top, lower - upper) / 2:
                lines[-1].append([left, top, right, bottom])
                continue
        lines.append([[left, top, right, bottom]])
    return [
        Rectangle(min(b[0] for b in line), min(b[1] for b in line), max(b[2] for b in line), max(b[3] for b in line))
        for line in lines
    ]


_side = st.integers(0, 30) | st.integers(0, WHOLE)
_box = st.tuples(_side, _side, _side, _side).map(
    lambda s: (min(s[0], s[2]), min(s[1], s[3]), max(s[0], s[2]), max(s[1], s[3]))
)


@given(st.lists(_box | st.just((0, 0, 0, 0)), max_size=30))
def test_the_rectangles_are_those_of_an_obvious_twin(rows) -> None:
    assert line_rectangles(boxed(*rows)) == obvious(boxed(*rows))


def test_characters_on_a_line_are_one_rectangle_and_the_next_line_is_another() -> None:
    found = line_rectangles(boxed((10, 100, 20, 120), (0, 0, 0, 0), (22, 95, 30, 121), (5, 122, 12, 142)))
    assert found == [Rectangle(10, 95, 30, 121), Rectangle(5, 122, 12, 142)]


def test_nothing_boxed_is_no_rectangle() -> None:
    assert line_rectangles(boxed((0, 0, 0, 0))) == []
    assert line_rectangles(boxed()) == []


TEXT = "The lamp.\nOil burns.\n"


def source(rows: dict[int, tuple[int, int, int, int]] | None = None, pages: tuple[int, ...] = (0, 10)) -> Source:
    """Two pages; each letter that is not of `rows` stands in a box of a tenth, the n-th line of its page."""
    boxes = np.zeros((len(TEXT), 4), np.uint16)
    for at, char in enumerate(TEXT):
        if not char.isspace():
            boxes[at] = (rows or {}).get(at, (6554, 13107, 13107, 19661))
    return Source("a.pdf", TEXT, "0" * 64, line_starts(TEXT), pages, (), pack(boxes))


def test_a_mark_stands_on_its_page_in_percent() -> None:
    (leaf,) = leaves(source(), [Mark(10, 20, "quote", "cite-0-1")])
    assert (leaf.number, leaf.unsure) == (2, [])
    (box,) = leaf.boxes
    assert (box.kind, box.of, box.words) == ("quote", "cite-0-1", "Oil burns.")
    assert (box.left, box.top, box.width, box.height) == pytest.approx((10, 20, 10, 10), abs=0.01)


def test_a_mark_over_two_pages_is_boxed_on_both_and_its_words_are_told_once() -> None:
    found = leaves(source(), [Mark(4, 13, "quote", "cite-0-1")])
    assert [(leaf.number, len(leaf.boxes)) for leaf in found] == [(1, 1), (2, 1)]
    assert [leaf.boxes[0].words for leaf in found] == ["lamp.\nOil", ""]


def test_a_mark_that_ends_with_its_page_is_not_on_the_next() -> None:
    assert [leaf.number for leaf in leaves(source(), [Mark(0, 10, "quote")])] == [1]


def test_a_mark_whose_letters_mostly_have_no_box_is_not_boxed() -> None:
    lost = dict.fromkeys((12, 14), (0, 0, 0, 0))
    (leaf,) = leaves(source(lost), [Mark(10, 20, "quote", "cite-0-1"), Mark(10, 12, "answer")])
    assert leaf.unsure == ["cite-0-1"]
    assert [box.kind for box in leaf.boxes] == ["answer"]


def test_a_source_without_boxes_tells_the_page_alone() -> None:
    bare = Source("a.pdf", TEXT, "0" * 64, line_starts(TEXT), (0, 10))
    (leaf,) = leaves(bare, [Mark(10, 20, "quote", "cite-0-1"), Mark(12, 14, "answer")])
    assert (leaf.number, leaf.boxes, leaf.unsure) == (2, [], ["cite-0-1"])


def test_boxes_of_another_text_are_none() -> None:
    wrong = Source("a.pdf", TEXT, "0" * 64, line_starts(TEXT), (0, 10), (), pack(np.ones((3, 4), np.uint16)))
    (leaf,) = leaves(wrong, [Mark(10, 20, "quote", "cite-0-1")])
    assert leaf.unsure == ["cite-0-1"]
