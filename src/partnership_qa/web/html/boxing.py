"""Where marked words stand on the pages of a source, as rectangles in percent of the page."""

from __future__ import annotations

import bisect
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ...sources.boxes import WHOLE, unpack

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from ...index import Source
    from .marks import Mark

# A mark is boxed where this share of its letters has a box; a gap in the rest would make it point at other words.
MIN_BOXED = 0.9


class Rectangle(NamedTuple):
    """A part of a page, in 65,535ths of its width and height from its upper left corner."""

    left: int
    top: int
    right: int
    bottom: int


class Box(NamedTuple):
    """A line of marked words on a page, in percent of the page.

    Attributes:
        kind: class of the mark.
        of: name of the mark; empty where it has none.
        words: of the mark, on its first line; empty on the others.
        left, top, width, height: where it stands.

    """

    kind: str
    of: str
    words: str
    left: float
    top: float
    width: float
    height: float


class Leaf(NamedTuple):
    """A page with marks.

    Attributes:
        number: from 1.
        boxes: where the marks stand.
        unsure: names of marks on it that are not boxed, as it is not known where they stand.

    """

    number: int
    boxes: list[Box]
    unsure: list[str]


def line_rectangles(boxes: NDArray[np.uint16]) -> list[Rectangle]:
    """One rectangle a line around the boxes of characters that follow each other.

    A character stands on the line of the one before it where their heights overlap by at least half of the lower one's
    height. Characters without a box (four zeros) are passed over.

    Args:
        boxes: shape (characters, 4), as `sources.boxes` has them.

    """
    inked = boxes[boxes.any(axis=1)].astype(np.int64)
    if not len(inked):
        return []
    top, bottom = inked[:, 1], inked[:, 3]
    overlap = np.minimum(bottom[1:], bottom[:-1]) - np.maximum(top[1:], top[:-1])
    height = np.minimum(bottom[1:] - top[1:], bottom[:-1] - top[:-1])
    starts = np.concatenate(([0], np.flatnonzero(2 * overlap < height) + 1))
    least = np.minimum.reduceat(inked[:, :2], starts)
    most = np.maximum.reduceat(inked[:, 2:], starts)
    return [Rectangle(*map(int, sides)) for sides in np.concatenate((least, most), axis=1)]


@lru_cache(maxsize=4)
def _boxes(source: Source) -> NDArray[np.uint16] | None:
    """The boxes of a source's characters; `None` where it has none, or they are not those of its text."""
    if not source.boxes:
        return None
    try:
        return unpack(source.boxes, len(source.text))
    except ValueError:
        return None


def leaves(source: Source, marks: Iterable[Mark]) -> list[Leaf]:
    """The pages of a source on which marks stand, ascending.

    Each mark is boxed on all its pages, or on none where too few of its letters have a box.
    """
    boxes = _boxes(source)
    found: dict[int, Leaf] = {}
    for mark in marks:
        parts = list(_parts(source, mark))
        sure = boxes is not None and _share_boxed(source, boxes, mark) >= MIN_BOXED
        words = source.text[mark.start : mark.end] if mark.anchor else ""
        for page, start, end in parts:
            leaf = found.setdefault(page, Leaf(page, [], []))
            if boxes is None or not sure:
                if mark.anchor:
                    leaf.unsure.append(mark.anchor)
                continue
            for rectangle in line_rectangles(boxes[start:end]):
                leaf.boxes.append(_percent(rectangle, mark, words))
                words = ""
    return [found[number] for number in sorted(found)]


def _parts(source: Source, mark: Mark) -> Iterable[tuple[int, int, int]]:
    """Page by page, which characters of a mark stand on it; pages with nothing but white space are left out."""
    first = bisect.bisect_right(source.pages, mark.start)
    ends = [page for page in source.pages[first:] if page < mark.end]
    for number, (start, end) in enumerate(pairwise([mark.start, *ends, mark.end]), first):
        if source.text[start:end].strip():
            yield number, start, end


def _share_boxed(source: Source, boxes: NDArray[np.uint16], mark: Mark) -> float:
    """Which share of the letters of a mark has a box."""
    letters = np.array([not char.isspace() for char in source.text[mark.start : mark.end]], dtype=bool)
    boxed = boxes[mark.start : mark.end].any(axis=1) & letters
    return float(boxed.sum() / letters.sum()) if letters.any() else 0.0


def _percent(rectangle: Rectangle, mark: Mark, words: str) -> Box:
    left, top, right, bottom = (100 * side / WHOLE for side in rectangle)
    return Box(mark.kind, mark.anchor, words, left, top, right - left, bottom - top)
